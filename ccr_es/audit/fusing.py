"""One compiled function for events of one rule under one binding that change the same keys: guards,
effects, and what of the properties they may break.

It is made of the same terms as everything else. It takes an event or, in any doubt, changes nothing
and says no: a guard that is false, another set of keys that changes, a property that may be broken.
Sits above `cases`; must not import the store.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from models.plain.agenda import CLOCK
from models.plain.compile import Writer
from models.plain.ground import Grounded

from .cases import Sight

Taken = Callable[..., bool]
"""f(state, set_by, number, time passed, *valued arguments): takes the event, or returns False."""


def fused(grounded: Grounded, keys: tuple[str, ...], sight: Sight) -> Taken | None:
    """The function for events that change `keys`; None if they cannot be written so."""
    writer, binding, rule = Writer(grounded.layout), grounded.binding, grounded.rule
    effects = [(grounded.layout.key(f, binding), v) for f, v in rule.effects]
    names = {key: f"n{i}" for i, (key, _) in enumerate(effects)}
    if len(names) < len(effects):
        return None
    guards = [writer.write(g, binding) for g in rule.guards.values()]
    lines = [f"if not ({' and '.join(guards) or 'True'}): return False"]
    lines += [f"{names[key]} = {writer.write(value, binding)}" for key, value in effects]
    differs = [f"{n} {'==' if k in keys else '!='} s[{k!r}]" for k, n in names.items()]
    if differs:
        lines.append(f"if {' or '.join(differs)}: return False")
    passed = f"{names[CLOCK]} - s[{CLOCK!r}]" if CLOCK in keys else "0"
    lines.append(f"if passed != {passed} or not ({sight.text(names)}): return False")
    lines += [f"s[{k!r}] = {names[k]}; b[{k!r}] = number" for k in keys]
    head = ", ".join(["s", "b", "number", "passed", *(f"a_{n}" for n in grounded.names)])
    text = "\n ".join([f"def taken({head}):", *lines, "return True"])
    found: dict[str, Any] = {}
    exec(compile(text, "<rule>", "exec"), found)  # noqa: S102 - written above, never by a user
    taken: Taken = found["taken"]
    return taken
