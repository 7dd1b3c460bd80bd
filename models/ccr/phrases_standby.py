"""Phrases of standby continuous replication: which node a target follows, and what each target
leaves to be deleted.

Each is a term over the state; none is behaviour of its own. Sits above `phrases`.
"""

from __future__ import annotations

from typing import Any

from models.language.terms import Term, all_of, any_of, if_else, one_of, smaller

from .phrases import alive
from .vocabulary import Copy
from .vocabulary_lcr import Base
from .vocabulary_standby import Standby


def reaches(s: Any, t: Term, n: Term) -> Term:
    """The log share on `n` answers the target `t`, and the target answers `n`."""
    return all_of(s.target[t].up, s.target[t].reach[n], alive(s, n))


def sources(s: Any, t: Term, n: Term, g: Term) -> Term:
    """The copy on `n` answers `t`, and is the active one as far as it knows."""
    return all_of(reaches(s, t, n), s.copy[n, g].state == Copy.ACTIVE)


def one_stream(s: Any, t: Term, n: Term, g: Term) -> Term:
    """What the target holds and the copy on `n` are of one lineage."""
    mine, theirs = s.standby[t, g], s.copy[n, g]
    return all_of(mine.lineage == theirs.lineage, mine.lineage_by == theirs.lineage_by)


def forked_off(s: Any, t: Term, n: Term, g: Term) -> Term:
    """The stream on `n` forked from the one that the target follows."""
    mine, theirs = s.standby[t, g], s.copy[n, g]
    return all_of(theirs.parent == mine.lineage, theirs.parent_by == mine.lineage_by)


def in_common(s: Any, t: Term, n: Term, g: Term) -> Term:
    """The newest generation that the target has inspected and the stream on `n` has too."""
    mine, theirs = s.standby[t, g], s.copy[n, g]
    return if_else(one_stream(s, t, n, g), mine.top, smaller(mine.top, theirs.fork))


def may_follow(s: Any, t: Term, n: Term, g: Term) -> Term:
    """What the target replayed is in the stream on `n`: it follows none yet, and has nothing; or
    the stream is its own, or forked from it at or after the newest log that it replayed.
    """
    mine, theirs = s.standby[t, g], s.copy[n, g]
    own = all_of(one_stream(s, t, n, g), mine.top <= theirs.top)
    forked = all_of(forked_off(s, t, n, g), mine.replayed <= theirs.fork)
    return any_of(mine.lineage == 0, own, forked)


def spared(s: Any, t: Term, n: Term, g: Term, generation: Term) -> Term:
    """The target `t` does not need the logs on `n` up to a generation: it is not enabled, or is
    activated, or answers that it has inspected them.
    """
    mine = s.standby[t, g]
    return _spared(mine, all_of(reaches(s, t, n), one_stream(s, t, n, g)), generation)


def _spared(mine: Any, follows: Term, generation: Term) -> Term:
    inspected = all_of(follows, mine.state == Standby.HEALTHY, generation <= mine.top)
    return any_of(one_of(mine.state, Standby.OFF, Standby.RESTORED, Standby.ACTIVE), inspected)


def server_answers(s: Any, t: Term, v: Term, h: Term) -> Term:
    """The server answers the target `t`, and the live disks of its storage group can be read."""
    here = one_of(s.local[v, h].base, Base.MOUNTED, Base.DISMOUNTED)
    return all_of(s.line[t, v].whole, s.server[v].installed, s.server[v].up, here)


def server_stream(s: Any, t: Term, v: Term, h: Term) -> Term:
    """What the target holds and the server's storage group are of one lineage."""
    same: Term = s.remote[t, v, h].lineage == s.local[v, h].lineage
    return same


def answers_server(s: Any, t: Term, v: Term) -> Term:
    """The target `t` answers the server."""
    return all_of(s.target[t].up, s.line[t, v].whole)


def spared_remote(s: Any, t: Term, v: Term, h: Term, generation: Term) -> Term:
    """The target `t` does not need the server's logs up to a generation."""
    there = all_of(answers_server(s, t, v), server_stream(s, t, v, h))
    return _spared(s.remote[t, v, h], there, generation)
