"""RULES.md and PROPERTIES.md say what the model says, and terms read as people write them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from models.language.document import main, properties_markdown, rules_markdown
from models.language.layout import WIDTH, laid_out
from models.language.misuse import BadRule
from models.language.model import Model
from models.language.show import show
from models.language.terms import (
    NOBODY,
    Term,
    all_of,
    any_of,
    each,
    if_else,
    implies,
    larger,
    one_of,
    peer,
    smaller,
    some,
)
from tests.models.oracle import SCHEMA, Colour, Node
from tests.models.teaching import MODEL

S, T = SCHEMA.state, SCHEMA.next_state
A, B, C, X, Y = S.box.a, S.box.b, S.box.c, S.box.x, S.box.y
N = Term("arg", Node, value="n")


@pytest.mark.parametrize(
    ("term", "said"),
    [
        (A & B & C, "box.a and box.b and box.c"),
        (A | (B & C), "box.a or (box.b and box.c)"),
        ((A | B) & C, "(box.a or box.b) and box.c"),
        (~(A & B), "not (box.a and box.b)"),
        (~A & B, "not box.a and box.b"),
        (implies(A & B, C), "(box.a and box.b) implies box.c"),
        (implies(A, X < Y), "box.a implies box.x < box.y"),
        (X < 1, "box.x < 1"),
        (X > 1, "box.x > 1"),
        (X >= Y, "box.y ≤ box.x"),
        (~(X < Y), "box.x ≥ box.y"),
        (X != 3, "box.x ≠ 3"),
        (X - (Y - 1), "box.x - (box.y - 1)"),
        ((X - Y) - 1, "box.x - box.y - 1"),
        ((X + Y) * 2, "(box.x + box.y) × 2"),
        (X + Y * 2 < 9, "box.x + box.y × 2 < 9"),
        (larger(X, Y), "max(box.x, box.y)"),
        (smaller(X, Y) + 1, "min(box.x, box.y) + 1"),
        (if_else(A, X, Y), "if box.a then box.x else box.y"),
        (if_else(A, X, Y) == 1, "(if box.a then box.x else box.y) = 1"),
        (one_of(S.box.hue, Colour.RED, Colour.BLUE), "box.hue is one of RED, BLUE"),
        (~one_of(S.box.hue, Colour.RED, Colour.BLUE), "box.hue is none of RED, BLUE"),
        (one_of(S.box.hue, Colour.RED), "box.hue = RED"),
        (S.box.who == NOBODY, "box.who = nobody"),
        (S.elapsed(X, Y), "box.y passed since box.x"),
        (~S.elapsed(X, Y + 1), "less than box.y + 1 passed since box.x"),
        (S.node[peer(N)].up, "node[peer(n)].up"),
        (T.box.lit[N], "box.lit[n]′"),
        (each(Node, lambda n: S.node[n].up), "for every Node: node[each_node].up"),
        (some(Node, lambda n: S.node[n].up) & A, "(for some Node: node[some_node].up) and box.a"),
        (all_of(), "true"),
        (any_of(), "false"),
    ],
)
def test_a_term_reads_as_a_person_would_write_it(term: Term, said: str) -> None:
    assert show(term) == said


def test_a_long_term_stands_on_several_lines_and_a_short_one_on_one() -> None:
    assert laid_out(A & B) == ["box.a and box.b"]
    long = all_of(*(any_of(i == X, i == Y) for i in range(1, 8)))
    lines = laid_out(implies(long, ~long))
    assert lines[:3] == [
        "    all of:",
        "        box.x = 1 or box.y = 1",
        "        box.x = 2 or box.y = 2",
    ]
    assert lines[8] == "implies"
    assert lines[9:11] == ["    not:", "        all of:"]
    assert all(len(line) <= WIDTH for line in lines)


def test_every_rule_is_written_with_number_event_guards_effects_and_source() -> None:
    text = rules_markdown(MODEL)
    for rule in MODEL.rules.values():
        section = text.partition(f"### {rule.label}: {rule.event}\n")[2].partition("\n### ")[0]
        assert section, rule.label
        assert rule.title in section
        assert f"- trigger: {rule.trigger}; actor: {rule.actor.name}" in section
        assert f"source: {rule.source}" in section
        for name in (*rule.requires, *rule.given):
            assert f" | {name} | `" in section
        for target, value in rule.effects:
            assert f"| `{show(target)}` | `{show(value)}` |" in section


def test_the_moves_of_a_phase_are_a_state_diagram() -> None:
    text = rules_markdown(MODEL)
    diagram = (
        "```mermaid\n"
        "stateDiagram-v2\n"
        '    state "peer(n)" as peer_n\n'
        "    nobody --> n: R010 LockClaimed\n"
        "    peer_n --> n: R010 LockClaimed\n"
        "```\n"
    )
    assert diagram in text
    arrows = sum(len(m.sources) for r in MODEL.rules.values() for m in r.moves)
    assert text.count(" --> ") == arrows


def test_the_contents_link_to_headings_that_exist() -> None:
    text = rules_markdown(MODEL)
    assert "[R010 claim_lock](#r010-claim_lock-lockclaimed)" in text
    assert "### R010 claim_lock: LockClaimed\n" in text
    assert "[lock](#phase-lock)" in text
    assert "## Phase: lock\n" in text


def test_a_changed_rule_changes_the_document() -> None:
    weaker = MODEL.without_guard("stop_serving", "its lease ran out")
    assert rules_markdown(weaker) != rules_markdown(MODEL)


def test_every_property_is_written_with_sentence_source_formula_and_evidence() -> None:
    text = properties_markdown(MODEL, {"P01": "proved by induction"})
    heads = [line for line in text.splitlines() if line.startswith("## ")]
    assert heads == [
        "## Always",
        "## Step",
        "## Sometimes",
        "## Lemmas",
        "## Assumed of the parameters",
    ]
    for p in MODEL.properties:
        section = text.partition(f"### {p.label}\n")[2].partition("\n### ")[0]
        assert p.sentence in section
        assert f"- {p.kind}; source: {p.source}" in section
        assert ("proved by induction" in section) == (p.number == "P01")
    assert "for every Node n:\nnot:\n" in text
    assert "for some Node n:\nall of:\n" in text
    assert "lock.renewed ≤ lock.renewed′" in text
    assert "- expiry covers the lease: `lease ≤ expiry`" in text


def test_the_command_writes_both_documents(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name, file = "tests.models.teaching:MODEL", tmp_path / "RULES.md"
    assert main([name, str(file)]) == 0
    assert file.read_text(encoding="utf-8") == rules_markdown(MODEL)
    assert main([name, str(file), "properties"]) == 0
    assert file.read_text(encoding="utf-8") == properties_markdown(MODEL)
    assert main([name]) == 0
    assert capsys.readouterr().out == rules_markdown(MODEL)
    assert main([]) == 2
    assert "usage:" in capsys.readouterr().out
    with pytest.raises(BadRule, match="INSTANCE is not a Model"):
        main(["tests.models.teaching:INSTANCE"])


def test_a_model_without_properties_has_an_empty_document() -> None:
    bare = Model(MODEL.name, MODEL.schema, MODEL.rules)
    assert "###" not in properties_markdown(bare)


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (("claim_lock",), ["claim_lock"]),
        (("renew_lock", "tick"), ["renew_lock", "tick"]),
        (("renew_lock", "note_renewal", "tick"), ["every beat", "tick"]),
        (("crash", "cut", "claim_lock", "start_serving", "stop_serving"),
         ["every fault", "every consequence"]),
        (("boot", "heal", "crash"), ["every command", "crash"]),
    ],
)  # fmt: skip
def test_where_a_property_is_asked_is_said_together_where_all_of_a_kind_are_meant(
    at: tuple[str, ...], said: list[str]
) -> None:
    (prop,) = [p for p in MODEL.properties if p.number == "P03"]
    assert MODEL.places(replace(prop, at=at)) == said
