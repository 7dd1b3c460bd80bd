"""What `ccr loss` shows. Built once, as the `--json` document; the text prints the same facts."""

from __future__ import annotations

from typing import Any

import click

from cli.copies.copystate import log_file
from cli.frame.output import answer, clock, document, strong, table
from cli.frame.rows import csv_rows
from cli.mail import mailviews
from cli.mail.ledger import Ledger, Mount, Written
from cli.mail.reckoning import ledger_of
from cli.session.session import Seen, Session, reading

_NOT_MAIL = {
    "draft": "never held by a hub: a draft in online mode",
    "property": "never held by a hub: an appointment, contact, task or property",
    "outgoing": "never held by a hub: outgoing, not yet at one",
    "records": "never held by a hub: other changes",
}
_NOUNS = {"draft": "draft", "property": "item", "outgoing": "outgoing message", "records": "record"}


def fate(session: Seen, book: Ledger, mail: str, after: int) -> dict[str, Any]:
    """What became of mail that was left behind at event `after`: outcome, event, why."""
    event = book.again(mail, after)
    if event is not None:
        return {"outcome": "redelivered", "event": event, "why": None}
    state, now = session.state, session.fold.time
    row = mailviews.lot_row(state, mail)
    hub, group = str(state[f"{row}.hub"]), mailviews.addressee(state, row)
    asked = next(
        (x for x in mailviews.requests(session) if (x["hub"], x["storage_group"]) == (hub, group)),
        None,
    )
    at = int(state[f"{row}.stamp"]) - int(state[f"hub.{hub}.skew"])
    old = now - at >= int(state["transport.age_max"]) or at < int(state["transport.horizon"])
    offset, why = int(state[f"{row}.offset"]), ""
    if mail in book.unkept:
        why = book.unkept[mail]
    elif state[f"{row}.stage"] == "KEPT" and offset < int(
        state[f"{mailviews.queue_row(hub, group)}.floor"]
    ):
        why = "evicted by size: newer mail filled the dumpster"
    elif asked is not None and asked["state"] == "expired":
        why = f"{hub} was down until the request expired"
    elif old:
        why = "evicted by age"
    elif any(m == mail and e > after for e, _, m, _ in book.dropped):
        why = "taken for a duplicate: the next failover came before it was looked up"
    if why:
        return {"outcome": "lost", "event": None, "why": why}
    down = not state[f"hub.{hub}.up"]
    return {
        "outcome": "waiting", "event": None,
        "why": f"{hub} is down" if down else "not delivered yet",
    }  # fmt: skip


def _entry(session: Seen, book: Ledger, mount: Mount, x: Written, base: int) -> dict[str, Any]:
    if x.kind == "mail":
        found = fate(session, book, x.id, max(mount.event, x.event))
    else:
        found = {"outcome": "lost", "event": None, "why": _NOT_MAIL[x.kind]}
    return {
        "log": x.generation, "file": log_file(base, x.generation), "kind": x.kind,
        "mail": x.id or None, "count": x.count, "written": x.event, **found,
    }  # fmt: skip


def failovers(session: Session, group: str | None) -> list[dict[str, Any]]:
    """Every lossy mount with what it left behind."""
    return mounts_of(session, ledger_of(session), group)


def _occasion(mount: Mount) -> tuple[str, int]:
    """What a mount belongs to: a failover, named by its epoch, or one restore of a server's."""
    return (mount.group if "/" in mount.group else "", mount.lineage)


def mounts_of(session: Seen, book: Ledger, group: str | None = None) -> list[dict[str, Any]]:
    """The lossy mounts of a ledger that holds every event up to the state that is looked at."""
    found = []
    epochs = list(dict.fromkeys(_occasion(m) for m in book.mounts))
    for mount in book.mounts:
        number = epochs.index(_occasion(mount)) + 1
        if group is not None and mount.group != group:
            continue
        far = "/" in mount.group
        base = 0 if far else session.lens.groups.index(mount.group)
        held = [_entry(session, book, mount, x, base) for x in book.left_behind(mount)]
        mail = [x for x in held if x["kind"] == "mail"]
        last = max((x.event for x in book.mounts if x.group == mount.group), default=0)
        exact = (
            far
            or mount.event < last
            or book.counted.get((mount.node, mount.group), 0) > mount.event
        )
        found.append(
            {
                "failover": number, "event": mount.event, "time": mount.time,
                "storage_group": mount.group, "node": mount.node,
                "mount": session.reader.model.rule(mount.rule).event,
                "last_log": mount.fork, "known_at_mount": max(mount.known, 0),
                "counted_since": exact, "held": held,
                "messages": {
                    word: sum(x["count"] for x in mail if x["outcome"] == word)
                    for word in ("redelivered", "waiting", "lost")
                },
                "other_lost": sum(x["count"] for x in held if x["kind"] != "mail"),
                "duplicates_dropped": book.duplicates(mount),
            }
        )  # fmt: skip
    return found


COLUMNS = (
    "failover", "mount_event", "storage_group", "node", "last_log", "known_at_mount", "log", "file",
    "kind", "mail", "count", "written", "outcome", "event", "why",
)  # fmt: skip


def _rows(x: dict[str, Any]) -> list[dict[str, Any]]:
    head = {**x, "mount_event": x["event"], "event": None}
    return [{**head, **held} for held in x["held"]] or [head]


def show_loss(
    failover: int | None, group: str | None, as_of: str | None, as_json: bool, as_csv: bool
) -> None:
    """`ccr loss`. Exit 1 if something is lost for good."""
    with reading(as_of) as session:
        far = group is not None and "/" in group
        only = session.member("Group", group) if group and not far else group
        found = failovers(session, only)
    if failover is not None:
        found = [x for x in found if x["failover"] == failover]
    if as_json:
        document("loss", {"failovers": found})
    elif as_csv:
        csv_rows(COLUMNS, (row for x in found for row in _rows(x)))
    elif not found:
        answer("no mount was lossy: nothing was lost")
    for i, x in enumerate(() if as_json or as_csv else found):
        if i:
            answer()
        _tell(x)
    if any(x["messages"]["lost"] or x["other_lost"] for x in found):
        raise click.exceptions.Exit(1)


def _tell(x: dict[str, Any]) -> None:
    what = f"{x['storage_group']} to {x['node']}"
    if "/" in x["storage_group"]:
        what = f"{x['storage_group']} to its local copy"
    answer(
        strong(
            f"failover {x['failover']}: {what}, {clock(x['time'])}, event {x['event']} {x['mount']}"
        )
    )
    known = f"{x['known_at_mount']} closed logs were known to be lost"
    answer(f"log {x['last_log']} is the last that came over; {known}")
    if x["held"]:
        answer()
        table(("log", "held", "became", "why"), [row_of(e) for e in joined(x["held"])])
        answer()
    m = x["messages"]
    answer(
        f"messages: {m['redelivered']} redelivered, {m['waiting']} waiting, {m['lost']} lost;"
        f" {x['duplicates_dropped']} duplicates dropped; {x['other_lost']} other changes lost"
    )


def joined(held: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Changes of one kind in one log are one line; each lot of mail has its own."""
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for entry in held:
        key = (entry["log"], entry["kind"], entry["mail"], entry["event"])
        if key in rows:
            rows[key]["count"] += entry["count"]
        else:
            rows[key] = dict(entry)
    return list(rows.values())


def row_of(x: dict[str, Any]) -> tuple[object, ...]:
    """Log, what it held, what became of that, and why."""
    many = "" if x["count"] == 1 else "s"
    what = (
        f"{x['mail']}: {x['count']} message{many}"
        if x["mail"]
        else f"{x['count']} {_NOUNS[x['kind']]}{many}"
    )
    became = f"{x['outcome']}, event {x['event']}" if x["event"] else x["outcome"]
    return (x["file"], what, became, x["why"] or "")
