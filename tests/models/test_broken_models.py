"""What is wrong with a model as a whole, its properties or its schema is refused in plain words."""

# mypy: disable-error-code="valid-type, no-untyped-def"
from __future__ import annotations

from typing import Any

import pytest

from models.language.misuse import BadRule, MixedSorts, ModelError, TermMisuse
from models.language.model import ALWAYS, STEP, model_of, property_for
from models.language.rule import Body
from models.language.schema import Schema, field_of
from models.language.terms import Int, Sort, Term
from tests.models.misuse import SCHEMA, WORLD, Mode, Node, good, sized, stage


def uses_or(s, n: Node):
    """One."""
    return sized(s, n, s.node[n].good or s.node[n].size == 1)


def uses_the_world(s, n: Node):
    """One."""
    return Body("Powered", requires={"on": s.node[n].power}, sets={s.node[n].power: False})


def reads_a_ghost(s, n: Node):
    """One."""
    return sized(s, n, s.ghost.seen == 1)


def test_the_message_says_what_where_and_what_to_write() -> None:
    with pytest.raises(TermMisuse) as caught:
        stage(uses_or)
    assert str(caught.value) == (
        f"{__file__}:{uses_or.__code__.co_firstlineno + 2}: a term has no truth value before it is"
        " read. `or` drops a term: write a | b, or any_of(a, b, ...)"
    )


def test_what_is_right_is_not_refused() -> None:
    assert stage(good).label == "R001 good"


def test_an_unknown_trigger_is_refused() -> None:
    with pytest.raises(BadRule, match="trigger 'whim' is not one of command, fault"):
        stage(good, trigger="whim")


def test_a_world_rule_may_read_and_write_anything_but_ghosts() -> None:
    assert stage(uses_the_world, actor=WORLD).actor is WORLD
    with pytest.raises(BadRule, match="a ghost"):
        stage(reads_a_ghost, actor=WORLD)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"number": 1}, "rule number 1 is used twice"),
        ({"name": "good"}, "rule name good is used twice"),
        ({"event": "Sized"}, "event Sized is used twice"),
    ],
)
def test_two_rules_with_one_number_name_or_event_are_refused(change: Any, said: str) -> None:
    first = stage(good)
    other = {"number": 2, "name": "better", "event": "Bettered", **change}
    with pytest.raises(BadRule, match=said):
        model_of("m", SCHEMA, [first, first.changed(**other)])


def holds(s):
    """It holds."""
    return s.ghost.seen == 0


@pytest.mark.parametrize(
    ("function", "options", "said"),
    [
        (holds, {"kind": "often"}, "'often' is not a kind of property"),
        (lambda s: s.ghost.seen, {}, "a property is a Bool term"),
        (lambda s: s.ghost.seen == 0, {}, "a property needs a docstring"),
        (lambda s: s.ghost.seen == 0 or s.ghost.seen == 1, {}, "`or` drops a term"),
    ],
)
def test_a_property_that_cannot_be_meant_is_refused(function: Any, options: Any, said: str) -> None:
    with pytest.raises(ModelError, match=said) as caught:
        property_for(SCHEMA)("P1", **{"kind": ALWAYS, "source": "test", **options})(function)
    assert str(caught.value).startswith(f"{__file__}:")


def test_a_step_property_at_a_rule_that_does_not_exist_is_refused() -> None:
    def kept(s: Any, t: Any) -> Term:
        """It is kept."""
        same: Term = t.ghost.seen == s.ghost.seen
        return same

    found = property_for(SCHEMA)("P1", kind=STEP, source="test", at=("goood",))(kept)
    with pytest.raises(BadRule, match="there is no rule goood; did you mean good"):
        model_of("m", SCHEMA, [stage(good)]).promising([found])


def test_two_properties_with_one_number_are_refused() -> None:
    one = property_for(SCHEMA)("P1", kind=ALWAYS, source="test")(holds)
    with pytest.raises(BadRule, match="property number P1 is used twice"):
        model_of("m", SCHEMA, [stage(good)]).promising([one, one])


def test_an_initial_value_of_another_sort_is_refused() -> None:
    with pytest.raises(MixedSorts, match="is not a constant of sort Int"):
        field_of(Int, Mode.ON, owner="service")


def test_a_record_and_a_parameter_are_declared_once() -> None:
    schema = Schema()
    schema.record("a")
    schema.parameter("b", 1, "")
    with pytest.raises(BadRule, match="record a is declared twice"):
        schema.record("a")
    with pytest.raises(BadRule, match="parameter b is declared twice"):
        schema.parameter("b", 2, "")


def test_a_member_that_an_enum_lacks_is_named_with_those_it_has() -> None:
    with pytest.raises(AttributeError, match="Mode has no member ONN; it has OFF, ON"):
        _ = Mode.ONN


def test_a_sort_is_a_value() -> None:
    assert Mode == Sort("Mode", "enum", ("OFF", "ON"))
