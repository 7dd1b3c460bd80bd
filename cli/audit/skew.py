"""By how much the clocks of a record must have been apart for another answer: the solver is asked,
and each answer has the lines that force it.

The joint between the record's constraints (`ccr_es.observations`) and the solver
(`specs.sweep.differences`). Imports z3.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil

from ccr_es.observations import ObservationReport
from ccr_es.observations.kinds import seconds_text
from ccr_es.observations.reasoning.finding import Turning
from ccr_es.observations.reasoning.timing import Bound, Question, Timing
from specs.sweep.differences import Difference, Least, least


def turnings(report: ObservationReport) -> list[Turning]:
    """The least skew that the record needs at all, that changes whether two served at once, and
    that turns each open order.
    """
    timing = report.timing()
    if timing.left_out:
        return [Turning(f"not asked: {timing.left_out} moments are too many for the solver")]
    asking = _Asking(timing)
    floor = asking.least(())
    if floor.value is None:
        return [Turning(_undecided("the record as a whole", floor), None, (), asking.lines(floor))]
    found = []
    if floor.value > 0:
        text = f"the clocks were at least {_seconds(floor.value)} apart in any case"
        found.append(Turning(text, ceil(floor.value), (), asking.lines(floor)))
    found += _served(timing, asking, floor.value)
    for order in timing.orders:
        answer = asking.least(order.parts)
        found.append(_turning(order.words, order, answer, asking))
    return found


class _Asking:
    """The system in the solver's words, and back."""

    def __init__(self, timing: Timing) -> None:
        self.named: dict[str, Bound] = {}
        self.system = [self._difference(b) for b in timing.system]

    def _difference(self, b: Bound) -> Difference:
        name = f"{b.why} {b.lines}" if b.why else ""
        if name:
            self.named[name] = b
        return Difference(b.later, b.earlier, b.at_most, Fraction(b.per_skew), name)

    def least(self, parts: Sequence[Sequence[Sequence[Bound]]]) -> Least:
        """The least skew at which the parts can be."""
        goal = [[[self._difference(b) for b in way] for way in part] for part in parts]
        return least(self.system, goal)

    def lines(self, answer: Least) -> tuple[int, ...]:
        """The lines at the core of an answer."""
        return tuple(sorted({n for name in answer.core for n in self.named[name].lines}))


def _served(timing: Timing, asking: _Asking, floor: Fraction) -> list[Turning]:
    """Whether two served at once as the clocks read, and at which skew that changes."""
    together, apart = timing.together, timing.apart
    if together is None or apart is None:
        return [Turning("nothing is known of two parties that served, so no skew changes it")]
    both, none = asking.least(together.parts), asking.least(apart.parts)
    if none.value is None or none.value > floor:
        return [_turning("two nodes served at once, by what they declared", apart, none, asking)]
    if both.value is None or both.value > floor:
        text = "no two nodes served at once, by what they declared"
        return [_turning(text, together, both, asking)]
    text = "whether two nodes served at once is open even if the clocks agree: the stamps are too"
    return [Turning(f"{text} coarse", None, together.lines)]


def _turning(words: str, question: Question, answer: Least, asking: _Asking) -> Turning:
    if not answer.decided:
        return Turning(_undecided(words, answer), None, question.lines)
    if answer.value is None:
        text = f"{words}, however far the clocks were apart"
        return Turning(text, None, question.lines, asking.lines(answer))
    text = f"{words}, unless the clocks were at least {_seconds(answer.value)} apart"
    return Turning(text, ceil(answer.value), question.lines, asking.lines(answer))


def _undecided(words: str, answer: Least) -> str:
    return f"{words}: {answer.why or 'the record contradicts what is assumed of its clocks'}"


def _seconds(value: Fraction) -> str:
    return seconds_text(ceil(value))
