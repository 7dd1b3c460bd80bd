"""Rules with one mistake each: how a test keeps them, stages them and reads the message.

The line that the message must name ends in the comment `here`; where no line of the body is at
fault the message names the rule itself.
"""

# mypy: disable-error-code="valid-type, no-untyped-def"
from __future__ import annotations

import linecache
import re
from collections.abc import Callable
from typing import Any

import pytest

from models.language.misuse import ModelError
from models.language.rule import ENVIRONMENT, GHOST, PASSIVE, Actor, Body, rule_for
from models.language.schema import Schema, field_of
from models.language.terms import NOBODY, Bool, Int, enum, identity

Node = identity("Node")
Disk = identity("Disk")
Mode = enum("Mode", "OFF", "ON")
Colour = enum("Colour", "RED", "BLUE")
SCHEMA = Schema()
SERVICE = Actor("service", Node)
WORLD = Actor(ENVIRONMENT)
SCHEMA.record("clock", now=field_of(Int, 0, owner="time"))
SCHEMA.record(
    "node",
    Node,
    mode=field_of(Mode, Mode.OFF, owner="service", durable=False),
    size=field_of(Int, 0, owner="service", durable=False),
    limit=field_of(Int, 5, owner="service"),
    good=field_of(Bool, True, owner="service"),
    told=field_of(Int, 0, owner="service", probe="heartbeat"),
    power=field_of(Bool, True, owner=ENVIRONMENT, probe="ping"),
    heard=field_of(Bool, True, owner="service", index=Node),
)
SCHEMA.record(
    "board",
    holder=field_of(Node, NOBODY, owner=PASSIVE, probe="share"),
    number=field_of(Int, 0, owner=PASSIVE, probe="share"),
)
SCHEMA.record("ghost", seen=field_of(Int, 0, owner=GHOST))
SCHEMA.parameter("most", 9, "the most there may be")

Case = tuple[Callable[..., Body], type[ModelError], str]


def wrong(
    cases: list[Case], error: type[ModelError], fix: str
) -> Callable[[Callable[..., Body]], Case]:
    """Keep a rule function whose staging must raise `error`, with `fix` in its words."""

    def keep(function: Callable[..., Body]) -> Case:
        cases.append((function, error, fix))
        return cases[-1]

    return keep


def stage(function: Callable[..., Body], **options: Any) -> Any:
    """The function as rule 1 of the service."""
    given = {"trigger": "command", "actor": SERVICE, "source": "test", **options}
    return rule_for(SCHEMA, "test")(1, **given)(function)


def sized(s, n, guard: Any, **more: Any) -> Body:
    """A body with this guard and a harmless effect."""
    return Body("Sized", requires={"it may": guard}, sets={s.node[n].size: 1}, **more)


def good(s, n: Node):
    """One."""
    return sized(s, n, s.node[n].good)


def check_refusal(case: Case) -> None:
    """Stage the case: it is refused, with the fix, and with the file and line that are at fault."""
    function, error, fix = case
    with pytest.raises(error) as caught:
        stage(function)
    message = str(caught.value)
    assert fix in message
    assert "\n" not in message
    place = re.match(r"(.*?):(\d+): ", message)
    assert place is not None, message
    assert place[1] == function.__code__.co_filename
    first = function.__code__.co_firstlineno
    marked = [i for i in range(first, first + 15) if _marked(place[1], i, first)]
    assert int(place[2]) == (marked[0] if marked else first), message


def _marked(file: str, line: int, first: int) -> bool:
    """This line ends in the mark, and no other case begins between `first` and it."""
    between = (linecache.getline(file, i) for i in range(first + 1, line))
    inside = not any(text.startswith("@") for text in between)
    return inside and linecache.getline(file, line).rstrip().endswith("# here")
