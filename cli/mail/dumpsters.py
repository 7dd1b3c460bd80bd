"""What `ccr dumpster` does and shows. Sits above `mailviews` and `acting`."""

from __future__ import annotations

import click

from ccr_es.state.points import duration_ms
from cli.frame.output import answer, clock, document, duration, say, table
from cli.mail import mailviews
from cli.mail.mailing import size_of, sized
from cli.session.acting import fire, report, settle
from cli.session.session import reading, writing


def show_dumpster(group: str | None, as_of: str | None, as_json: bool) -> None:
    """`ccr dumpster show`."""
    with reading(as_of) as session:
        state = session.state
        only = session.member("Group", group) if group else None
        rows = mailviews.held(session, only)
        size, age = int(state["transport.size_max"]), int(state["transport.age_max"])
    if as_json:
        limits = {"MaxDumpsterSizePerStorageGroup": size, "MaxDumpsterTime": age}
        document("dumpster", {**limits, "enabled": bool(size and age), "held": rows})
        return
    answer(f"MaxDumpsterSizePerStorageGroup  {sized(size)} per hub")
    answer(f"MaxDumpsterTime                 {duration(age)}")
    if not (size and age):
        answer("the dumpster is disabled: mail that a lossy failover loses is lost")
    answer()
    table(
        ("hub", "group", "messages", "size", "oldest", "to redeliver", "evicted"),
        [
            (
                r["hub"], r["storage_group"], r["messages"], sized(r["bytes"]),
                "-" if r["oldest"] is None else clock(r["oldest"]), r["resubmitted"],
                sized(r["evicted_bytes"]),
            )
            for r in rows
        ],
    )  # fmt: skip


def set_limits(
    size: str | None, age: str | None, reason: str, dry_run: bool, as_json: bool
) -> None:
    """`ccr dumpster set`; what is not given stays."""
    with writing() as session:
        state = session.state
        args = {
            "size": int(state["transport.size_max"]) if size is None else size_of(size),
            "age": int(state["transport.age_max"]) if age is None else _age(age),
        }
        recorded = fire(session, "configure_dumpster", args, reason, dry_run=dry_run)
        if dry_run:
            say("the limits may be set; nothing was written")
            return
        report(session, [*recorded, *settle(session)], as_json)


def _age(text: str) -> int:
    return 0 if text == "0" else duration_ms(text)


def show_requests(as_of: str | None, as_json: bool) -> None:
    """`ccr dumpster requests`. Exit 1 if one is outstanding."""
    with reading(as_of) as session:
        found = mailviews.requests(session)
        now = session.fold.time
    if as_json:
        document("dumpster.requests", {"requests": found})
    elif not found:
        answer("no redelivery was ever requested: no mount was lossy")
    else:
        table(
            ("hub", "group", "since", "until", "state", "expires in"),
            [
                (
                    r["hub"], r["storage_group"], clock(max(0, r["since"])), clock(r["until"]),
                    r["state"], duration(r["expires"] - now) if r["expires"] else "-",
                )
                for r in found
            ],
        )  # fmt: skip
    if any(r["outstanding"] for r in found):
        raise click.exceptions.Exit(1)
