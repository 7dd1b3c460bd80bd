"""The mutation score of a whole model: every mutant of every rule, judged by worker processes, and
kept on disk under a hash of all that the judgement depends on.

A worker is given the model as data, so it shares nothing with its siblings. What was judged is kept
under the whole model, the instance and the versions: a story may go another way because of any
rule. A file that cannot be read is nothing kept. Sits above `mutation`; imports no z3 itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from models.language.canonical import canonical_text, from_data, to_data
from models.language.model import Instance, Model

from ..proof.cache import engine_stamp, make
from .mutants import Mutant, mutants_of

NAME = "mutants.json"

Row = tuple[str, tuple[str, ...], tuple[str, ...], str]
"""Outcome, `by`, `implied_by`, witness: what a worker gives back of one mutant."""


@dataclass(frozen=True)
class Told:
    """One mutant and what became of it."""

    mutant: Mutant
    outcome: str
    by: tuple[str, ...]
    implied_by: tuple[str, ...]
    witness: str

    def as_json(self) -> dict[str, object]:
        """The `ccr verify --mutants --json` form."""
        m = self.mutant
        changed = {"kind": m.kind, "what": m.what, "to": m.to}
        return {
            "rule": m.original.label,
            "changed": changed,
            "says": m.label,
            "outcome": self.outcome,
            "by": list(self.by),
            "implied_by": list(self.implied_by),
            "witness": self.witness,
        }


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


def score(
    model: Model,
    instance: Instance,
    rules: Sequence[str],
    *,
    jobs: int = 1,
    folder: Path | None = None,
    on_rule: Callable[[str, int, int], None] = lambda *_: None,
) -> Score:
    """Judge every mutant of the named rules. `on_rule` is told the rule, how many are done, of how
    many. An interrupt keeps what was judged.
    """
    shelf = _Shelf(folder, model, instance)
    found: dict[str, list[Row]] = {}
    for name in rules:
        rows = shelf.get(name)
        if rows is not None:
            found[name] = rows
    kept = sum(map(len, found.values()))
    wanted = [n for n in rules if n not in found]
    try:
        for name, rows in _judged(model, instance, wanted, jobs):
            found[name] = rows
            shelf.put(name, rows)
            on_rule(model.rule(name).label, len(found), len(rules))
    finally:
        shelf.save()
    told = [
        Told(mutant, *row)
        for name in rules
        for mutant, row in zip(mutants_of(model.rule(name)), found[name], strict=True)
    ]
    return Score(told, kept)


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
        rows.append((final.outcome, final.by, final.implied_by, final.witness))
    return rule, rows


class _Shelf:
    """What was judged before, in one file of a folder."""

    def __init__(self, folder: Path | None, model: Model, instance: Instance) -> None:
        self._folder, self._fresh = folder, False
        members = sorted((k, list(v)) for k, v in instance.members.items())
        settings = repr((members, sorted(instance.parameters.items())))
        self._stamp = "\n".join((engine_stamp(), canonical_text(model), settings))
        self._rows: dict[str, list[list[Any]]] = {}
        if folder is not None:
            self._rows = _read(folder / NAME)

    def _key(self, rule: str) -> str:
        return sha256(f"{self._stamp}\n{rule}".encode()).hexdigest()[:32]

    def get(self, rule: str) -> list[Row] | None:
        """The rows of a rule's mutants, or None."""
        rows = self._rows.get(self._key(rule))
        if rows is None:
            return None
        try:
            return [(str(o), tuple(b), tuple(i), str(w)) for o, b, i, w in rows]
        except (TypeError, ValueError):
            return None

    def put(self, rule: str, rows: list[Row]) -> None:
        """Remember the rows of a rule's mutants."""
        self._rows[self._key(rule)] = [list(r) for r in rows]
        self._fresh = True

    def save(self) -> None:
        """Write the file, if there is anything new; a folder that cannot be written keeps none."""
        if self._folder is None or not self._fresh:
            return
        live = json.dumps(self._rows, separators=(",", ":"))
        try:
            make(self._folder)
            (self._folder / NAME).write_text(live, encoding="utf-8")
        except OSError:
            return


def _read(path: Path) -> dict[str, list[list[Any]]]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
