"""Terms as Python functions of the state and of the members that arguments are bound to.

A function of one grounding has its keys filled in; here they are put together at each call, which
is cheaper where a question is asked once about very many bindings. Sits above `compile`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from models.language.terms import Term

from .compile import Writer, parts_of
from .layout import Binding, Layout


class _Open(Writer):
    """Writes terms over `s`, `a_n` for the argument n and `p_n` for its peer."""

    def __init__(self, layout: Layout) -> None:
        super().__init__(layout)
        self.keys: dict[str, None] = {}
        """The keys of the fields that were written, as Python."""
        self.peers: dict[str, None] = {}
        """The arguments whose peers are needed."""

    def key(self, term: Term, binding: Binding) -> str:
        """An expression for a field's flat key."""
        record, name, n_keys = term.value
        members = [self._text(a, binding) for a in term.args]
        found = "f" + repr(".".join((record, *members[:n_keys], name, *members[n_keys:])))
        self.keys[found] = None
        return found

    def keys_of(self, term: Term, binding: Binding) -> list[str]:
        """Expressions for the keys that a term reads."""
        self.keys.clear()
        self.write(term, binding)
        return list(self.keys)

    def member(self, term: Term, binding: Binding) -> str:
        """An expression for the member that an argument, or the peer of one, stands for."""
        inner = term.args[0] if term.op == "peer" else term
        if inner.value in binding:
            return repr(self.layout.resolve(term, binding))
        return self._named(term.op, inner.value)

    def _text(self, term: Term, binding: Binding) -> str:
        inner = term.args[0] if term.op == "peer" else term
        if inner.value in binding:
            return self.layout.resolve(term, binding).replace("{", "{{").replace("}", "}}")
        return f"{{{self._named(term.op, inner.value)}}}"

    def _named(self, op: str, name: str) -> str:
        if op != "peer":
            return f"a_{name}"
        self.peers[name] = None
        return f"p_{name}"


Function = Callable[..., tuple[str, ...] | None]


def keys_if_false(
    layout: Layout, conditions: Sequence[Term], names: Sequence[str]
) -> tuple[Function, tuple[str, ...]]:
    """f(state, members of `names`, peers): None if every condition holds, else keys one of which
    must change before the first false one holds; and of which arguments the peers are to be given.
    """
    writer = _Open(layout)
    body = ""
    for condition in conditions:
        text = writer.write(condition, {})
        body += f"{_blame(writer, condition, {}, True)} if not {text} else "
    peers = tuple(writer.peers)
    return _function([*(f"a_{n}" for n in names), *(f"p_{n}" for n in peers)], f"{body}None"), peers


def _blame(writer: _Open, term: Term, binding: Binding, wanted: bool) -> str:
    """The keys one of which must change before `term` is `wanted`, which it is not: of a false
    `and` those of its first false part, of a false `or` those of every part.
    """
    if term.op == "not":
        return _blame(writer, term.args[0], binding, not wanted)
    if term.op not in ("and", "or", "each", "some"):
        return f"({''.join(f'{key}, ' for key in writer.keys_of(term, binding))})"
    parts = parts_of(term, writer.layout, binding)
    found = [_blame(writer, part, inner, wanted) for part, inner in parts]
    if (term.op in ("and", "each")) is not wanted:
        return f"({' + '.join(found) or '()'})"
    is_wrong = "not " if wanted else ""
    asked = [
        f"{keys} if {is_wrong}{writer.write(part, inner)}"
        for keys, (part, inner) in zip(found[:-1], parts[:-1], strict=True)
    ]
    return f"({' else '.join([*asked, *found[-1:]]) or '()'})"


def values(layout: Layout, fields: Sequence[Term], names: Sequence[str]) -> Function:
    """f(state, members of `names`): what these fields are."""
    writer = _Open(layout)
    return _function(
        [f"a_{n}" for n in names], f"({''.join(f'{writer.write(f, {})}, ' for f in fields)})"
    )


def _function(arguments: Sequence[str], body: str) -> Function:
    head = ", ".join(["s", *arguments])
    code = compile(f"lambda {head}: {body}", "<sieve>", "eval")
    found: Function = eval(code)  # noqa: S307 - written above, never by a user
    return found
