"""The two readers agree on every rule and property; a reader that errs anywhere is caught."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import z3

from models.language.model import Model
from specs.reading import symbolic
from specs.reading.agreement import agreement
from tests.models import teaching
from tests.specs import storage

SEEDS = (1, 2, 3)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_readers_agree_on_the_teaching_model(seed: int) -> None:
    found = agreement(teaching.MODEL, teaching.INSTANCE, seed, samples=20)
    assert found.differences == []
    assert found.compared > 1_500


def test_every_rule_is_compared_in_a_state_in_which_it_may_fire() -> None:
    found = agreement(teaching.MODEL, teaching.INSTANCE, 1, samples=1)
    fired = {label.partition("(")[0] for label in found.enabled}
    assert fired == {r.label for r in teaching.MODEL.rules.values()}


def test_the_readers_agree_on_quantifiers() -> None:
    assert agreement(storage.MODEL, storage.instance(3), 1, samples=20).differences == []


def test_the_same_seed_compares_the_same() -> None:
    one, two = (agreement(teaching.MODEL, teaching.INSTANCE, 7) for _ in range(2))
    assert (one.compared, one.enabled) == (two.compared, two.enabled)


WRONG: dict[str, Callable[[list[Any]], Any]] = {
    "and": lambda parts: z3.Or(*parts),
    "or": lambda parts: z3.And(*parts),
    "not": lambda parts: parts[0],
    "eq": lambda parts: parts[0] != parts[1],
    "le": lambda parts: parts[0] < parts[1],
    "add": lambda parts: parts[0] - parts[1],
    "elapsed": lambda parts: parts[2] - parts[0] > parts[1],
}


@pytest.mark.parametrize("op", WRONG)
def test_an_operator_read_wrongly_is_found(op: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right = symbolic._apply

    def apply(name: str, parts: list[Any]) -> Any:
        return WRONG[op](parts) if name == op else right(name, parts)

    monkeypatch.setattr(symbolic, "_apply", apply)
    found = [
        difference
        for seed in SEEDS
        for difference in agreement(teaching.MODEL, teaching.INSTANCE, seed, 5).differences
    ]
    assert found
    assert found[0].startswith("seed ")


def test_a_quantifier_read_wrongly_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    right = symbolic.Reading._quantified

    def first_only(self: symbolic.Reading, term: Any, scope: symbolic.Scope) -> Any:
        name, sort = term.value
        one = self.layout.members(sort)[0]
        return self.encode(term.args[0], scope.bound(name, one))

    assert right is not first_only
    monkeypatch.setattr(symbolic.Reading, "_quantified", first_only)
    assert agreement(storage.MODEL, storage.instance(2), 1, samples=20).differences


def test_an_effect_that_one_reader_does_not_know_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from specs.reading import agreement as module

    right = module.all_grounded

    def forgetful(reading: symbolic.Reading) -> list[Any]:
        steps = right(reading)
        for step in steps:
            step.effects.pop("lock.renewed", None)
        return steps

    monkeypatch.setattr(module, "all_grounded", forgetful)
    with pytest.raises(KeyError, match=r"lock\.renewed"):
        agreement(teaching.MODEL, teaching.INSTANCE, 1)


def models() -> list[Model]:
    """The variants whose readers are compared as well: mutants are rules like others."""
    return [teaching.BROKEN, storage.CARELESS, storage.EAGER]


@pytest.mark.parametrize("model", models(), ids=lambda m: str(m.name))
def test_the_readers_agree_on_variants(model: Model) -> None:
    instance = teaching.INSTANCE if model is teaching.BROKEN else storage.instance(2)
    assert agreement(model, instance, 1).differences == []
