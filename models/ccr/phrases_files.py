"""Phrases of backup and truncation: which copy a backup reads, from which generation on, and
whether it still runs.

Each is a term over the state; none is behaviour of its own. Sits above `phrases`.
"""

from __future__ import annotations

from typing import Any

from models.language.terms import Term, all_of, any_of, if_else, peer

from .phrases import mounted, replicates, same_stream, source_answers
from .vocabulary_files import Backup, Kind


def passive_ready(s: Any, n: Term, g: Term) -> Term:
    """The other node's copy answers, replicates (neither failed, suspended nor being seeded), and
    follows the stream of the copy on `n`.
    """
    return all_of(source_answers(s, n), replicates(s, peer(n), g), same_stream(s, n, g))


def readable(s: Any, n: Term, g: Term, of: Term) -> Term:
    """The store on `n` can back up the copy on `of`: its own, or the healthy passive one."""
    return any_of(of == n, passive_ready(s, n, g))


def backing_up(s: Any, n: Term, g: Term) -> Term:
    """The store on `n` runs a backup that it can still record: mounted since it began."""
    copy = s.copy[n, g]
    running = all_of(copy.backup == Backup.RUNNING, copy.backup_run == s.node[n].run)
    return all_of(running, mounted(s, n, g))


def backup_after(copy: Any, kind: Term, upto: Term) -> Term:
    """The generation after which a backup takes logs: the newest backed up (incremental), the last
    full backup (differential), or none (full and copy: the database has them).
    """
    logs = if_else(kind == Kind.DIFFERENTIAL, copy.full, upto)
    return if_else(kind == Kind.INCREMENTAL, copy.backed, logs)


def truncating(kind: Term) -> Term:
    """A full or incremental backup changes the header, so that logs may be deleted."""
    return any_of(kind == Kind.FULL, kind == Kind.INCREMENTAL)
