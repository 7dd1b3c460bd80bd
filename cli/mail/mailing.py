"""What `ccr hub` and `ccr mail` do and show. Sits above `session`, `mailviews` and `acting`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

from ccr_es.cluster.cluster import Act, Pause
from ccr_es.errors import BadArgument
from ccr_es.state.points import duration_ms
from cli.frame.errors import UnknownMember
from cli.frame.output import answer, clock, document, say, table
from cli.mail import mailviews
from cli.session.acting import act, fire, play, report, settle
from cli.session.session import Session, reading, writing
from cli.standby import localstate
from models.ccr.vocabulary_mail import MEGABYTE, Mail
from models.plain.layout import Value

_UNITS = {"B": 1, "KB": 1024, "MB": MEGABYTE, "GB": 1024 * MEGABYTE}


def size_of(text: str) -> int:
    """`40KB`, `18MB` or `0` in bytes. Raises `BadArgument`."""
    digits = text.rstrip("BKMGbkmg ")
    unit = text[len(digits) :].strip().upper() or "B"
    if not digits.isdigit() or unit not in _UNITS:
        raise BadArgument(f"{text!r} is not a size", "Write 40KB, 18MB or a number of bytes")
    return int(digits) * _UNITS[unit]


def sized(size: int) -> str:
    """A size as people write it."""
    for unit in ("GB", "MB", "KB"):
        if size and size >= _UNITS[unit]:
            return f"{size / _UNITS[unit]:.1f}".removesuffix(".0") + unit
    return f"{size}B" if size else "0"


def add_hub(name: str, ahead: str, reason: str, as_json: bool) -> None:
    """`ccr hub add`."""
    skew = -duration_ms(ahead[1:]) if ahead.startswith("-") else duration_ms(ahead)
    _perform("add_hub", {"h": name, "skew": skew}, reason, as_json)


def on_hub(rule: str, name: str, reason: str, as_json: bool) -> None:
    """`ccr hub fail` and `ccr hub start`."""
    with writing() as session:
        mailviews.hub_named(session, name)
        recorded = fire(session, rule, {"h": name}, reason)
        report(session, [*recorded, *settle(session)], as_json)


def _perform(rule: str, args: dict[str, Value], reason: str, as_json: bool) -> None:
    with writing() as session:
        recorded = fire(session, rule, args, reason)
        report(session, [*recorded, *settle(session)], as_json)


def show_hubs(as_of: str | None, as_json: bool) -> None:
    """`ccr hub list`."""
    with reading(as_of) as session:
        held = mailviews.held(session)
        rows = [
            {
                "hub": h,
                "up": bool(session.state[f"hub.{h}.up"]),
                "clock_ahead": int(session.state[f"hub.{h}.skew"]),
                "queued": sum(x["queued"] for x in held if x["hub"] == h),
                "kept": sum(x["messages"] for x in held if x["hub"] == h),
                "bytes": sum(x["bytes"] for x in held if x["hub"] == h),
            }
            for h in mailviews.hubs(session)
        ]
    if as_json:
        document("hubs", {"hubs": rows})
        return
    if not rows:
        answer("the site has no hub: mail that a lossy failover loses is lost")
        return
    table(
        ("hub", "state", "queued", "kept", "size"),
        [
            (r["hub"], "up" if r["up"] else "down", r["queued"], r["kept"], sized(int(r["bytes"])))
            for r in rows
        ],
    )


def recipients(session: Session, text: str, server: str | None) -> dict[str, list[str]]:
    """`alice@SG1,bob@SG2` as mailboxes by storage group, of a server if one is named. Raises
    `BadArgument`, `UnknownMember`.
    """
    found: dict[str, list[str]] = {}
    for part in text.split(","):
        name, at, group = part.strip().partition("@")
        if not name or not at:
            raise BadArgument(f"{part!r} is not MAILBOX@SG", "Write --to alice@SG1,bob@SG2")
        known = _there(session, server, group) if server else session.member("Group", group)
        found.setdefault(known, []).append(name)
    return found


def _there(session: Session, server: str, group: str) -> str:
    """`group`, if the server has it. Raises `UnknownMember`."""
    if (server, group) not in localstate.held(session.state):
        raise UnknownMember(
            f"{server} has no storage group {group}", f"ccr server create {server} {group}"
        )
    return group


def _hub(session: Session, name: str | None) -> list[str]:
    """The hub of that name, or all that are up (all, if none is)."""
    if name is not None:
        return [mailviews.hub_named(session, name)]
    known = mailviews.hubs(session)
    if not known:
        raise UnknownMember(
            f"cluster {session.cluster.name} has no hub", "Add one with: ccr hub add HUB1"
        )
    return [h for h in known if session.state[f"hub.{h}.up"]] or known


def _fresh(session: Session) -> Iterator[str]:
    """Message ids that nobody used."""
    used = set(session.reader.layout.members(Mail))
    number = len(used)
    while True:
        number += 1
        if f"m{number}" not in used:
            yield f"m{number}"


def record_size(session: Session) -> int:
    """Bytes of a log record: a log of 1 MB holds log_capacity of them."""
    return MEGABYTE // session.reader.layout.parameters["log_capacity"]


def send_mail(
    hub: str | None, to: str, server: str | None, size: str, name: str | None, reason: str,
    dry_run: bool, as_json: bool,
) -> None:  # fmt: skip
    """`ccr mail send`. Raises `StepRefused` if the hub is down or the id is taken."""
    with writing() as session:
        by_group = recipients(session, to, server)
        chosen, each = _hub(session, hub)[0], size_of(size)
        capacity = session.reader.layout.parameters["log_capacity"]
        records = max(1, min(-(-each // record_size(session)), capacity))
        base = name or next(_fresh(session))
        recorded = []
        for group, boxes in by_group.items():
            lot = base if len(by_group) == 1 else f"{base}-{group}"
            where = {"v": server, "k": group} if server else {"g": group}
            args: dict[str, Value] = {
                "h": chosen, "m": lot, **where, "count": 1, "size": each, "records": records,
            }  # fmt: skip
            rule = "submit_post" if server else "submit_mail"
            why = reason or f"{lot} to {', '.join(boxes)}"
            recorded += fire(session, rule, args, why, dry_run=dry_run)
            if dry_run:
                say(f"{chosen} would take {lot} for {group}; nothing was written")
        if not dry_run:
            report(session, [*recorded, *settle(session)], as_json)


def burst_mail(
    count: int, size: str, group: str | None, hub: str | None, every: str, reason: str,
    as_json: bool,
) -> None:  # fmt: skip
    """`ccr mail burst`."""
    pause, each = Pause(duration_ms(every)), size_of(size)
    with writing() as session:
        groups = [session.member("Group", group)] if group else list(session.lens.groups)
        turns = cycle([(h, g) for g in groups for h in _hub(session, hub)])
        capacity = session.reader.layout.parameters["log_capacity"]
        records = max(1, min(-(-each // record_size(session)), capacity))
        per_lot, names, left = capacity // records, _fresh(session), count
        acts: list[Act | Pause] = []
        while left:
            here, (h, g) = min(per_lot, left), next(turns)
            left -= here
            args: dict[str, Value] = {
                "h": h, "m": next(names), "g": g, "count": here, "size": here * each,
                "records": here * records,
            }  # fmt: skip
            acts += [act("submit_mail", args, reason), pause]
        report(session, play(session, acts), as_json)


def save_items(group: str, kind: str, count: int, reason: str, as_json: bool) -> None:
    """`ccr mail item`."""
    with writing() as session:
        lens, state = session.lens, session.state
        node = (lens.serving(state) or [lens.controller(state) or lens.nodes[0]])[0]
        args: dict[str, Value] = {
            "n": node, "g": session.member("Group", group), "item": kind.upper(), "records": count,
        }  # fmt: skip
        recorded = fire(session, "save_items", args, reason)
        report(session, [*recorded, *settle(session)], as_json)


def show_mail(hub: str | None, as_of: str | None, as_json: bool) -> None:
    """`ccr mail list`."""
    with reading(as_of) as session:
        if hub is not None:
            mailviews.hub_named(session, hub)
        lots = [x for x in mailviews.Mailroom(session).lots() if hub in (None, x.hub)]
    if as_json:
        rows = [
            {
                "id": x.id, "hub": x.hub, "storage_group": x.group, "messages": x.count,
                "bytes": x.size, "delivered": x.delivered if x.stage != "QUEUED" else None,
                "place": x.place,
            }
            for x in lots
        ]  # fmt: skip
        document("mail", {"lots": rows})
        return
    table(
        ("mail", "hub", "group", "messages", "size", "delivered", "place"),
        [
            (
                x.id, x.hub, x.group, x.count, sized(x.size),
                clock(x.delivered) if x.stage != "QUEUED" else "-", x.place,
            )
            for x in lots
        ],
    )  # fmt: skip
