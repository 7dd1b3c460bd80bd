"""When each log of a stream was closed at its source: the time in the log's own header, which a
copy of it keeps.

Found by walking the source's events backwards from its newest log, over each fork to the node that
closed what is older. Sits above `session`.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping

from ccr_es.record.events import Event
from ccr_es.state.fold import Fold
from cli.session.session import Session
from models.plain.layout import State

_ONE = frozenset({"close_full_log", "roll_idle_log"})
"""Rules that close one log."""
_LAST = frozenset({"close_last_log", "recover_old_stream"})
"""Rules that close one if there is one open."""
_FORKS = frozenset(
    {"mount_lossless", "mount_lossy", "mount_forced", "mount_overdue", "mount_restored"}
)
_CHUNK = 24


def closed_at(session: Session, wanted: Mapping[str, Iterable[int]]) -> dict[str, dict[int, int]]:
    """For each storage group, generation to the ms at which it was closed, for those `wanted` that
    were closed at all.

    The groups' walks go side by side, so that a state in which several look is made once.
    """
    found: dict[str, dict[int, int]] = {g: {} for g in wanted}
    walks = [
        _walk(session, g, {x for x in asked if x > 0}, found[g]) for g, asked in wanted.items()
    ]
    waiting = [(number, i) for i, walk in enumerate(walks) if (number := next(walk, None))]
    while waiting:
        waiting.sort()
        folds = session.cluster.folds_at(number for number, _ in waiting)
        asked, waiting = [i for _, i in waiting], []
        for i, fold in zip(asked, folds, strict=True):
            try:
                waiting.append((walks[i].send(fold), i))
            except StopIteration:
                continue
    return found


Walk = Generator[int, Fold, None]
"""Asks for the fold after an event, which goes on once the next one is asked for."""


def _walk(session: Session, group: str, asked: set[int], found: dict[int, int]) -> Walk:
    """Note when logs were closed, from the newest log back to the oldest that is asked for."""
    node = session.lens.source(session.state, group)
    left = shared = int(session.state[f"copy.{node}.{group}.top"])
    oldest, row = min(asked, default=left + 1), f"copy.{node}.{group}"
    events = _backwards(session, row, session.fold.versions.get(row, 0))
    while left >= oldest and (event := next(events, None)) is not None:
        closes = event.rule in _ONE
        if event.rule in _FORKS:
            before = yield event.number - 1
            node, left, shared = _across(session, before.state, node, group)
            row = f"copy.{node}.{group}"
            events = _backwards(session, row, before.versions.get(row, 0))
        elif event.rule in _LAST:
            before = yield event.number - 1
            closes = int(before.state[f"{row}.open_records"]) > 0
        if closes:
            if left in asked and left <= shared:
                found.setdefault(left, event.time)
            left -= 1


def _across(session: Session, before: State, node: str, group: str) -> tuple[str, int, int]:
    """Where the older part of a stream was written that `node` forked: the node, its newest log
    then, and the last log that both share.
    """
    here = f"copy.{node}.{group}"
    shared = int(before[f"{here}.top"])
    writer = node if before[f"{here}.state"] == "ACTIVE" else session.lens.peer(node)
    return writer, int(before[f"copy.{writer}.{group}.top"]), shared


def _backwards(session: Session, row: str, version: int) -> Iterator[Event[object]]:
    """The events of an aggregate up to one of its versions, newest first."""
    while version > 0:
        first = max(1, version - _CHUNK + 1)
        yield from (r.event for r in reversed(session.cluster.of_row(row, first, version)))
        version = first - 1
