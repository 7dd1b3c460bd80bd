"""What became of each mutant, as a text that is kept: a line for each, with a hash of what it rests
on.

A line rests on its rule, on the words of the properties and lemmas that it names, and on the
constraints; one that names none, on every property. While these are the same, word for word, the
line is read back and nothing is asked. What else could change it (a new lemma that forbids the
state in which a mutant was caught) is not seen here: a test asks a sample of the lines again.

The file is text, read by people too. A line that is not understood is nothing kept. Imports the
standard library only, beside the model.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from models.language.model import Model, Property
from models.language.rule import Rule
from models.language.show import show

from .mutants import GUARD, Mutant, mutants_of

NAME = "mutants.txt"
ASSUMED = "(assumptions)"
"""Stands for a rule in the lines about constraints on the parameters."""
SHIPPED = Path(__file__).with_name(NAME)
"""The outcomes of the model that this package is about; `make mutants` writes it again."""
HEAD = "# What notices each mutant. Written by `make mutants`; do not edit.\n"


@dataclass(frozen=True)
class Row:
    """What a worker gives back of one mutant."""

    outcome: str
    how: str = ""
    by: tuple[str, ...] = ()
    implied_by: tuple[str, ...] = ()
    witness: str = ""


@dataclass(frozen=True)
class Told:
    """One mutant and what became of it."""

    mutant: Mutant
    row: Row

    @property
    def outcome(self) -> str:
        """`caught`, `redundant`, `invalid`, `noticed` or `unconstrained`."""
        return self.row.outcome

    def as_json(self) -> dict[str, object]:
        """The `ccr verify --mutants --json` form."""
        m, row = self.mutant, self.row
        return {
            "rule": m.original.label,
            "changed": {"kind": m.kind, "what": m.what, "to": m.to},
            "says": m.label,
            "outcome": row.outcome,
            "how": row.how,
            "by": list(row.by),
            "implied_by": list(row.implied_by),
            "witness": row.witness,
        }


class Texts:
    """The words of a model's rules and properties, as far as an outcome rests on them."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._terms = {p.number: f"{p.kind} {_params(p)} {show(p.term)}" for p in model.properties}
        self._at = {p.number: p.at for p in model.properties}
        self._constraints = "\n".join(f"{n}: {show(t)}" for n, t in model.constraints.items())
        self._all = "\n".join(self._terms.values())

    def digest(self, rule: Rule, index: int, row: Row) -> str:
        """A hash of what the outcome of a rule's mutant rests on."""
        said = [row.outcome, row.how, *row.by, *row.implied_by]
        parts = [self.rule(rule.name), str(index), self._constraints, *said]
        named = [n for n in (*row.by, *row.implied_by) if n in self._terms]
        for number in named:
            at = self._at[number]
            parts.append(f"{number} {self._terms[number]} {not at or rule.name in at}")
        if row.outcome in ("unconstrained", "noticed"):
            parts.append(self._all)  # that nothing is broken rests on everything
        return sha256("\n".join(parts).encode()).hexdigest()[:12]

    def assumption(self, index: int, row: Row) -> str:
        """A hash of what the outcome of a weaker constraint rests on."""
        said = [row.outcome, row.how, *row.by, *row.implied_by]
        named = [f"{n} {self._terms[n]}" for n in row.by if n in self._terms]
        text = "\n".join([str(index), self._constraints, *said, *(named or [self._all])])
        return sha256(text.encode()).hexdigest()[:12]

    def rule(self, name: str) -> str:
        """The words of a rule."""
        rule = self.model.rule(name)
        guards = [f"{n}: {show(t)}" for n, t in rule.guards.items()]
        effects = [f"{show(f)} := {show(v)}" for f, v in rule.effects]
        params = " ".join(f"{n}:{s.name}" for n, s in rule.params)
        return "\n".join([f"{rule.name} {rule.trigger} {params}", *guards, *effects])


def _params(prop: Property) -> str:
    return " ".join(f"{n}:{s.name}" for n, s in prop.params)


def read(path: Path) -> dict[str, list[list[Any]]]:
    """The lines of a file, by rule; none if it cannot be read."""
    found: dict[str, list[list[Any]]] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return found
    for line in lines:
        if not line.startswith("["):
            continue
        try:
            rule, _, *fields = json.loads(line)
            found.setdefault(str(rule), []).append(fields)
        except (ValueError, TypeError):
            continue
    return found


def rows_of(kept: Mapping[str, list[list[Any]]], texts: Texts, rule: Rule) -> list[Row] | None:
    """The outcomes of a rule's mutants, if all that they rest on is the same; else None."""
    lines = kept.get(rule.name)
    if lines is None or len(lines) != sum(1 for _ in mutants_of(rule, texts.model.schema)):
        return None
    found = []
    for index, fields in enumerate(lines):
        row = _row(fields)
        if row is None or texts.digest(rule, index, row) != fields[0]:
            return None
        found.append(row)
    return found


def assumed_rows(kept: Mapping[str, list[list[Any]]], texts: Texts, count: int) -> list[Row] | None:
    """The outcomes of weaker constraints, if what they rest on is the same; else None."""
    lines = kept.get(ASSUMED)
    if lines is None or len(lines) != count:
        return None
    found = [_row(fields) for fields in lines]
    for index, (fields, row) in enumerate(zip(lines, found, strict=True)):
        if row is None or texts.assumption(index, row) != fields[0]:
            return None
    return [row for row in found if row is not None]


def _row(fields: list[Any]) -> Row | None:
    try:
        _, outcome, how, by, implied, witness = fields
        return Row(str(outcome), str(how), tuple(by), tuple(implied), str(witness))
    except (TypeError, ValueError):
        return None


def lines_of(texts: Texts, rule: Rule, rows: Iterable[Row]) -> Iterator[str]:
    """The lines of a rule's mutants."""
    for index, (mutant, row) in enumerate(
        zip(mutants_of(rule, texts.model.schema), rows, strict=True)
    ):
        fields = [
            rule.name, mutant.label, texts.digest(rule, index, row),
            row.outcome, row.how, row.by, row.implied_by, row.witness,
        ]  # fmt: skip
        yield json.dumps(fields, ensure_ascii=False) + "\n"


def write(
    path: Path,
    texts: Texts,
    rows: Mapping[str, list[Row]],
    assumed: Iterable[tuple[str, Row]] = (),
) -> None:
    """Write the outcomes of every rule that is given, in the model's order, and of constraints."""
    rules = [r for r in texts.model.rules.values() if r.name in rows]
    lines = [line for rule in rules for line in lines_of(texts, rule, rows[rule.name])]
    for index, (label, row) in enumerate(assumed):
        fields = [
            ASSUMED, label, texts.assumption(index, row),
            row.outcome, row.how, row.by, row.implied_by, row.witness,
        ]  # fmt: skip
        lines.append(json.dumps(fields, ensure_ascii=False) + "\n")
    path.write_text(HEAD + "".join(lines), encoding="utf-8")


def every_guard(model: Model, path: Path = SHIPPED) -> Iterator[tuple[str, str, Row | None]]:
    """Every guard of every rule, and what leaving it out came to; None if that is not known of the
    rule as it is.
    """
    kept, texts = read(path), Texts(model)
    for rule in model.rules.values():
        rows = rows_of(kept, texts, rule)
        for index, mutant in enumerate(mutants_of(rule, model.schema)):
            if mutant.kind == GUARD:
                yield rule.label, mutant.what, rows[index] if rows is not None else None


def carried(model: Model, path: Path = SHIPPED) -> dict[str, list[str]]:
    """Which guards carry each property, as far as it is known: those without which it is broken."""
    kept, texts = read(path), Texts(model)
    found: dict[str, list[str]] = {}
    for rule in model.rules.values():
        rows = rows_of(kept, texts, rule) or []
        for mutant, row in zip(mutants_of(rule, model.schema), rows, strict=False):
            if mutant.kind == "guard" and row.outcome == "caught":
                for number in row.by:
                    found.setdefault(number, []).append(f"{mutant.original.label} '{mutant.what}'")
    return found
