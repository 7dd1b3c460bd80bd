"""What `ccr history` does: the passages of a record, one a line. Sits above `passages`."""

from __future__ import annotations

from typing import Any

from cli.frame.output import answer, clock, document, duration, table
from cli.frame.rows import csv_rows
from cli.history.looking import chronicle
from cli.history.passages import Passage, passages
from cli.mail.losing import failovers
from cli.session.session import reading

COLUMNS = (
    "number", "kind", "from", "to", "time", "cause_event", "cause", "actor", "reason", "detected",
    "decided", "mounted", "first_write", "outage", "lost_logs", "loss_exact", "mail_redelivered",
    "mail_waiting", "mail_lost", "event",
)  # fmt: skip


def tell_history(as_of: str | None, as_json: bool, as_csv: bool) -> None:
    """`ccr history`."""
    with reading(as_of) as session:
        found = passages(chronicle(session), session.lens.nodes)
        mounts = failovers(session, None)
        name, number = session.cluster.name, session.fold.number
    if as_json:
        rows = [_json(i, p, mounts) for i, p in enumerate(found, 1)]
        document("history", {"cluster": name, "event": number, "passages": rows})
    elif as_csv:
        csv_rows(COLUMNS, (_csv(i, p, mounts) for i, p in enumerate(found, 1)))
    elif found:
        _text(found, mounts)
    else:
        answer("no failover, no move, no interruption")


def _text(found: list[Passage], mounts: list[dict[str, Any]]) -> None:
    table(
        ("no", "kind", "from", "to", "detected", "decided", "mounted", "written", "out", "lost"),
        [
            (
                i, p.kind, p.source, p.target or "nobody", _after(p.detected), _after(p.decided),
                _after(p.mounted), _after(p.written), _after(p.outage).lstrip("+"),
                " ".join(f"{loss.group}:{loss.words}" for loss in p.lost),
            )
            for i, p in enumerate(found, 1)
        ],
    )  # fmt: skip
    answer()
    for i, p in enumerate(found, 1):
        reason = f': "{p.cause.reason}"' if p.cause.reason else ""
        said = f"event {p.cause.number} {p.cause.event} on {p.cause.row}, by {p.actor}{reason}"
        answer(f"{i}  {clock(p.cause.time)}  {said}")
        mail = {word: count for word, count in _mail(p, mounts).items() if count}
        if mail:
            told = ", ".join(f"{count} {word}" for word, count in mail.items())
            answer(f"   messages left behind: {told}; see `ccr loss`")


def _after(ms: int | None) -> str:
    return "" if ms is None else f"+{duration(ms)}"


def _mail(p: Passage, mounts: list[dict[str, Any]]) -> dict[str, int]:
    """Messages that the passage left behind, by what became of them: redelivered, waiting, lost."""
    mine = [
        m["messages"]
        for m in mounts
        if m["node"] == p.target and p.cause.number <= m["event"] <= p.ended
    ]
    return {word: sum(m[word] for m in mine) for word in ("redelivered", "waiting", "lost")}


def _json(number: int, p: Passage, mounts: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "number": number,
        "kind": p.kind,
        "from": p.source,
        "to": p.target,
        "time": p.cause.time,
        "cause": {"event": p.cause.number, "name": p.cause.event, "row": p.cause.row},
        "actor": p.actor,
        "reason": p.cause.reason,
        "detected": p.detected,
        "decided": p.decided,
        "mounted": p.mounted,
        "first_write": p.written,
        "outage": p.outage,
        "lost": [
            {"group": x.group, "logs": x.logs, "records": x.records, "exact": x.exact}
            for x in p.lost
        ],
        "mail": _mail(p, mounts),
        "phases": dict(p.phases),
        "event": p.ended,
    }


def _csv(number: int, p: Passage, mounts: list[dict[str, Any]]) -> dict[str, Any]:
    found = _json(number, p, mounts)
    return {
        **found,
        "cause_event": p.cause.number,
        **{f"mail_{word}": count for word, count in found["mail"].items()},
        "cause": p.cause.event,
        "lost_logs": sum(x.logs for x in p.lost) if p.lost else None,
        "loss_exact": all(x.exact for x in p.lost) if p.lost else None,
    }
