"""What can go wrong in the command line itself, numbered on from the engine's list.

A number is never reused. Sits beside `messages`, which lists these with the others.
"""

from __future__ import annotations

from ccr_es.errors import REFUSED, USAGE, CcrError


class Interrupted(KeyboardInterrupt):
    """Somebody interrupted a command that has more to say of it than that."""


class StepRefused(CcrError):
    """A rule's guards do not all hold, so the step was not taken and nothing was written.

    Each false guard is printed with the facts against it, the event that set each fact, and a
    command that would make it hold. `ccr explain RULE` shows all guards of the rule.
    """

    code = "CCR120"
    exit_code = REFUSED

    def __init__(self, message: str, details: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.details = details


class NotFinished(CcrError):
    """A command waited for an end that did not come within its patience.

    What happened meanwhile is recorded. `ccr cluster show` says where things stand; `ccr wait` lets
    more time pass.
    """

    code = "CCR125"
    exit_code = REFUSED


class BadPair(CcrError):
    """An argument of a rule is written KEY=VALUE: n=A, w=LAN, records=10, stopped=true."""

    code = "CCR133"
    exit_code = USAGE


class NothingToExplain(CcrError):
    """`ccr explain` knows rules, events, properties, message codes and files; this is none of
    them.
    """

    code = "CCR134"
    exit_code = USAGE


class UnknownProperty(CcrError):
    """The model has no property of this number or name. `ccr verify --list` lists them."""

    code = "CCR135"
    exit_code = USAGE


class UnknownMember(CcrError):
    """The cluster has no node, network or storage group of this name."""

    code = "CCR136"
    exit_code = USAGE


class RunMalformed(CcrError):
    """A file does not hold a run that `ccr verify --save` writes, or not one of this model."""

    code = "CCR153"


class FileExists(CcrError):
    """A file that would be written is there already; it was left as it was."""

    code = "CCR152"
    exit_code = REFUSED


class CircularLoggingRefused(CcrError):
    """Circular logging reuses the oldest log file, needed or not. With continuous replication a log
    is what the passive copy is made from, so it is deleted only once that has it and a backup holds
    it. `ccr backup status` says what keeps the logs.
    """

    code = "CCR185"
    exit_code = REFUSED


class NetworkNotUsable(CcrError):
    """None of the networks named for a seed carries data between the nodes. `ccr cluster show`
    lists the networks.
    """

    code = "CCR137"
    exit_code = REFUSED


class ModelFileBroken(CcrError):
    """A model file (`--model`) cannot be run: it cannot be read, is not Python, imports what is not
    there, or says something that the language of models refuses. The line that led to it is named.

    CONTRIBUTING.md describes the language; `specs/examples` has model files that work. A model file
    may import `models`, `specs.catalogue` and the standard library, not its neighbours.
    """

    code = "CCR210"


class OtherModel(CcrError):
    """A simulation is repeated under another model than the one it was made with: its rules have
    another fingerprint, so the same seed gives other runs.

    Take the model of that day (`--model`, or an older release), or leave `--fingerprint` out.
    """

    code = "CCR212"


class UnknownForm(CcrError):
    """The form in which a run is written is told by the end of the file's name: .ndjson, .itf.json,
    .svg, .txt, .md or .py.
    """

    code = "CCR213"
    exit_code = USAGE


class HistoryOfOtherRules(CcrError):
    """`ccr foresee` goes on from a recorded history, which must be a run of the rules it goes on
    with; an event of this one is refused by them.

    `ccr audit --today` says which and why. An older state may do: `--as-of`.
    """

    code = "CCR214"


class NoModelInFile(CcrError):
    """A model file (`--model`) runs, but what it defines is no model: `MODEL` is to be a `Model`
    and `INSTANCE`, if there is one, an `Instance`.
    """

    code = "CCR211"


class NoSuchSite(CcrError):
    """The cluster has no site of this name, or no line between these two. `ccr site show` lists
    them; `ccr site set` says what stands where.
    """

    code = "CCR195"
    exit_code = USAGE


class BadFact(CcrError):
    """What was described is no fact about a cluster's surroundings, or not a value of it.

    `ccr cluster describe` lists the facts. Both nodes and the witness host have a site, or none.
    """

    code = "CCR196"
    exit_code = USAGE


class WayNotPossible(CcrError):
    """A standby copy cannot be activated in this way on this server.

    Database portability needs a mailbox server of its own; Setup /RecoverCMS a standby cluster and
    a clustered source; Setup /m:RecoverServer a source that is not clustered.
    """

    code = "CCR180"
    exit_code = REFUSED


class NotEnabled(CcrError):
    """There is no such standby copy or storage group of a server, or it cannot be had so.

    `ccr standby status` and `ccr lcr status` list those that there are.
    """

    code = "CCR181"
    exit_code = REFUSED


class SolverMissing(CcrError):
    """A second opinion on a proof needs another solver, one that reads SMT-LIB.

    Debian's packages have two: `apt-get install cvc5` or `apt-get install z3`; `--solver PATH`
    names any other.
    """

    code = "CCR200"


class CertificateUnreadable(CcrError):
    """The certificate of a proof is not there, or its manifest cannot be read.

    A script of it that was changed is another matter: what it proved is then unknown.
    """

    code = "CCR201"


class BadSweep(CcrError):
    """A sweep is PARAMETER=FROM..TO, with /STEP if not every unit is wanted: head_start=0..12.

    A time is in seconds, or in the unit that is written: head_start=7s..9s/500ms.
    """

    code = "CCR202"
    exit_code = USAGE


class QueueUnreadable(CcrError):
    """The folder is no work queue that `ccr verify --emit` wrote, or it is one of another question.

    Collect with the rules, properties and options with which it was emitted. Answers that are not
    there are no error: what they would have said is unknown.
    """

    code = "CCR203"


class QueueInTheWay(CcrError):
    """The folder for a work queue has something in it already; it was left as it was."""

    code = "CCR204"
    exit_code = REFUSED


class PageInTheWay(CcrError):
    """`--html` writes over a page that it wrote itself, and over no other file; this one was left
    as it was.
    """

    code = "CCR240"
    exit_code = REFUSED


class StatesNotAlike(CcrError):
    """In a trace in ITF every state has the same variables; this log goes on under a model with
    other records. Nothing was written.
    """

    code = "CCR241"
