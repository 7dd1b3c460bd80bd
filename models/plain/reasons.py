"""Why a property is true: the keys on which that rests, as one function for all bindings.

Of a true `and` every part is needed, of a true `or` one: as long as no key of the reason changes,
the property stays true, in a state and in a step, whatever else happens. It is written and compiled
once for each property; a binding fills in its keys. Sits above `compile` and `agenda`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from models.language.terms import Sort, Term

from .agenda import CLOCK
from .compile import Template, names_of, parts_of
from .layout import Layout

Holds = Callable[[Any, Any], bool]
Why = Callable[[Any], tuple[str, ...] | None]


class _Step(Template):
    """f(s, t): a term of a step."""

    def __init__(self, layout: Layout) -> None:
        super().__init__(layout, ())
        self._head = "s, t"


class _Reason(Template):
    """f(s): the keys on which it rests that a term is true where nothing changes; else None."""

    def __init__(self, layout: Layout, own: tuple[str, ...]) -> None:
        super().__init__(layout, ())
        self._own = tuple(f"%({name})s" for name in own)

    def write(self, term: Term, binding: Mapping[str, str]) -> str:
        """A Python expression for `term` in a step that changes nothing."""
        if term.op == "next":
            return f"s[{self.key(term, binding)}]"
        return super().write(term, binding)

    def whole(self, term: Term) -> str:
        """The reason of `term`."""
        return f"{self._why(term, {}, True)} if {self.write(term, {})} else None"

    def _why(self, term: Term, binding: Mapping[str, str], truth: bool) -> str:
        """A tuple of keys on which it rests that `term` is true (or false), given that it is."""
        if term.op == "not":
            return self._why(term.args[0], binding, not truth)
        if term.op not in ("and", "or", "each", "some"):
            return _tuple(self._reads(term, binding))
        parts = parts_of(term, self.layout, binding)
        if (term.op in ("and", "each")) is truth:
            return "(" + "".join(f"*{self._why(*part, truth)}, " for part in parts) + ")"
        parts.sort(key=lambda part: self._weight(*part))
        no = "" if truth else "not "
        asked = [f"{self._why(*p, truth)} if {no}{self.write(*p)} else " for p in parts[:-1]]
        return f"({''.join(asked)}{self._why(*parts[-1], truth)})" if parts else "()"

    def _weight(self, term: Term, binding: Mapping[str, str]) -> tuple[bool, int]:
        """How much speaks against resting on a part: the clock, and keys that others share."""
        read = self._reads(term, binding)
        keys = [text for (_, text), slot in self._slots.items() if slot in read]
        return CLOCK in keys, sum(not any(o in text for o in self._own) for text in keys)

    def _reads(self, term: Term, binding: Mapping[str, str]) -> dict[str, None]:
        """The slots of the keys in a term."""
        if term.op in ("field", "next"):
            return {self.key(term, binding): None}
        if term.op in ("arg", "peer"):
            return {}
        parts = (
            parts_of(term, self.layout, binding)
            if term.op in ("each", "some")
            else [(a, binding) for a in term.args]
        )
        return {slot: None for part in parts for slot in self._reads(*part)}


def _tuple(slots: Mapping[str, None]) -> str:
    return "(" + "".join(f"{slot}, " for slot in slots) + ")"


class Reasons:
    """A property of members, under any binding: whether it holds, and why."""

    def __init__(self, layout: Layout, term: Term, params: tuple[tuple[str, Sort], ...]) -> None:
        self.layout, self._sorts = layout, dict(params)
        self._step = _Step(layout)
        self._step.compile(self._step.write(term, {}))
        self._reason = _Reason(layout, tuple(n for n, s in params if s.open))
        self._reason.compile(self._reason.whole(term))

    def holds(self, binding: dict[str, str]) -> Holds:
        """f(before, after)."""
        return self._step.fill(self._names(binding))

    def why(self, binding: dict[str, str]) -> Why:
        """f(state): the keys on which it rests that the property is true in a step from there that
        changes nothing; None if it is not.
        """
        return self._reason.fill(self._names(binding))

    def keys(self, binding: dict[str, str]) -> frozenset[str]:
        """Every key on which it depends."""
        return self._step.keys(self._names(binding))

    def _names(self, binding: dict[str, str]) -> dict[str, str]:
        return names_of(self.layout, binding, self._sorts)
