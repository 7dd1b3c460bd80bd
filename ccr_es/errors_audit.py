"""What can go wrong with seals, partial records and kept states, numbered on from the list in
`errors`.

Imports nothing of the project but `errors`.
"""

from __future__ import annotations

from .errors import USAGE, CcrError


class KeyUnusable(CcrError):
    """A file or CCR_SEAL_KEY does not hold the Ed25519 key that is needed, or there is none.

    `ccr log key FILE` makes a pair: FILE signs, FILE.pub checks.
    """

    code = "CCR220"


class SealMalformed(CcrError):
    """A file is not a seal as `ccr log seal` writes it."""

    code = "CCR221"


class SealForged(CcrError):
    """A seal was not made with this key, or was changed since. It proves nothing about the log."""

    code = "CCR222"


class SealForeign(CcrError):
    """A seal is of another cluster than the log it is held against."""

    code = "CCR223"


class PartialMalformed(CcrError):
    """A line of a partial record is not an event of the model, or does not say what it must.

    Its first line is the cluster's creation, with the model, as `ccr log export` writes it; of the
    others any argument, number or time may be missing, but not the kind of the event.
    """

    code = "CCR224"


class BadQuestion(CcrError):
    """A question about a record names no fact of the model.

    Write FIELD=VALUE, as in node.A.cms=ONLINE.
    """

    code = "CCR225"
    exit_code = USAGE


class PartsConflict(CcrError):
    """Logs that are said to be parts of one cluster's record are of different clusters."""

    code = "CCR226"


class PartsUnnumbered(CcrError):
    """A part of a log has no event with a number, so it cannot be put together with others into the
    log that they were taken of: the numbers are the order, and the bytes without one have another
    hash than the one on record.

    `ccr log export --node` keeps the numbers; without them, `--partial` judges the parts of a
    record by every order that the rules and the clocks allow.
    """

    code = "CCR243"


class PartsTooLong(CcrError):
    """Parts of a record whose lines have no numbers are held in memory, all of them at once, since
    any order of their lines may have been: that is done for a bounded number of lines.
    """

    code = "CCR244"


class PartsUntimed(CcrError):
    """Parts of a record without numbers, and in none of them how time passed. What the parts have
    in common is the time: each stamps its lines by a clock of its own, which may be wrong, and only
    the events in which time passes say which of them were at the same time.
    """

    code = "CCR245"


class PartsApart(CcrError):
    """Parts that are to be put together are not of one record: they begin with another creation, or
    one of them does not say what it has completely.
    """

    code = "CCR246"


class KeptStateUnfit(CcrError):
    """A kept state is damaged, was changed, belongs to another event, or is of an older format.

    Nothing rests on it: an older one was used, or the log was read from its start. `ccr audit` says
    whether the events hold; `ccr store checkpoint` reads them and keeps the states anew.
    """

    code = "CCR260"


class Undeclared(CcrError):
    """Nobody says which kinds of event a partial record has completely, so nothing could be
    concluded from what is not in it.

    Say it by options, or in the record: on its first line, the attribute ccrnotlogged,
    ccrcomplete or ccrparties, as `ccr log export --node` and `--without` write it.
    """

    code = "CCR242"
    exit_code = USAGE


class NothingToResume(CcrError):
    """No audit of this log was interrupted, or none that can be gone on with: how far it came is
    kept in .ccr/audit beside the store or the (first) file, for the same files and options.
    """

    code = "CCR250"


class ProgressForged(CcrError):
    """The file that says how far an audit came was not written by this user's ccr, or was changed.

    Nothing of it is believed. It is made with a key in ~/.local/state/ccr (or XDG_STATE_HOME).
    """

    code = "CCR251"


class ProgressStale(CcrError):
    """An interrupted audit cannot be resumed: the log, what it keeps, the model, the sealed head or
    the program is another one since.
    """

    code = "CCR252"
