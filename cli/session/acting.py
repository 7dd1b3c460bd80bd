"""What the acting commands do: fire rules, settle what follows at once, tell what happened, and
wait where they say so.

stdout gets the events, stderr a line on where things stand. Sits above `session`, `refusals` and
`events`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from ccr_es.cluster.cluster import OPERATOR, Act, By, Pause
from ccr_es.record.events import Recorded
from ccr_es.state.points import duration_ms
from cli.cluster.waysback import pointer
from cli.frame.errors import NotFinished, StepRefused
from cli.frame.output import clock, document, duration, say
from cli.session import events, refusals
from cli.session.acts import spelled
from cli.session.session import Session, writing
from models.language.rule import Rule
from models.plain.layout import State, Value
from models.plain.reader import Refusal

PATIENCE_MS = 120_000
"""How long a command that waits for an end lets simulated time pass."""

Wanted = tuple[str, Mapping[str, Value]]
"""A rule with the arguments that are given; guards bind the others."""


def perform(
    steps: Sequence[Wanted] | Callable[[Session], Sequence[Wanted]], *, reason: str, as_json: bool
) -> None:
    """Fire the steps, settle, and tell. Raises `StepRefused` at the first refusal."""
    with writing() as session:
        wanted = steps(session) if callable(steps) else steps
        recorded = play(session, [act(rule, args, reason) for rule, args in wanted])
        recorded += settle(session)
        report(session, recorded, as_json)


def act(rule: str, args: Mapping[str, Value], reason: str = "") -> Act:
    """An operator's act, and nothing of what follows from it."""
    return Act(rule, args, By(OPERATOR, reason), settle=False)


def by(rule: Rule, reason: str) -> By:
    """Who an injected rule is recorded for: the operator who gave the command or made the fault;
    anything else is done by the rule's own actor.
    """
    return By(OPERATOR if rule.trigger in ("command", "fault") else "", reason)


def play(session: Session, acts: Iterable[Act | Pause]) -> list[Recorded]:
    """Do one thing after another.

    Raises `StepRefused` at the first refusal; what came before stays recorded.
    """
    recorded: list[Recorded] = []
    for outcome in session.cluster.run(acts):
        recorded += outcome.events
        if outcome.refusal is not None:
            raise refused(session, outcome.refusal)
    return recorded


def fire(
    session: Session, rule: str, args: Mapping[str, Value], reason: str = "", dry_run: bool = False
) -> list[Recorded]:
    """Fire one rule and nothing else. Raises `StepRefused` with the reasons."""
    who = by(session.cluster.rule(rule), reason).actor
    outcome = session.cluster.do(rule, args, actor=who, reason=reason, dry_run=dry_run)
    if outcome.refusal is not None:
        raise refused(session, outcome.refusal)
    return list(outcome.events)


def refused(session: Session, refusal: Refusal) -> StepRefused:
    """The error that says why, fact by fact, and what to try."""
    found = refusals.reasons(session.reader, session.state, refusal, session.setter)
    args = ", ".join(f"{k}={refusals.shown(v)}" for k, v in refusal.args.items())
    details = [*refusals.lines(found, spelled), *next_lines(session, refusal, found)]
    details += [f"  note: {text}" for text in pointer(session.stand)]
    return StepRefused(f"{refusal.rule}({args}) is refused", tuple(details))


def next_lines(session: Session, refusal: Refusal, found: Sequence[refusals.Reason]) -> list[str]:
    """What to do next when no single command makes a guard hold: wait, or ask another member, or
    read the rule.
    """
    if any(reason.remedies or reason.first for reason in found):
        return []
    name = refusal.rule.partition(" ")[2]
    rule = session.reader.model.rule(name)
    keys = {n: refusal.args[n] for n, _ in rule.keyed}
    if rule.trigger in ("command", "fault"):
        ms = session.forecast(
            lambda state: refusals.enabled(session.reader, state, rule, keys) is not None,
            PATIENCE_MS,
        )
        then = "then it may fire"
    else:
        ms = session.falls_due(name, keys, PATIENCE_MS)
        then = "then it fires by itself"
    if ms is not None:
        return [f"  next: ccr wait {duration(ms)}; {then}"]
    other = next(refusals.elsewhere(session.reader, session.state, refusal), None)
    return [f"  next: {spelled(other) if other else f'ccr explain {name}'}"]


def settle(session: Session) -> list[Recorded]:
    """What follows at once."""
    return list(session.cluster.settle())


def pass_time(session: Session, ms: int) -> list[Recorded]:
    """Let simulated time pass."""
    return list(session.cluster.wait(ms))


def report(session: Session, recorded: Sequence[Recorded], as_json: bool) -> None:
    """Tell what happened, and on stderr what a failover or move took, and where things stand."""
    from cli.cluster.timings import ended_in

    ended = ended_in(session, recorded)
    if as_json:
        body = {
            "cluster": session.cluster.name,
            "event": session.fold.number,
            "time": session.fold.time,
            "serving": next(iter(session.lens.serving(session.state)), None),
            "events": [events.as_json(r) for r in recorded],
            "activations": [a.json for a in ended],
        }
        document("events", body)
        return
    events.tell(recorded, session.reader.model)
    for activation in ended:
        say(activation.line)
    say(standing(session))


def standing(session: Session) -> str:
    """One line: the time, who serves, who controls."""
    lens, state = session.lens, session.state
    serving = lens.serving(state)
    word = " and ".join(serving or ["nobody"]) + (" serve" if len(serving) > 1 else " serves")
    away = [g for g in lens.groups if lens.mounted_on(state, g) is None]
    without = f", {' and '.join(away)} dismounted" if serving and away else ""
    controller = lens.controller(state) or "nobody"
    return f"{clock(session.fold.time)}  {word}{without}; {controller} controls the cluster"


def let_pass(length: str, as_json: bool) -> None:
    """`ccr wait`."""
    ms = duration_ms(length)
    with writing() as session:
        report(session, pass_time(session, ms), as_json)


def wait_until(
    session: Session, until: Callable[[State], bool], patience_ms: int
) -> tuple[list[Recorded], bool]:
    """Let time pass until something holds, at most `patience_ms`; what happened, and whether it
    came.
    """
    needed = session.forecast(until, patience_ms)
    recorded = pass_time(session, patience_ms if needed is None else needed)
    if recorded:
        say(f"waited {duration(patience_ms if needed is None else needed)} (simulated)")
    return recorded, needed is not None


def on_controller(rule: str, reason: str, as_json: bool, until: str | None) -> None:
    """Fire a rule of the node that controls the cluster; wait until the CMS is `online` or
    `stopped`.
    """
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
            raise NotFinished(
                f"the clustered mailbox server is not {until} yet", "See `ccr cms status`"
            )


def online(session: Session, state: State) -> bool:
    """The CMS is online with every storage group mounted."""
    return session.lens.cms(state)[0] == "Online"


def stopped(session: Session, state: State) -> bool:
    """The CMS is offline and its stop is where no failover can miss it."""
    kept = any(state[f"node.{n}.stop_confirmed"] for n in session.lens.nodes)
    return session.lens.cms(state)[0] == "Offline" and kept


def fill_logs(logs: int, group: str | None, every: str, as_json: bool) -> None:
    """`ccr workload`: fill log after log in each storage group, with simulated time between."""
    ms = duration_ms(every)
    with writing() as session:
        groups = [session.member("Group", group)] if group else list(session.lens.groups)
        acts: list[Act | Pause] = []
        for number in range(logs):
            acts += [_fill(session, g, whole=number > 0) for g in groups]
            acts.append(Pause(ms))
        report(session, play(session, acts), as_json)


def _fill(session: Session, group: str, *, whole: bool) -> Act:
    """Write what fits into the open log of the serving node: a whole log, or what is left of the
    first one.
    """
    lens, state = session.lens, session.state
    node = (lens.serving(state) or [lens.controller(state) or lens.nodes[0]])[0]
    room = lens.layout.parameters["log_capacity"]
    if not whole:
        room -= int(state[f"copy.{node}.{group}.open_records"])
    return act("write_records", {"n": node, "g": group, "records": room})
