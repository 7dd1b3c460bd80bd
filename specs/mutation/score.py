"""The mutation score of a whole model: every mutant of every rule, judged by worker processes, and
kept (see `outcomes`).

A worker is given the model as data, so it shares nothing with its siblings. Sits above `mutation`;
imports no z3 itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from models.language.canonical import from_data, to_data
from models.language.model import Instance, Model

from ..proof.cache import make
from .mutants import mutants_of
from .outcomes import NAME, SHIPPED, Row, Texts, Told, read, rows_of, write


@dataclass
class Score:
    """Every mutant of the rules asked for; `kept` of them were read back."""

    told: list[Told] = field(default_factory=list)
    kept: int = 0

    def counts(self) -> dict[str, int]:
        """How many there are of each outcome."""
        found: dict[str, int] = {}
        for told in self.told:
            found[told.outcome] = found.get(told.outcome, 0) + 1
        return dict(sorted(found.items()))

    def hows(self) -> dict[str, int]:
        """How many are caught in which way."""
        found: dict[str, int] = {}
        for told in self.told:
            if told.row.how:
                found[told.row.how] = found.get(told.row.how, 0) + 1
        return dict(sorted(found.items(), reverse=True))


def score(
    model: Model,
    instance: Instance,
    rules: Sequence[str],
    *,
    jobs: int = 1,
    folder: Path | None = None,
    shipped: Path | None = SHIPPED,
    on_rule: Callable[[str, int, int], None] = lambda *_: None,
) -> Score:
    """Judge every mutant of the named rules. What is kept in `folder`, or `shipped`, is not judged
    again. `on_rule` is told the rule, how many are done, of how many. An interrupt keeps what was
    judged.
    """
    texts = Texts(model)
    shelves = [read(folder / NAME)] if folder else []
    shelves += [read(shipped)] if shipped else []
    found: dict[str, list[Row]] = {}
    for rule in model.rules.values():
        rows = next((r for s in shelves if (r := rows_of(s, texts, rule)) is not None), None)
        if rows is not None:
            found[rule.name] = rows
    wanted = [n for n in rules if n not in found]
    done = len(rules) - len(wanted)
    kept = sum(len(found[n]) for n in rules if n in found)
    try:
        for name, rows in _judged(model, instance, wanted, jobs):
            found[name] = rows
            done += 1
            on_rule(model.rule(name).label, done, len(rules))
    finally:
        if folder is not None and wanted:
            _save(folder, texts, found)
    told = [
        Told(mutant, row)
        for name in rules
        for mutant, row in zip(mutants_of(model.rule(name), model.schema), found[name], strict=True)
    ]
    return Score(told, kept)


def _save(folder: Path, texts: Texts, rows: dict[str, list[Row]]) -> None:
    """Write the file; a folder that cannot be written keeps none."""
    try:
        make(folder)
        write(folder / NAME, texts, rows)
    except OSError:
        return


def _judged(
    model: Model, instance: Instance, rules: list[str], jobs: int
) -> Iterator[tuple[str, list[Row]]]:
    if not rules:
        return
    settings = (to_data(model), dict(instance.members), dict(instance.parameters))
    if jobs < 2 or len(rules) < 2:
        _begin(*settings)
        yield from map(_judge, rules)
        return
    context = get_context("spawn")
    workers = ProcessPoolExecutor(min(jobs, len(rules)), context, _begin, settings)
    try:
        yield from workers.map(_judge, rules)
    finally:
        workers.shutdown(wait=False, cancel_futures=True)


_worker: Any = None


def _begin(data: Any, members: dict[str, tuple[str, ...]], parameters: dict[str, int]) -> None:
    """What a worker does once."""
    global _worker
    from .mutation import Mutation

    _worker = Mutation(from_data(data), Instance(members, parameters))


def _judge(rule: str) -> tuple[str, list[Row]]:
    rows = []
    for judged in _worker.judging([rule]):
        final = _worker.by_stories(judged)
        rows.append(Row(final.outcome, final.how, final.by, final.implied_by, final.witness))
    return rule, rows
