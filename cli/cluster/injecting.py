"""What `ccr inject` does: one rule and what follows at once, or the exact steps of a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ccr_es.cluster.cluster import Act, Pause
from ccr_es.errors import FileUnreadable
from cli.frame.errors import RunMalformed
from cli.frame.output import answer, say
from cli.frame.pairs import read_pairs
from cli.session.acting import by, fire, play, refused, report, settle
from cli.session.session import Session, writing
from models.language.misuse import ModelError
from models.language.model import Model
from specs.rendering.itf import SUFFIX, from_itf
from specs.runs import Run, from_lines


def fire_rule(name: str, pairs: Sequence[str], dry_run: bool, reason: str, as_json: bool) -> None:
    """Fire one rule. Raises `UnknownRule`, `BadArgument`, `StepRefused`."""
    with writing() as session:
        rule = session.cluster.rule(name)
        args = read_pairs(rule, pairs, session.reader.layout)
        recorded = fire(session, rule.name, args, reason, dry_run=dry_run)
        if dry_run:
            say("a dry run: nothing was written")
        else:
            recorded += settle(session)
        report(session, recorded, as_json)


def fire_file(path: Path, dry_run: bool, reason: str, as_json: bool) -> None:
    """Fire the steps of a run on the present state, each as it is written.

    Raises `RunMalformed` or `StepRefused`.
    """
    with writing() as session:
        run = read_run(path, session.reader.model)
        if dry_run:
            _try(session, run)
            return
        recorded = play(session, acts_of(run, session.reader.model, reason))
        report(session, recorded, as_json)


def acts_of(run: Run, model: Model, reason: str = "") -> list[Act | Pause]:
    """The steps of a run, each as it is written and nothing between."""
    return [
        Act(step.rule, step.args, by(model.rule(step.rule), reason), settle=False, exact=True)
        for step in run.steps
    ]


def read_run(path: Path, model: Model) -> Run:
    """The run in a file. Raises `FileUnreadable` or `RunMalformed`."""
    try:
        text = path.read_text(encoding="utf-8")
        if path.name.endswith(SUFFIX):
            return from_itf(model, text)
        return from_lines(model, text.splitlines())
    except OSError as error:
        raise FileUnreadable(f"{path}: {error.strerror}", "Name a file that can be read") from None
    except (ModelError, UnicodeDecodeError) as error:
        hint = "Write one with `ccr verify --save`"
        raise RunMalformed(f"{path}: {error}".rstrip("."), hint) from None


def _try(session: Session, run: Run) -> None:
    state, reader = session.state, session.reader
    for step in run.steps:
        refusal = reader.check(state, step)
        if refusal is not None:
            raise refused(session, refusal)
        state = reader.evolve(state, step)
    answer(f"all {len(run.steps)} steps may fire; nothing was written")
