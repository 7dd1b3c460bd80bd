"""Numbers are promises: an event log, a verdict and a message are read by them years later."""

from __future__ import annotations

from pathlib import Path

from cli.frame.messages import catalogue
from models.language.model import LEMMA, Model
from specs.catalogue import CCR
from specs.catalogue.responses import RESPONSES
from tests.house.sources import ROOT

PINNED = ROOT / "tests" / "data" / "numbers.txt"


def numbers(model: Model) -> list[str]:
    """Every number that a user may keep, with the name it stands for. Lemmas are nobody's."""
    rules = [f"{r.label} {r.event}" for r in model.rules.values()]
    properties = [p.label for p in model.properties if p.kind != LEMMA]
    properties += [r.label for r in RESPONSES]
    messages = [f"{code} {message.name}" for code, message in catalogue().items()]
    return rules + properties + messages


def pinned(path: Path) -> dict[str, str]:
    """Number to what it stands for; a line that ends in `(retired)` keeps its number from reuse."""
    lines = [x for x in path.read_text().splitlines() if not x.startswith("#")]
    found = {line.partition(" ")[0]: line.partition(" ")[2] for line in lines}
    assert len(found) == len(lines), "a number stands twice"
    return found


def test_every_number_means_what_it_always_meant() -> None:
    kept = pinned(PINNED)
    wrong = [
        line
        for line in numbers(CCR)
        if kept.get(line.partition(" ")[0], "new") != line.partition(" ")[2]
    ]
    assert wrong == [], (
        f"a new number: add its line to {PINNED.name}; an old one: take a new number"
    )


def test_no_number_disappears_unless_it_is_retired() -> None:
    here = {line.partition(" ")[0] for line in numbers(CCR)}
    gone = [f"{n} {name}" for n, name in pinned(PINNED).items() if n not in here]
    assert [line for line in gone if not line.endswith("(retired)")] == []


def test_a_renamed_rule_is_noticed() -> None:
    rule = next(iter(CCR.rules.values()))
    renamed = CCR.with_rule(rule.changed(event="SomethingElse"))
    assert set(numbers(renamed)) - set(numbers(CCR)) == {f"{rule.label} SomethingElse"}
