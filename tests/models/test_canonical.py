"""Models as data: read back they do the same, and what cannot be read is refused in one line."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest

from models.ccr.model import CCR
from models.language.canonical import (
    UnreadableModel,
    canonical_text,
    fingerprint,
    from_data,
    to_data,
)
from models.language.model import Instance, Model
from models.plain.driver import Driver
from models.plain.reader import Reader, Step
from tests.models.teaching import BROKEN, DEFENCE, INSTANCE, MODEL

Change = Callable[[Any], None]


def read_back(model: Model) -> Model:
    """The model, through text and back."""
    return from_data(json.loads(canonical_text(model)))


@pytest.mark.parametrize("model", [MODEL, BROKEN], ids=["sound", "broken"])
def test_a_model_read_back_has_the_same_text_and_fingerprint(model: Model) -> None:
    again = read_back(model)
    assert canonical_text(again) == canonical_text(model)
    assert fingerprint(again) == fingerprint(model)


@pytest.mark.parametrize("model", [MODEL, BROKEN], ids=["sound", "broken"])
def test_a_model_read_back_behaves_the_same_on_sampled_states(model: Model) -> None:
    one, two = Reader(model, INSTANCE), Reader(read_back(model), INSTANCE)
    draw = random.Random(7)
    state = one.initial()
    assert two.initial() == state
    taken = 0
    for _ in range(1_500):
        g = draw.choice(list(one.all_grounded()))
        numbers = {"dt": draw.choice((0, 1, 6_000, 10_000)), "renewed": state["lock.renewed"]}
        args = {n: g.binding.get(n, numbers.get(n, 0)) for n, _ in g.rule.params}
        step = Step(g.rule.name, args)
        refusal = one.check(state, step)
        assert two.check(state, step) == refusal
        assert two.changes(state, step) == one.changes(state, step)
        after = one.evolve(state, step)
        for p, q in zip(one.model.properties, two.model.properties, strict=True):
            assert one.holds(p, state, after) == two.holds(q, state, after)
        if refusal is None:
            state, taken = after, taken + 1
    assert taken > 200


def test_every_part_of_a_rule_and_a_property_is_kept_but_its_place() -> None:
    story = tuple(replace(p, story=("wait 5",)) for p in MODEL.properties)
    model = replace(MODEL, properties=story)
    again = read_back(model)
    pairs = [*zip(model.rules.values(), again.rules.values(), strict=True)]
    pairs += [*zip(model.properties, again.properties, strict=True)]
    for one, two in pairs:
        for part in fields(one):
            if part.name not in ("where", "actor", "moves"):
                assert repr(getattr(two, part.name)) == repr(getattr(one, part.name)), part.name
    for one, two in zip(model.rules.values(), again.rules.values(), strict=True):
        assert (two.actor.name, two.actor.on) == (one.actor.name, one.actor.on)
        assert [m.said for m in two.moves] == [m.said for m in one.moves]
        assert [repr(m.target) for m in two.moves] == [repr(m.target) for m in one.moves]


def test_the_full_model_read_back_runs_the_same() -> None:
    members = {"Node": ("A", "B"), "Network": ("N1",), "Group": ("SG1", "SG2")}
    stories = []
    for model in (CCR, read_back(CCR)):
        reader = Reader(model, Instance(members))
        driver = Driver(reader, reader.initial(), seed=3)
        story = [
            *driver.fire(Step("power_on", {"n": "A"})),
            *driver.fire(Step("power_on", {"n": "B"})),
        ]
        story += driver.wait(60_000)
        story += [*driver.fire(Step("fail_node", {"n": "A"})), *driver.wait(60_000)]
        stories.append(story)
    assert stories[0] == stories[1]
    assert len(stories[0]) > 15
    assert fingerprint(CCR) == fingerprint(read_back(CCR))


def words(data: Any) -> None:
    data["rules"][0]["title"] = "Said otherwise."
    data["rules"][0]["why"] = "For another reason."
    data["rules"][0]["source"] = "S-999"
    data["rules"][0]["phase"] = "elsewhere"


def abouts(data: Any) -> None:
    data["schema"]["records"][1]["about"] = "said otherwise"
    data["schema"]["records"][1]["fields"][0]["about"] = "said otherwise"
    data["schema"]["parameters"][0][2] = "said otherwise"


def properties(data: Any) -> None:
    data["properties"] = []
    data["constraints"] = []


def guard_name(data: Any) -> None:
    data["rules"][0]["requires"][0][0] = "the same in other words"


@pytest.mark.parametrize("change", [words, abouts, properties, guard_name])
def test_words_and_properties_do_not_change_the_fingerprint(change: Change) -> None:
    data = copy.deepcopy(to_data(MODEL))
    change(data)
    changed = from_data(data)
    assert canonical_text(changed) != canonical_text(MODEL)
    assert fingerprint(changed) == fingerprint(MODEL)


def guard(data: Any) -> None:
    data["rules"][0]["requires"][0][1] = ["le", ["const", "Int", 2], ["arg", "dt"]]


def effect(data: Any) -> None:
    data["rules"][5]["ghost"][0][1] = ["const", "Int", 0]


def default(data: Any) -> None:
    data["schema"]["parameters"][0][1] += 1


def initial(data: Any) -> None:
    data["schema"]["records"][1]["fields"][1]["initial"] = ["const", "Int", 1]


def durable(data: Any) -> None:
    data["schema"]["records"][2]["fields"][1]["durable"] = True


def trigger(data: Any) -> None:
    data["rules"][2]["trigger"] = "command"


def number(data: Any) -> None:
    data["rules"][2]["number"] = 99


def no_rule(data: Any) -> None:
    del data["rules"][4]


@pytest.mark.parametrize(
    "change", [guard, effect, default, initial, durable, trigger, number, no_rule]
)
def test_what_a_model_does_changes_the_fingerprint(change: Change) -> None:
    data = copy.deepcopy(to_data(MODEL))
    change(data)
    assert fingerprint(from_data(data)) != fingerprint(MODEL)


def test_a_dropped_guard_changes_the_fingerprint_and_the_order_of_rules_does_not() -> None:
    assert fingerprint(BROKEN) != fingerprint(MODEL)
    turned = copy.deepcopy(to_data(MODEL))
    turned["rules"].reverse()
    assert fingerprint(from_data(turned)) == fingerprint(MODEL)


def test_the_file_a_model_stands_in_is_not_kept() -> None:
    assert "teaching.py" not in canonical_text(MODEL)
    assert __file__.rpartition("/")[0] not in canonical_text(MODEL)


def test_a_stored_model_keeps_the_words_of_its_guards() -> None:
    assert DEFENCE in read_back(MODEL).rule("claim_lock").given


def at(*path: Any, value: Any) -> Change:
    """A change that puts `value` at a path of the data."""

    def put(data: Any) -> None:
        for key in path[:-1]:
            data = data[key]
        data[path[-1]] = value

    return put


def without(key: str) -> Change:
    """A change that drops a part of the data."""

    def drop(data: Any) -> None:
        del data[key]

    return drop


REQUIRED = ("rules", 0, "requires", 0, 1)
DEEP: list[Any] = ["const", "Bool", True]
for _ in range(20_000):
    DEEP = ["not", DEEP]
UNREADABLE: dict[str, tuple[Change, str]] = {
    "format": (at("format", value="other"), "it lacks format ccr-model"),
    "version": (at("version", value=2), "is of version 2; this program reads 1"),
    "operator": (at(*REQUIRED, value=["xor"]), "rule tick uses the operator 'xor', which this"),
    "python": (at(*REQUIRED, value="__import__('os')"), "where a term is needed"),
    "sort": (at(*REQUIRED, value=["const", "Real", 1]), "uses the sort 'Real', which this program"),
    "constant": (at(*REQUIRED, value=["const", "Bool", 1]), "the constant 1, which no Bool is"),
    "member": (at(*REQUIRED, value=["const", "Mode", "ON"]), "'ON', which no Mode is"),
    "argument": (
        at(*REQUIRED, value=["arg", "os"]),
        "the argument 'os', which it does not declare",
    ),
    "parameter": (at(*REQUIRED, value=["parameter", "os"]), "the parameter 'os', which is not"),
    "field": (at(*REQUIRED, value=["field", "node", "x"]), "uses node.x, which is not in its"),
    "keys": (at(*REQUIRED, value=["field", "node", "mode"]), "gives node.mode 0 keys"),
    "mixed": (at(*REQUIRED, value=["not", ["const", "Int", 1]]), "breaks the language: ~ needs"),
    "guard": (at(*REQUIRED, value=["const", "Int", 1]), "guard 'time goes forward' of rule tick"),
    "count": (at(*REQUIRED, value=["not"]), "gives 'not' 0 arguments, not 1"),
    "quantifier": (
        at(*REQUIRED, value=["each", "m", "Mode", ["const", "Bool", True]]),
        "quantifies over Mode, which has no members",
    ),
    "deep": (at(*REQUIRED, value=DEEP), "nested too deeply"),
    "trigger": (at("rules", 0, "trigger", value="whim"), "an unknown trigger 'whim'"),
    "actor": (at("rules", 0, "actor", value="me"), "does not declare 'me'"),
    "effect": (
        at("rules", 0, "sets", 0, 1, value=["const", "Bool", True]),
        "sets clock.now to true: two sorts",
    ),
    "name": (at("rules", 0, "params", 0, 0, value="x=exit()"), "cannot be the name of an argument"),
    "number": (at("rules", 0, "number", value="1"), "has no whole number as its number"),
    "twice": (at("rules", 0, "number", value=2), "rule number 2 is used twice"),
    "kind": (at("sorts", 0, "kind", value="set"), "is of an unknown kind 'set'"),
    "default": (at("schema", "parameters", 0, 1, value="9"), "has no whole number as its default"),
    "missing": (without("rules"), "does not declare 'rules'"),
    "shape": (at("rules", value=[3]), "is not of the form read here"),
    "property": (at("properties", 0, "term", value=["const", "Int", 1]), "property never_two_serv"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_data_that_is_no_model_of_this_version_is_refused_in_one_line(name: str) -> None:
    change, said = UNREADABLE[name]
    data = copy.copy(json.loads(canonical_text(MODEL)))
    change(data)
    with pytest.raises(UnreadableModel) as caught:
        from_data(data)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("data", [None, [], "text", 3, {}])
def test_anything_else_is_no_model(data: object) -> None:
    with pytest.raises(UnreadableModel, match="this is not a stored model"):
        from_data(data)
