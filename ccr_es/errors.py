"""What can go wrong in this layer, each with a stable number: the one list of them.

A number is never reused. `exit_code` is 1 for refused, 2 for a usage error, 4 for input that cannot
be used. An error is one line: what happened and where, then what to do next. Imports nothing of the
project.
"""

from __future__ import annotations

REFUSED, USAGE, UNUSABLE = 1, 2, 4


class CcrError(Exception):
    """An error that a user can cause. `message` says what and where, `hint` what to do next."""

    code = ""
    exit_code = UNUSABLE

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(f"{message}. {hint}." if hint else f"{message}.")
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        """As it was said: errors come from other processes, too."""
        return type(self), (self.message, self.hint)


class StoreMissing(CcrError):
    """There is no store at this path.

    Create a cluster, or name the store with --store or CCR_STORE.
    """

    code = "CCR101"


class StoreNotOurs(CcrError):
    """The file is not a ccr store: a directory, another program's file, or another database.

    It was left as it was.
    """

    code = "CCR102"


class StoreLocked(CcrError):
    """Another process kept the store locked for longer than the busy timeout.

    Nothing was written; try again.
    """

    code = "CCR103"


class StoreReadOnly(CcrError):
    """The store or its directory may not be written by this user.

    Reading commands work; writing ones do not.
    """

    code = "CCR104"


class DiskFull(CcrError):
    """There was no room to write.

    The events of the failed transaction were not saved; those before it were.
    """

    code = "CCR105"


class StoreVersion(CcrError):
    """The store was written by another version of its file format."""

    code = "CCR106"


class StoreDamaged(CcrError):
    """The file is a ccr store, but truncated or malformed.

    Restore it from a copy, or import an exported log.
    """

    code = "CCR107"


class StoreFailed(CcrError):
    """The operating system or SQLite refused an operation on the store, for a reason given in the
    message.
    """

    code = "CCR108"


class ServerUnreachable(CcrError):
    """The PostgreSQL server of the store cannot be reached, or refused the connection.

    Nothing was written; check the URL, the server and the user's rights.
    """

    code = "CCR109"


class ClusterUnknown(CcrError):
    """The store has no cluster of this name."""

    code = "CCR110"
    exit_code = USAGE


class ClusterNotNamed(CcrError):
    """The store has several clusters, or none: name the one that is meant with --cluster or
    CCR_CLUSTER.
    """

    code = "CCR111"
    exit_code = USAGE


class ClusterExists(CcrError):
    """The store already has a cluster of this name. Nothing was written."""

    code = "CCR112"
    exit_code = REFUSED


class UnknownRule(CcrError):
    """The model has no rule or event of this name or number."""

    code = "CCR121"
    exit_code = USAGE


class BadArgument(CcrError):
    """A rule was given an argument that it does not have, lacks one, or was given a value of the
    wrong kind.
    """

    code = "CCR122"
    exit_code = USAGE


class Conflict(CcrError):
    """The cluster's stream moved while a step was decided.

    A command decides again; nothing was written.
    """

    code = "CCR123"
    exit_code = REFUSED


class ConflictPersists(CcrError):
    """Other writers changed the cluster before each of a bounded number of attempts.

    Nothing was written; try again.
    """

    code = "CCR124"
    exit_code = REFUSED


class PointMalformed(CcrError):
    """A point in time is an event number, an RFC 3339 time, an age like -5m, a cluster time like
    90s, or Event~n.
    """

    code = "CCR130"
    exit_code = USAGE


class PointNotFound(CcrError):
    """The log has no such point: no event of that number or name, or a time before the cluster was
    created.
    """

    code = "CCR131"
    exit_code = USAGE


class ChainBroken(CcrError):
    """A recorded event was changed after it was written, removed, or put in from elsewhere: its
    hash does not fit.
    """

    code = "CCR140"


class LogTruncated(CcrError):
    """The log ends before the head that is on record: events are missing at its end."""

    code = "CCR141"


class ForeignSchema(CcrError):
    """An event was written in a newer schema version than this program reads.

    Use a newer version of ccr.
    """

    code = "CCR142"


class UnknownEvent(CcrError):
    """An event of a kind that the model of its fingerprint does not have."""

    code = "CCR143"


class ModelMissing(CcrError):
    """The log has events of a model that the store does not keep."""

    code = "CCR144"


class ModelUnreadable(CcrError):
    """A kept model cannot be read back, or is not the model of its fingerprint."""

    code = "CCR145"


class EventMalformed(CcrError):
    """A recorded event cannot be decoded."""

    code = "CCR146"


class ModelMismatch(CcrError):
    """The cluster's state does not fit the model: a field lacks the value, or the instance lacks
    the members, it needs.
    """

    code = "CCR147"


class LineMalformed(CcrError):
    """A line of an event file is not a CloudEvents object that `ccr log export` writes.

    Nothing was imported.
    """

    code = "CCR150"


class FileUnreadable(CcrError):
    """A file named on the command line cannot be opened or read."""

    code = "CCR151"


class BadConfig(CcrError):
    """The description of a cluster is not valid. Nothing was created."""

    code = "CCR160"
    exit_code = USAGE


class RecordMalformed(CcrError):
    """A line of another system's record is not what its mapping reads.

    The message names the line and the field.
    """

    code = "CCR170"


class RecordContradicts(CcrError):
    """A record, or an assumption about its clocks, contradicts what the record itself shows.

    The lines are named.
    """

    code = "CCR171"


class BadLead(CcrError):
    """An assumed lead is of a party that the record does not have, or no number of seconds."""

    code = "CCR172"
    exit_code = USAGE
