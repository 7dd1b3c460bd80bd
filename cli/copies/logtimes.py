"""When each log of a stream was closed at its source: the time in the log's own header, which a
copy of it keeps.

Found by walking the source's events backwards from its newest log, over each fork to the node that
closed what is older. Sits above `session`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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


def closed_at(session: Session, group: str, wanted: Iterable[int]) -> dict[int, int]:
    """Generation to the ms at which it was closed, for those `wanted` that were closed at all."""
    asked = {g for g in wanted if g > 0}
    found: dict[int, int] = {}
    if not asked:
        return found
    oldest = min(asked)
    for generation, time in _closings(session, group):
        found.setdefault(generation, time)
        if generation <= oldest:
            break
    return {g: found[g] for g in asked if g in found}


def _closings(session: Session, group: str) -> Iterator[tuple[int, int]]:
    """Every log of the present stream with its time, newest first."""
    node = session.lens.source(session.state, group)
    fold: Fold | None = session.fold
    left, shared = int(session.state[f"copy.{node}.{group}.top"]), None
    while fold is not None:
        row, upto, fold = f"copy.{node}.{group}", fold.versions, None
        for event in _backwards(session, row, upto.get(row, 0)):
            if event.rule in _FORKS:
                fold = session.cluster.at(str(event.number - 1))
                node, left, shared = _across(session, fold.state, node, group)
                break
            if event.rule in _ONE or (event.rule in _LAST and _closed(session, event)):
                if shared is None or left <= shared:
                    yield left, event.time
                left -= 1


def _across(session: Session, before: State, node: str, group: str) -> tuple[str, int, int]:
    """Where the older part of a stream was written that `node` forked: the node, its newest log
    then, and the last log that both share.
    """
    here = f"copy.{node}.{group}"
    shared = int(before[f"{here}.top"])
    writer = node if before[f"{here}.state"] == "ACTIVE" else session.lens.peer(node)
    return writer, int(before[f"copy.{writer}.{group}.top"]), shared


def _closed(session: Session, event: Event[object]) -> bool:
    """Whether something was open that this event closed."""
    before = session.cluster.state(event.number - 1)
    return int(before[f"{event.row}.open_records"]) > 0


def _backwards(session: Session, row: str, version: int) -> Iterator[Event[object]]:
    """The events of an aggregate up to one of its versions, newest first."""
    while version > 0:
        first = max(1, version - _CHUNK + 1)
        yield from (r.event for r in reversed(session.cluster.of_row(row, first, version)))
        version = first - 1
