"""What the acting commands do: fire rules, settle what follows at once, tell what happened, and wait where they say so.

stdout gets the events, stderr a line on where things stand. Sits above `session`, `refusals` and `events`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ccr_es.cluster import OPERATOR
from ccr_es.events import Recorded
from cli import events, refusals
from cli.acts import spelled
from cli.durations import milliseconds
from cli.errors import NotFinished, StepRefused
from cli.output import clock, document, duration, say
from cli.session import Session, writing
from models.plain.layout import State, Value
from models.plain.reader import Refusal

PATIENCE_MS = 120_000
"""How long a command that waits for an end lets simulated time pass."""

Wanted = tuple[str, Mapping[str, Value]]
"""A rule with the arguments that are given; guards bind the others."""


def perform(
    steps: Sequence[Wanted] | Callable[[Session], Sequence[Wanted]], *, reason: str, as_json: bool
) -> None:
    """Fire each step, settle, and tell. Raises `StepRefused` at the first refusal."""
    with writing() as session:
        wanted = steps(session) if callable(steps) else steps
        recorded = [r for rule, args in wanted for r in fire(session, rule, args, reason)]
        recorded += settle(session)
        report(session, recorded, as_json)


def fire(
    session: Session, rule: str, args: Mapping[str, Value], reason: str = "", dry_run: bool = False
) -> list[Recorded]:
    """Fire one rule. Raises `StepRefused` with the reasons."""
    outcome = session.cluster.do(
        rule, args, actor=OPERATOR, reason=reason, dry_run=dry_run
    )
    if outcome.refusal is not None:
        raise refused(session, outcome.refusal)
    return list(outcome.events)


def refused(session: Session, refusal: Refusal) -> StepRefused:
    """The error that says why, fact by fact, and what to try."""
    found = refusals.reasons(session.reader, session.state, refusal, session.set_by)
    args = ", ".join(f"{k}={refusals.shown(v)}" for k, v in refusal.args.items())
    return StepRefused(
        f"{refusal.rule}({args}) is refused", tuple(refusals.lines(found, spelled))
    )


def settle(session: Session) -> list[Recorded]:
    """What follows at once."""
    return list(session.cluster.settle())


def pass_time(session: Session, ms: int) -> list[Recorded]:
    """Let simulated time pass."""
    return list(session.cluster.wait(ms))


def report(session: Session, recorded: Sequence[Recorded], as_json: bool) -> None:
    """Tell what happened, and on stderr where things stand."""
    if as_json:
        body = {
            "cluster": session.cluster.name,
            "event": session.fold.number,
            "time": session.fold.time,
            "serving": (session.lens.serving(session.state) or [None])[0],
            "events": [events.as_json(r) for r in recorded],
        }
        document("events", body)
        return
    events.tell(recorded, session.reader.model)
    say(standing(session))


def standing(session: Session) -> str:
    """One line: the time, who serves, who controls."""
    lens, state = session.lens, session.state
    serving = lens.serving(state)
    word = " and ".join(serving) + (" serves" if len(serving) == 1 else " serve") if serving else "nobody serves"
    controller = lens.controller(state)
    return f"{clock(session.fold.time)}  {word}; {controller or 'nobody'} controls the cluster"


def let_pass(length: str, as_json: bool) -> None:
    """`ccr wait`."""
    ms = milliseconds(length)
    with writing() as session:
        report(session, pass_time(session, ms), as_json)


def wait_until(session: Session, until: Callable[[State], bool], patience_ms: int) -> tuple[list[Recorded], bool]:
    """Let time pass until something holds, at most `patience_ms`; what happened, and whether it came."""
    needed = session.forecast(until, patience_ms)
    recorded = pass_time(session, patience_ms if needed is None else needed)
    if recorded:
        say(f"waited {duration(patience_ms if needed is None else needed)} (simulated)")
    return recorded, needed is not None


def on_controller(rule: str, reason: str, as_json: bool, until: str | None) -> None:
    """Fire a rule of the node that controls the cluster; wait until the CMS is `online` or `stopped`."""
    with writing() as session:
        node = session.lens.controller(session.state) or session.lens.nodes[0]
        recorded = [*fire(session, rule, {"n": node}, reason), *settle(session)]
        came = True
        if until:
            check = stopped if until == "stopped" else online
            more, came = wait_until(session, lambda state: check(session, state), PATIENCE_MS)
            recorded += more
        report(session, recorded, as_json)
        if not came:
            raise NotFinished(f"the clustered mailbox server is not {until} yet", "See `ccr cms status`")


def online(session: Session, state: State) -> bool:
    """The CMS is online with every storage group mounted."""
    return session.lens.cms(state)[0] == "Online"


def stopped(session: Session, state: State) -> bool:
    """The CMS is offline and its stop is where no failover can miss it."""
    kept = any(state[f"node.{n}.stop_confirmed"] for n in session.lens.nodes)
    return session.lens.cms(state)[0] == "Offline" and kept


def fill_logs(logs: int, group: str | None, every: str, as_json: bool) -> None:
    """`ccr workload`: fill log after log in each storage group, with simulated time between."""
    ms = milliseconds(every)
    with writing() as session:
        groups = [session.member("Group", group)] if group else list(session.lens.groups)
        recorded: list[Recorded] = []
        for _ in range(logs):
            for g in groups:
                recorded += _fill(session, g)
            recorded += [*settle(session), *pass_time(session, ms)]
        report(session, recorded, as_json)


def _fill(session: Session, group: str) -> list[Recorded]:
    """Write what still fits into the open log of the serving node."""
    lens, state = session.lens, session.state
    node = (lens.serving(state) or [lens.controller(state) or lens.nodes[0]])[0]
    room = lens.layout.parameters["log_capacity"] - int(state[f"copy.{node}.{group}.open_records"])
    return fire(session, "write_records", {"n": node, "g": group, "records": room})
