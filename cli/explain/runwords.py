"""A run in words: each step as a command, with what it changes. Read by the commands that prove and
simulate, which should start soon: must import no store.
"""

from __future__ import annotations

from cli.explain.wording import wrapped
from cli.frame.output import clock
from cli.session.acts import spelled
from cli.session.refusals import shown
from models.language.model import Model
from models.plain.reader import Reader
from specs.runs import Run


def run_lines(model: Model, run: Run) -> list[str]:
    """Each step as a command with what it changes."""
    reader = Reader(model, run.instance)
    state = reader.initial()
    out = []
    for number, step in enumerate(run.steps, 1):
        rule = model.rule(step.rule)
        changes = {k: v for k, v in reader.changes(state, step).items() if state[k] != v}
        state = {**state, **changes}
        time = clock(int(state["clock.now"]))
        out.append(f"{number:4}  {time}  {rule.event:<22} {spelled(step)}")
        facts = ", ".join(f"{k}={shown(v)}" for k, v in changes.items() if k != "clock.now")
        out += wrapped(facts, "        ") if facts and rule.trigger != "time" else []
    return out
