"""What the CCR rules are shaped like: who writes what, and what each may read."""

from __future__ import annotations

import subprocess
import sys

import pytest

from models.ccr.model import CCR
from models.language.canonical import fingerprint
from models.language.checks import fields_in
from models.language.model import Instance, Model
from models.language.rule import Rule
from models.language.terms import Term, peer
from models.plain.reader import Reader, Step
from tests.cli.calling import HOME

WITNESS = {"holder", "renewal", "recorded", "epoch", "by", "incarnation"}
SHARED = ("witness", "request")
"""What lies on the share, and in the cluster configuration, of which every member has a copy: a
node that lacks the newest epoch, and so the newest configuration, never acts alone.
"""
PIPELINE = {"notified", "copied", "checking", "replayed"}


def on_a_machine(model: Model) -> list[Rule]:
    """The rules of an actor that runs on a node."""
    return [rule for rule in model.rules.values() if rule.actor.on is not None]


def written_elsewhere(model: Model) -> list[str]:
    """Rules by which a node writes neither its own rows nor what members of a cluster share."""
    return [
        rule.label
        for rule in on_a_machine(model)
        if rule.record not in SHARED and repr(rule.keys[:1]) != f"({rule.params[0][0]},)"
    ]


def reads_of_the_peer(rule: Rule, record: str) -> list[Term]:
    """The fields of the peer's rows of `record` that a rule looks at, or computes with."""
    terms: list[Term] = [*rule.guards.values(), *(value for _, value in rule.effects)]
    read = fields_in(terms)
    return [f for f in read if f.value[0] == record and f.args[0].op == "peer"]


@pytest.mark.seed("S-004", "S-051", "S-057")
def test_nodes_share_nothing_but_the_lock_and_the_note_board_on_the_witness() -> None:
    assert written_elsewhere(CCR) == []
    assert set(CCR.schema.records["witness"].fields) == WITNESS


def test_a_rule_that_writes_a_row_of_the_peer_is_found() -> None:
    rule = CCR.rule("copy_log")
    n, g = rule.keys
    pushed = rule.changed(keys=(peer(n), g))
    assert written_elsewhere(CCR.with_rule(pushed)) == [rule.label]


@pytest.mark.seed("S-020", "S-021", "S-088")
def test_the_passive_pulls_it_reads_the_log_directory_of_the_active_and_writes_its_own_copy() -> (
    None
):
    rule, fields = CCR.rule("copy_log"), CCR.schema.records["copy"].fields
    assert (rule.record, repr(rule.keys[0])) == ("copy", "n")
    names = {f.value[1] for f in reads_of_the_peer(rule, "copy")}
    assert "top" in names
    assert {fields[name].probe for name in names} == {"log directory"}


@pytest.mark.seed("S-080")
@pytest.mark.parametrize("name", ["write_records", "close_full_log", "roll_idle_log"])
def test_the_online_database_never_waits_for_the_copy(name: str) -> None:
    assert reads_of_the_peer(CCR.rule(name), "copy") == []


def test_a_write_that_waits_for_the_copy_is_found() -> None:
    rule = CCR.rule("write_records")
    n, g = rule.keys
    copied = CCR.state.copy[peer(n), g].copied
    waiting = rule.changed(given={**rule.given, "the peer has the last log": copied >= 1})
    assert [repr(f) for f in reads_of_the_peer(waiting, "copy")] == [repr(copied)]


@pytest.mark.seed("S-065")
@pytest.mark.parametrize("period", [60_000, 240_000])
def test_the_periodic_check_has_the_frequency_that_is_set(period: int) -> None:
    members = {"Node": ("A", "B"), "Network": ("net1",), "Group": ("SG1",)}
    reader = Reader(CCR, Instance(members, {"witness_check": period}))
    facts = {"node.A.power": "UP", "node.A.running": True, "share.up": False}
    state = {**reader.initial(), **facts, "node.A.checked_at": 0}
    check = Step("note_share_lost", {"n": "A"})
    early, due = {**state, "clock.now": period - 1}, {**state, "clock.now": period}
    refusal = reader.check(early, check)
    assert refusal is not None
    assert [guard.name for guard in refusal.guards] == ["a check is due"]
    assert reader.check(due, check) is None


@pytest.mark.parametrize("first", ["vocabulary_mail", "vocabulary_standby", "rules.networks"])
def test_the_fingerprint_does_not_depend_on_what_is_imported_first(first: str) -> None:
    script = (
        f"import models.ccr.{first}; from models.ccr.model import CCR;"
        "from models.language.canonical import fingerprint; print(fingerprint(CCR))"
    )
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=HOME
    )
    assert said.stdout.strip() == fingerprint(CCR)
