"""The least value of one unknown at which a system of difference constraints allows something.

A constraint bounds the difference of two real variables by a number plus a multiple of the
unknown: the times of events, the rates of clocks within bounds, and by how much clocks differ.
What is asked for is a conjunction of alternatives, each a few constraints. The answer is an exact
rational, checked twice: the assignment that z3 gives is put into every constraint by plain
arithmetic, and below the least value nothing satisfies them; the constraints that say so are the
core.

Generic: nothing here knows what the variables stand for. Imports z3, never `ccr_es` or `cli`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import z3

from ..reading.asking import check, why_unknown
from ..verdict import EngineError

RLIMIT = 50_000_000
_UNKNOWN = "!unknown"


@dataclass(frozen=True)
class Difference:
    """`later - earlier <= at_most + per_unit * unknown`. `name` is what a core names; several may
    share one, and one without a name is always taken as given.
    """

    later: str
    earlier: str
    at_most: Fraction
    per_unit: Fraction = Fraction(0)
    name: str = ""

    def holds(self, values: Mapping[str, Fraction], unknown: Fraction) -> bool:
        """Whether it is so, by plain arithmetic."""
        limit = self.at_most + self.per_unit * unknown
        return values[self.later] - values[self.earlier] <= limit


Alternatives = Sequence[Sequence[Difference]]
"""One of several conjunctions."""


@dataclass(frozen=True)
class Least:
    """The answer. `value` is None if no value of the unknown allows it; `core` names what forbids
    less (or, without a value, anything). `decided` is false if z3 gave up, `why` then says why.
    """

    value: Fraction | None
    core: tuple[str, ...] = ()
    decided: bool = True
    why: str = ""


def least(
    system: Iterable[Difference], goal: Sequence[Alternatives] = (), *, rlimit: int = RLIMIT
) -> Least:
    """The least value, not below 0, of the unknown at which the system allows the goal: one
    alternative of each of its parts. Raises `EngineError` if z3's answer does not stand the check.
    """
    given = list(system)
    variables = _variables([*given, *(d for part in goal for way in part for d in way)])
    unknown = z3.Real(_UNKNOWN)
    wanted = [_any(part, variables, unknown) for part in goal]
    asking = z3.Optimize()
    asking.set("rlimit", rlimit)
    asking.add(unknown >= 0, *wanted, *(_term(d, variables, unknown) for d in given))
    smallest = asking.minimize(unknown)
    answer = asking.check()
    if answer == z3.unknown:
        why = asking.reason_unknown()
        if "interrupted" in why:
            raise KeyboardInterrupt
        return Least(None, decided=False, why=f"undecided within the limit ({why})")
    if answer == z3.unsat:
        return _below(given, wanted, variables, unknown, None, rlimit)
    value = _fraction(asking.lower(smallest))
    _confirm(given, goal, asking.model(), variables, value)
    return _below(given, wanted, variables, unknown, value, rlimit)


def _variables(found: Iterable[Difference]) -> dict[str, Any]:
    names = {name for d in found for name in (d.later, d.earlier)}
    return {name: z3.Real(name) for name in sorted(names)}


def _number(value: Fraction) -> Any:
    return z3.Q(value.numerator, value.denominator)


def _fraction(found: Any) -> Fraction:
    """z3 writes a whole number `3` and a fraction `3/2`."""
    try:
        return Fraction(str(found))
    except ValueError:
        raise EngineError(f"z3's answer {found} is not a number") from None


def _term(d: Difference, variables: Mapping[str, Any], unknown: Any) -> Any:
    limit = _number(d.at_most)
    if d.per_unit:
        limit = limit + _number(d.per_unit) * unknown
    return variables[d.later] - variables[d.earlier] <= limit


def _any(part: Alternatives, variables: Mapping[str, Any], unknown: Any) -> Any:
    ways = [z3.And(*(_term(d, variables, unknown) for d in way)) for way in part]
    return z3.Or(*ways)


def _confirm(
    given: Sequence[Difference],
    goal: Sequence[Alternatives],
    model: Any,
    variables: Mapping[str, Any],
    value: Fraction,
) -> None:
    """The assignment satisfies every constraint and one way of each part, by plain arithmetic."""
    values = {n: _fraction(model.eval(v, model_completion=True)) for n, v in variables.items()}
    wrong = [d for d in given if not d.holds(values, value)]
    unmet = [p for p in goal if not any(all(d.holds(values, value) for d in w) for w in p)]
    if wrong or unmet:
        raise EngineError(f"z3's assignment breaks {(wrong or unmet)[0]}")


def _below(
    given: Sequence[Difference],
    wanted: Sequence[Any],
    variables: Mapping[str, Any],
    unknown: Any,
    value: Fraction | None,
    rlimit: int,
) -> Least:
    """The answer, with the named constraints without which less would do."""
    solver = z3.Solver()
    solver.set("core.minimize", True)
    solver.add(unknown >= 0, *wanted)
    if value is not None:
        solver.add(unknown < _number(value))
    names = sorted({d.name for d in given if d.name})
    literals = {name: z3.Bool(f"!named {name}") for name in names}
    for d in given:
        term = _term(d, variables, unknown)
        solver.add(z3.Implies(literals[d.name], term) if d.name else term)
    answer = check(solver, *literals.values(), rlimit=rlimit)
    if answer == z3.sat:
        raise EngineError(f"less than the least value {value} is possible")
    if answer == z3.unknown:
        return Least(value, (), False, why_unknown(solver))
    told = {str(literal): name for name, literal in literals.items()}
    core = tuple(sorted(told[str(literal)] for literal in solver.unsat_core()))
    return Least(value, core)
