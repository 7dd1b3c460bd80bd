"""`ccr move`: the checks, the request, and the wait until the CMS is up on the target or back on
the source.
"""

from __future__ import annotations

import sys

import click

from ccr_es.record.events import Recorded
from cli.cluster.timing import MOVE
from cli.cluster.timings import forecast
from cli.frame.errors import NotFinished, UnknownMember
from cli.frame.output import answer, document, duration, say
from cli.session.acting import PATIENCE_MS, fire, online, report, settle, wait_until
from cli.session.session import Session, writing
from models.plain.layout import State


def move_cms(
    target: str | None, comment: str, *, dry_run: bool, yes: bool, wait: bool, as_json: bool
) -> None:
    """Move the CMS to `target` (None: the other node). Raises `StepRefused` or `NotFinished`."""
    with writing() as session:
        lens = session.lens
        source = lens.controller(session.state) or lens.nodes[0]
        goal = lens.peer(source) if target is None else session.member("Node", target)
        if goal == source:
            raise UnknownMember(
                f"{goal} controls the cluster already", f"Move to {lens.peer(source)}"
            )
        checked = fire(session, "request_move", {"n": source}, comment, dry_run=True)
        if dry_run:
            _allowed(session, source, goal, checked, as_json)
            return
        if not yes:
            _confirm(source, goal)
        recorded = [*fire(session, "request_move", {"n": source}, comment), *settle(session)]
        if not session.state["share.up"]:
            say("the witness does not answer: a failure during or after the move stops the CMS")
        if wait:
            more, _ = wait_until(
                session, lambda state: over(session, state, goal), patience(session)
            )
            recorded += more
        report(session, recorded, as_json)
        if wait and not there(session, session.state, goal):
            raise NotFinished(
                f"the clustered mailbox server did not come to {goal}", _what_now(session)
            )


def _allowed(
    session: Session, source: str, goal: str, checked: list[Recorded], as_json: bool
) -> None:
    ahead = forecast(session, MOVE)
    if as_json:
        body = {"from": source, "to": goal, "allowed": True}
        document("move.check", {**body, "forecast": ahead.json if ahead else None})
        return
    answer(f"a move from {source} to {goal} may start; nothing was written")
    if ahead:
        answer(f"it would take {duration(ahead.took)}: {ahead.words}".rstrip(": "))


def _confirm(source: str, goal: str) -> None:
    if not sys.stdin.isatty():
        raise click.UsageError("a move asks for confirmation: add --yes")
    if not click.confirm(f"Move the clustered mailbox server from {source} to {goal}?", err=True):
        raise click.exceptions.Exit(1)


def there(session: Session, state: State, goal: str) -> bool:
    """The CMS is online on `goal` with every storage group mounted."""
    return online(session, state) and session.lens.cms(state)[1] == goal


def over(session: Session, state: State, goal: str) -> bool:
    """The move arrived, or was given up and the CMS is up again."""
    under_way = any(
        state[f"node.{n}.move"] or state[f"node.{n}.offer"] != "NOTHING" for n in session.lens.nodes
    )
    return there(session, state, goal) or (online(session, state) and not under_way)


def patience(session: Session) -> int:
    """As long as a move may take before it is given up, and then what a return takes."""
    return session.lens.layout.parameters["move_patience"] + PATIENCE_MS


def _what_now(session: Session) -> str:
    host = session.lens.cms(session.state)[1]
    return f"It is up on {host}; see `ccr copy status`" if host else "See `ccr cluster show`"
