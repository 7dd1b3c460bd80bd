"""What `ccr cms timing` shows, and what an acting command says once a failover or move is over:
the cost that was recorded, and the one that is ahead.

A forecast lets it happen on a copy of the state, by the model's own driver. Sits above `session`
and `timing`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ccr_es.record.events import Recorded
from cli.cluster.timing import (
    FAILOVER,
    MOUNTS,
    MOVE,
    TARGETS,
    Activation,
    activations,
    of_event,
    of_fired,
)
from cli.frame.output import answer, document, duration, table
from cli.health.foresight import horizon
from cli.session.presets import release_of
from cli.session.session import Session, reading
from models.plain.driver import Refused
from models.plain.reader import Step

_FAULT = {FAILOVER: "fail_node", MOVE: "request_move"}


def ended_in(session: Session, recorded: Sequence[Recorded]) -> list[Activation]:
    """The failovers and moves that ended within `recorded`, which are the newest events."""
    if not any(r.event.rule in MOUNTS for r in recorded):
        return []
    first, last = recorded[0].event.number, recorded[-1].event.number
    found: list[Activation] = []
    for back in (1_000, 20_000, last):
        start = max(1, first - back)
        steps = [of_event(r.event) for r in session.cluster.events(start, last)]
        found = [a for a in activations(steps, session.lens.nodes) if a.ended.number >= first]
        if start == 1 or all(a.cause.cause is None for a in found):
            break
    return found


def forecast(session: Session, kind: str) -> Activation | None:
    """What a failover (the serving node fails) or a move would cost now; None if none would come,
    or if the move is refused.
    """
    host = next(iter(session.lens.serving(session.state)), None)
    if host is None:
        return None
    begin = Step(_FAULT[kind], {"n": host})
    stand = session.stand.light([begin])
    driver = stand.driver()
    driver.rewind(stand.state, stand.last)
    driver.wrote.update(session.fold.set_by)
    try:
        steps = [of_fired(f) for f in driver.fire(begin)]
    except Refused:
        return None
    patience = horizon(session.reader) + session.reader.layout.parameters["move_patience"]
    steps += [of_fired(f) for f in driver.waiting(patience)]
    found = list(activations(steps, session.lens.nodes))
    return found[0] if found else None


def show_timing(as_of: str | None, as_json: bool) -> None:
    """`ccr cms timing`."""
    from cli.history.looking import chronicle

    with reading(as_of) as session:
        found = chronicle(session)
        past = list(activations(found.steps, session.lens.nodes, found))
        ahead = {kind: forecast(session, kind) for kind in (FAILOVER, MOVE)}
        targets = TARGETS[release_of(session.reader.layout.parameters)]
    if as_json:
        now = {kind: _ahead(found, targets[kind]) for kind, found in ahead.items()}
        document("timing", {"activations": [a.json for a in past], "now": now})
        return
    table(
        ("event", "what", "from", "to", "took", "of which"),
        [(a.ended.number, a.kind, a.source, a.target, duration(a.took), a.words) for a in past],
    )
    answer()
    table(("now", "would take", "typically below", "of which"), _rows(ahead, targets))


def _ahead(found: Activation | None, target: int) -> dict[str, Any]:
    took = found.took if found else None
    phases = dict(found.phases) if found else {}
    return {"took": took, "phases": phases, "typically_below": target}


def _rows(ahead: dict[str, Activation | None], targets: Any) -> list[tuple[str, ...]]:
    return [
        (
            f"a {kind}",
            duration(found.took) if found else "-",
            duration(targets[kind]),
            found.words if found else "it would not come, or is refused",
        )
        for kind, found in ahead.items()
    ]
