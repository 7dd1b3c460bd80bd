"""What `ccr verify --mutants` does: judge every mutant, count, and list what nothing notices."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from cli.frame.errors import UnknownProperty
from cli.frame.output import answer, document, faint, strong, table
from cli.session.subject import subject
from cli.verify.verifying import kept_in
from models.language.rule import Rule
from specs.catalogue import CCR
from specs.catalogue.numbers import NUMBERS
from specs.mutation.assumptions import Assumed, assumed
from specs.mutation.outcomes import ASSUMED, SHIPPED, Row, Told, read
from specs.mutation.score import Score, score

UNNOTICED = "unconstrained"
HOW = {
    "run": "by a confirmed run",
    "pair": "in a pair of states",
    "proof": "by a proof",
    "table": "by a table",
}


def show_score(
    names: Sequence[str], jobs: int | None, cached: bool, verbose: bool, as_json: bool
) -> None:
    """`ccr verify --mutants [RULE]...`: exit 1 if a mutant goes unnoticed."""
    model = subject().model
    rules = [_rule(name) for name in names] or list(model.rules)
    terminal = sys.stderr.isatty()

    def said(label: str, done: int, of: int) -> None:
        if terminal:
            sys.stderr.write(f"\r{f'{done} of {of} rules, now {label}'[:78]:<78}")
        elif verbose:
            click.echo(f"{done} of {of} rules: {label}", err=True)

    kept = {"folder": kept_in()} if cached else {"folder": None, "shipped": None}
    found = score(
        model, subject().instance, rules, jobs=jobs or os.cpu_count() or 1, on_rule=said, **kept
    )
    if terminal:
        sys.stderr.write(f"\r{'':<78}\r")
    weaker = [] if names else _assumed(cached)
    counts = _counted(found, weaker)
    if as_json:
        mutants = [t.as_json() for t in found.told] + [_as_json(*x) for x in weaker]
        body = {"counts": counts, "how": found.hows(), "kept": found.kept, "mutants": mutants}
        document("verify.mutants", body)
    else:
        _show(found, counts, verbose, weaker)
    if counts.get(UNNOTICED):
        raise click.exceptions.Exit(1)


def _rule(name: str) -> str:
    found = subject().model.numbered(name)
    if not isinstance(found, Rule):
        raise UnknownProperty(f"there is no rule {name}", "See `ccr can`, or models/RULES.md")
    return found.name


def _assumed(cached: bool) -> list[tuple[Assumed, Row]]:
    """What became of the mutants of the constraints and, of our own model, of the defaults."""
    model = subject().model
    table = NUMBERS if model is CCR else {}
    return assumed(model, subject().instance, table, [read(SHIPPED)] if cached else [])


def _counted(found: Score, weaker: list[tuple[Assumed, Row]]) -> dict[str, int]:
    counts = found.counts()
    for _, row in weaker:
        counts[row.outcome] = counts.get(row.outcome, 0) + 1
    return dict(sorted(counts.items()))


def _as_json(said: Assumed, row: Row) -> dict[str, object]:
    return {
        "rule": ASSUMED,
        "changed": {"kind": said.kind, "what": said.what, "to": said.to},
        "says": said.label,
        "outcome": row.outcome,
        "how": row.how,
        "by": list(row.by),
        "implied_by": list(row.implied_by),
        "witness": row.witness,
    }


def _show(
    found: Score, counts: dict[str, int], verbose: bool, weaker: list[tuple[Assumed, Row]]
) -> None:
    for said, row in weaker:
        if verbose or row.outcome == UNNOTICED:
            answer(f"{row.outcome:13} {said.label}")
    for told in found.told:
        if verbose or told.outcome == UNNOTICED:
            answer(f"{told.outcome:13} {told.mutant.label}")
            for line in _why(told):
                answer(faint(f"{'':13} {line}"))
    if counts:
        answer()
    rows = [(strong(outcome), n) for outcome, n in counts.items()]
    rows += [(f"  {HOW[how]}", n) for how, n in found.hows().items()]
    table(("outcome", "mutants"), rows)


def _why(told: Told) -> list[str]:
    row = told.row
    if row.outcome == "noticed":
        return [row.witness]
    if row.by:
        return [f"breaks {', '.join(row.by)}, {HOW[row.how]}"]
    if row.implied_by:
        return [f"because of {', '.join(row.implied_by)}"]
    return [row.witness] if row.witness else []
