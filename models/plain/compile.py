"""Terms to Python source: the plain reading of a rule, generated from its data.

Only the operators of `terms` are ever emitted, so a model that was parsed back from a store runs no
foreign code. A rule is compiled once, as a `Template` with its keys left open; each grounding fills
in its own keys, which is much cheaper than compiling. Sits above `layout`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import CodeType, FunctionType
from typing import Any

from models.language.misuse import BadRule
from models.language.terms import Sort, Term

from .layout import Binding, Layout

_INFIX = {"eq": "==", "lt": "<", "le": "<=", "add": "+", "sub": "-", "mul": "*"}
_GAP = "\0"


class Writer:
    """Writes terms as Python over `s` (the state), `t` (the state after a step) and arguments."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    def key(self, term: Term, binding: Binding) -> str:
        """The source of a field's flat key."""
        return repr(self.layout.key(term, binding))

    def member(self, term: Term, binding: Binding) -> str:
        """The source of an argument, or of the peer of one."""
        if term.op == "arg" and term.value not in binding:
            return f"a_{term.value}"
        return repr(self.layout.resolve(term, binding))

    def write(self, term: Term, binding: Binding) -> str:
        """A Python expression for `term`."""
        op, args = term.op, term.args
        if op == "const":
            return repr(term.value)
        if op == "parameter":
            return repr(self.layout.parameters[term.value])
        if op in ("arg", "peer"):
            return self.member(term, binding)
        if op in ("field", "next"):
            return f"{'s' if op == 'field' else 't'}[{self.key(term, binding)}]"
        if op in ("each", "some"):
            name, sort = term.value
            members = self.layout.members(sort)
            parts = [self.write(args[0], {**binding, name: m}) for m in members]
            return _join("and" if op == "each" else "or", parts)
        parts = [self.write(a, binding) for a in args]
        if op in ("and", "or"):
            return _join(op, parts)
        if op == "not":
            return _SAID.get(parts[0], f"(not {parts[0]})")
        if op == "ite":
            chosen = {"True": parts[1], "False": parts[2]}
            return chosen.get(parts[0], f"({parts[1]} if {parts[0]} else {parts[2]})")
        if op == "elapsed":
            return f"({parts[2]} - {parts[0]} >= {parts[1]})"
        return _compared(_INFIX[op], *parts)


_SAID = {"True": "False", "False": "True"}
_LITERAL = re.compile(r"-?\d+|'\w*'|True|False")


def _join(op: str, parts: list[str]) -> str:
    """What is true or false whatever the state is not asked."""
    neutral = "True" if op == "and" else "False"
    if _SAID[neutral] in parts:
        return _SAID[neutral]
    left = [p for p in parts if p != neutral]
    return "(" + f" {op} ".join(left) + ")" if left else neutral


def _compared(sign: str, left: str, right: str) -> str:
    text = f"({left} {sign} {right})"
    if left == right and sign in ("==", "<=", "<"):
        return str(sign != "<")
    if _LITERAL.fullmatch(left) and _LITERAL.fullmatch(right):
        return repr(eval(text, {}))  # noqa: S307 - two literals, written above
    return text


class Template(Writer):
    """A function of one rule with the keys of its grounding left open: written, compiled, filled.

    Every open key becomes a default argument, so that a filled function is as fast as one that was
    compiled for its grounding alone. All open keys are kept as one text with `%(n)s` and
    `%(peer n)s` in it: filling in a grounding is one formatting.
    """

    def __init__(self, layout: Layout, arguments: tuple[str, ...], clock: str = "") -> None:
        super().__init__(layout)
        self._head = ", ".join(["s", *([clock] if clock else []), *(f"a_{a}" for a in arguments)])
        self._valued = frozenset(arguments)
        self._clock = clock
        self._slots: dict[tuple[bool, str], str] = {}
        self._code: CodeType | None = None
        self._pattern = ""

    def key(self, term: Term, binding: Binding) -> str:
        """A slot for the flat key."""
        record, name, n_keys = term.value
        keys = [self._open(a, binding) for a in term.args]
        return self._slot(True, ".".join((record, *keys[:n_keys], name, *keys[n_keys:])))

    def member(self, term: Term, binding: Binding) -> str:
        """A valued argument, or a slot for the member that a key argument stands for."""
        if term.op == "arg" and term.value in self._valued and term.value not in binding:
            return f"a_{term.value}"
        return self._slot(False, self._open(term, binding))

    def write(self, term: Term, binding: Binding) -> str:
        """A Python expression for `term`; the clock is an argument where the template has one."""
        if self._clock and term.op == "field" and term.value[:2] == ("clock", "now"):
            return self._clock
        return super().write(term, binding)

    def _slot(self, is_key: bool, text: str) -> str:
        return self._slots.setdefault((is_key, text), f"k{len(self._slots)}")

    def _open(self, term: Term, binding: Binding) -> str:
        """The text of a key term: a member if `binding` (a quantifier) names it, else left open."""
        name = term.args[0].value if term.op == "peer" else term.value
        if name in binding:
            return self.layout.resolve(term, binding).replace("%", "%%")
        return f"%({'peer ' if term.op == 'peer' else ''}{name})s"

    def compile(self, body: str) -> None:
        """Compile `body`, an expression made of what this template wrote."""
        slots = "".join(f", {name}=None" for name in self._slots.values())
        code = compile(f"lambda {self._head}{slots}: {body}", "<rule>", "eval")
        self._code = eval(code, {}).__code__  # noqa: S307 - written above, never by a user
        self._pattern = _GAP.join(text for _, text in self._slots)

    def fill(self, names: Mapping[str, str]) -> Callable[..., Any]:
        """The compiled function for one grounding; `names` is what `names_of` gives for it."""
        assert self._code is not None
        return FunctionType(self._code, {}, "rule", self._values(names))

    def keys(self, names: Mapping[str, str]) -> frozenset[str]:
        """Every flat key that the filled function reads (not the clock, if that is an argument)."""
        values = zip(self._slots, self._values(names), strict=True)
        return frozenset(v for (is_key, _), v in values if is_key)

    def _values(self, names: Mapping[str, str]) -> tuple[str, ...]:
        if not self._slots:
            return ()
        try:
            return tuple((self._pattern % names).split(_GAP))
        except KeyError as error:
            raise BadRule(f"there is no {error.args[0]}: peer() needs two members") from None


def names_of(layout: Layout, binding: Binding, sorts: Mapping[str, Sort]) -> dict[str, str]:
    """What the open keys of a grounding stand for: its arguments and, in a pair, their peers."""
    names = dict(binding)
    for name, member in binding.items():
        if sorts[name].kind == "id" and len(layout.members(sorts[name])) == 2:
            names[f"peer {name}"] = layout.peer(sorts[name], member)
    return names


def source(term: Term, layout: Layout, binding: Binding) -> str:
    """A Python expression for `term` over `s` and `t` (the states before and after a step).

    Arguments that `binding` does not name become `a_<name>`.
    """
    return Writer(layout).write(term, binding)


def function(body: str, arguments: tuple[str, ...]) -> Callable[..., Any]:
    """A function of the state `s` and the named valued arguments returning `body`."""
    head = ", ".join(["s", *(f"a_{a}" for a in arguments)])
    code = compile(f"lambda {head}: {body}", "<rule>", "eval")
    found: Callable[..., Any] = eval(code)  # noqa: S307 - `body` is written here, never by a user
    return found


def step_function(term: Term, layout: Layout, binding: Binding) -> Callable[[Any, Any], bool]:
    """A function of the states before and after a step."""
    code = compile(f"lambda s, t: {source(term, layout, binding)}", "<property>", "eval")
    found: Callable[[Any, Any], bool] = eval(code)  # noqa: S307 - as above
    return found


def parts_of(
    term: Term, layout: Layout, binding: Mapping[str, Any]
) -> list[tuple[Term, Mapping[str, Any]]]:
    """What `and`, `or`, `each` or `some` joins, each with its binding."""
    if term.op in ("and", "or"):
        return [(a, binding) for a in term.args]
    name, sort = term.value
    return [(term.args[0], {**binding, name: member}) for member in layout.members(sort)]


def reads(term: Term, layout: Layout, binding: Binding) -> set[str]:
    """Every flat key that `term` reads under a binding."""
    if term.op in ("each", "some"):
        name, sort = term.value
        body = term.args[0]
        return {k for m in layout.members(sort) for k in reads(body, layout, {**binding, name: m})}
    found = {layout.key(term, binding)} if term.op in ("field", "next") else set()
    for a in term.args:
        if term.op not in ("field", "next", "peer"):
            found |= reads(a, layout, binding)
    return found
