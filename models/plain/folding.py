"""A property written for the steps that change certain keys and no other.

For such a step most of a property is settled by its form: a key that does not change is the same
before and after (`t.x >= s.x` is `x >= x`), one that changes is not equal to itself. `Folding`
writes a term with that known, and folds what is plain from the text. With no key that changes, this
is the property of a step that changes nothing. `still` does the like for a property of states that
held in the state before: what does not read a key that changed still holds, and so does what time
can only make true (a lease that has run out). Sits above `agenda`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from models.language.terms import Term

from .agenda import CLOCK as GROWS
from .compile import Writer, reads
from .layout import Binding, Layout

TRUE, FALSE = "True", "False"
_IS = re.compile(r"\(([st]\['[^']*'\]|n\d+) == ('[^']*'|-?\d+)\)\Z")


class Folding(Writer):
    """Writes terms over `s` and `t`, the states before and after a step that changes `changed`.

    With `after`, what is after the step is not in `t` but under these names, by key; what has no
    name there is as it was, in `s`.
    """

    def __init__(
        self,
        layout: Layout,
        changed: Iterable[str] = (),
        after: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(layout)
        self._changed, self._named = frozenset(changed), after

    def write(self, term: Term, binding: Binding) -> str:
        """A Python expression for `term`; `True` or `False` if it is settled by its form."""
        op, args = term.op, term.args
        if op in ("field", "next"):
            return self._lookup(op, self.layout.key(term, binding))
        if op in ("eq", "le", "lt"):
            left, right = (self.write(a, binding) for a in args)
            if left == right:
                return FALSE if op == "lt" else TRUE
            if op == "eq" and {a.op for a in args} == {"field", "next"}:
                keys = {self.layout.key(a, binding) for a in args}
                if len(keys) == 1 and keys <= self._changed:
                    return FALSE
        elif op in ("and", "or"):
            return _joined(op, [self.write(a, binding) for a in args])
        elif op in ("each", "some"):
            name, sort = term.value
            inner = ({**binding, name: m} for m in self.layout.members(sort))
            parts = [self.write(args[0], b) for b in inner]
            return _joined("and" if op == "each" else "or", parts)
        elif op == "not":
            return _negated(self.write(args[0], binding))
        elif op == "ite":
            chosen, then, other = (self.write(a, binding) for a in args)
            if then == other or chosen == TRUE:
                return then
            if chosen == FALSE:
                return other
        return super().write(term, binding)

    def _lookup(self, op: str, key: str) -> str:
        if op == "field" and key in self._changed:
            return f"s[{key!r}]"
        if self._named is None:
            return f"t[{key!r}]"
        return self._named.get(key, f"s[{key!r}]")


def still(
    layout: Layout,
    term: Term,
    binding: Binding,
    changed: Iterable[str],
    after: Mapping[str, str] | None = None,
) -> list[str]:
    """What must hold in the state `t`, or as `after` names it, for `term` to hold there, if it held
    in the state before and only `changed` changed, `GROWS` upwards: the parts of it that this may
    have made false.
    """
    keys = frozenset(changed)
    found = []
    for part, inner in _parts(layout, term, binding):
        read = reads(part, layout, inner) & keys
        if read and not (read == {GROWS} and _rises(layout, part, inner)):
            found.append(Folding(layout, (), after).write(part, inner))
    return found


def _parts(layout: Layout, term: Term, binding: Binding) -> Iterator[tuple[Term, Binding]]:
    """The terms that `term` joins: it holds where all of them do."""
    if term.op == "and":
        for a in term.args:
            yield from _parts(layout, a, binding)
    elif term.op == "each":
        name, sort = term.value
        for member in layout.members(sort):
            yield from _parts(layout, term.args[0], {**binding, name: member})
    else:
        yield term, binding


def _rises(layout: Layout, term: Term, binding: Binding, *, up: bool = True) -> bool:
    """Whether `term` can only become true (or greater) when the clock goes on and nothing else
    changes; with `up` false, only false (or less).
    """
    if GROWS not in reads(term, layout, binding):
        return True
    op, args = term.op, term.args
    if op == "field":
        return up
    if op in ("each", "some"):
        name, sort = term.value
        inner = ({**binding, name: m} for m in layout.members(sort))
        return all(_rises(layout, args[0], b, up=up) for b in inner)
    ways = {
        "and": [True] * len(args),
        "or": [True] * len(args),
        "not": [False],
        "add": [True, True],
        "sub": [True, False],
        "le": [False, True],
        "lt": [False, True],
        "elapsed": [False, False, True],
    }.get(op)
    if op == "ite" and GROWS not in reads(args[0], layout, binding):
        return all(_rises(layout, a, binding, up=up) for a in args[1:])
    if ways is None:
        return False
    return all(_rises(layout, a, binding, up=up == way) for a, way in zip(args, ways, strict=True))


def _negated(text: str) -> str:
    return {TRUE: FALSE, FALSE: TRUE}.get(text, f"(not {text})")


def _joined(joint: str, parts: list[str]) -> str:
    """Parts joined by `and` or `or`, without those that do not matter."""
    neutral, final = (TRUE, FALSE) if joint == "and" else (FALSE, TRUE)
    left = dict.fromkeys(p for p in parts if p != neutral)
    if final in left or any(_negated(p) in left for p in left):
        return final
    if joint == "and" and _at_odds(left):
        return final
    return "(" + f" {joint} ".join(left) + ")" if left else neutral


def _at_odds(parts: Iterable[str]) -> bool:
    """Whether two of these say that the same key has different values."""
    said = [(m[1], m[2]) for m in map(_IS.match, parts) if m is not None]
    return len(set(said)) > len(dict(said))
