"""One stands for all: what is proved for one storage group holds for any number of them."""

from __future__ import annotations

from typing import Any

import pytest
import z3

from models.language.misuse import BadRule
from models.language.model import ALWAYS, Model, model_of
from models.language.rule import Actor, Body, rule_for
from models.language.schema import Schema, field_of
from models.language.terms import NOBODY, Bool, Int, Term, each, peer, some
from specs.options import Options
from specs.proof.induction import Induction
from specs.proof.siblings import OTHER, bit_of
from specs.reading.symbolic import Reading, Scope
from specs.search.explore import Explorer
from specs.verdict import HOLDS
from specs.verify import verify
from tests.specs import storage


def proved(model: Model) -> dict[str, bool]:
    """Which properties induction proves with one storage group standing for all."""
    found: dict[str, bool] = {}
    for result in Induction(model, storage.instance(1)).prove():
        holds = result.obligation.verdict == HOLDS
        found[result.obligation.property] = found.get(result.obligation.property, True) and holds
    return found


def refuted(model: Model, groups: int, depth: int = 4) -> set[str]:
    """Which properties a run of the plain reader breaks, with so many storage groups."""
    explorer = Explorer(model, storage.instance(groups))
    return {p.number for p in model.properties if explorer.find(p, depth).run is not None}


def test_quantified_guards_and_properties_are_proved_for_one_that_stands_for_all() -> None:
    expected = {"P01": True, "P02": True, "P03": True, "P04": True, "P05": False, "P06": False}
    assert proved(storage.MODEL) == expected


@pytest.mark.parametrize("model", [storage.MODEL, storage.CARELESS, storage.EAGER])
@pytest.mark.parametrize("groups", [1, 2])
def test_nothing_that_a_run_breaks_is_proved(model: Model, groups: int) -> None:
    broken = refuted(model, groups)
    assert not broken & {n for n, holds in proved(model).items() if holds}


def test_a_property_that_is_true_of_one_group_but_false_of_two_is_not_proved() -> None:
    assert "P06" not in refuted(storage.MODEL, 1)
    assert "P06" in refuted(storage.MODEL, 2)
    assert not proved(storage.MODEL)["P06"]


@pytest.mark.parametrize("model", [storage.CARELESS, storage.EAGER])
def test_each_way_to_say_it_is_lost_when_the_guard_is_dropped(model: Model) -> None:
    found = proved(model)
    assert [found["P01"], found["P02"], found["P03"]] == [False, False, False]


def test_a_sibling_that_is_spoilt_counts_against_the_property() -> None:
    engine = Induction(storage.CARELESS, storage.instance(1))
    failed = {r.obligation.rule for r in engine.prove() if r.obligation.verdict != HOLDS and r.cti}
    assert f"R002 spoil(n=A, g={OTHER})" in failed


def test_a_bit_depends_on_what_its_body_reads_of_a_sibling() -> None:
    reading = Reading(storage.MODEL, storage.instance(1), havoc=True)
    term = storage.every_ready(storage.MODEL.state, storage.serve.keys[0])
    bit = bit_of(term, reading.layout, {"n": "A"})
    assert bit is not None
    assert bit.name == "every other Group: copy.A.*.ready"
    assert bit.depends == {"copy.A.*.ready"}


Node, Group = storage.Node, storage.Group


def odd_model(**fields: Any) -> tuple[Schema, Any]:
    """A schema with one record of the given fields, and its rule decorator."""
    schema = Schema()
    schema.record("node", Node, **fields)
    return schema, rule_for(schema, "odd")


def test_of_two_siblings_that_are_named_nobody_knows_whether_they_are_one() -> None:
    schema, _ = odd_model(chosen=field_of(Group, NOBODY, owner="service"))
    reading = Reading(
        model_of("odd", schema, (), tracked=(Group,)), storage.instance(1), havoc=True
    )
    n, g = Term("arg", Node, value="n"), Term("arg", Group, value="g")
    same = schema.state.node[n].chosen == g

    def answers(chosen: str, named: str) -> set[bool]:
        here = reading.old["node.A.chosen"] == reading.literal(chosen, Group)
        said = reading.encode(same, Scope(reading.old, binding={"n": "A", "g": named}))
        both = {True: said, False: z3.Not(said)}
        return {word for word, text in both.items() if z3.Solver().check(here, text) == z3.sat}

    assert answers("SG1", "SG1") == {True}
    assert answers("SG1", OTHER) == answers(OTHER, "SG1") == answers("", OTHER) == {False}
    assert answers(OTHER, OTHER) == {True, False}


def test_a_rule_with_two_tracked_members_is_refused() -> None:
    schema, rule = odd_model(count=field_of(Int, 0, owner="service"))

    def pair(s: Any, n: Node, g: Group, h: Group) -> Body:  # type: ignore[valid-type]
        """Count a pair."""
        return Body("Paired", requires={"alike": g == h}, sets={s.node[n].count: 1})

    staged = rule(1, trigger="command", actor=Actor("service", Node), source="test")(pair)
    model = model_of("odd", schema, (staged,), tracked=(Group,))
    with pytest.raises(BadRule, match="two members of a tracked sort"):
        Reading(model, storage.instance(2), havoc=True)


def test_the_peer_of_a_tracked_member_is_refused() -> None:
    schema, rule = odd_model(up=field_of(Bool, False, owner="service"))

    def meet(s: Any, n: Node) -> Body:  # type: ignore[valid-type]
        """Meet the other one."""
        return Body("Met", requires={"other": peer(n) == n}, sets={s.node[n].up: True})

    staged = rule(1, trigger="command", actor=Actor("service", Node), source="test")(meet)
    model = model_of("odd", schema, (staged,), tracked=(Node,))
    with pytest.raises(BadRule, match="no one peer"):
        Induction(model, storage.instance(1))


@storage.promise("P90", kind=ALWAYS, source="test")
def some_copy_is_like_each(s: Any, n: storage.Node) -> Term:
    """Every copy has one that is as ready."""
    return each(
        storage.Group,
        lambda g: some(storage.Group, lambda h: s.copy[n, g].ready == s.copy[n, h].ready),
    )


def test_a_sibling_within_a_sibling_is_declared_wherever_it_is_spoken_of() -> None:
    model = storage.MODEL.promising((some_copy_is_like_each,))
    options = Options(method="induction")
    report = verify(model, storage.instance(1), [some_copy_is_like_each], options=options)
    assert not [o for o in report.obligations if "refused its input" in o.detail]
