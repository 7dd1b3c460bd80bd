"""The service: decide, save, let time pass; what a refusal and a conflict leave behind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ccr_es.audit.audit import HOLDS, StoreSource, audit
from ccr_es.cluster import plan as planning
from ccr_es.cluster.cluster import Cluster
from ccr_es.cluster.config import ClusterConfig
from ccr_es.cluster.options import enabled, options
from ccr_es.errors import BadArgument, UnknownRule
from ccr_es.record.interchange import export, import_log
from ccr_es.store.store import Store
from models.language.canonical import fingerprint
from models.plain.reader import Reader
from tests.ccr_es.making import digest, exported, failover, made, opened
from tests.models.teaching import BROKEN, INSTANCE, MODEL

HARM = [("crash", "cut"), ("boot", "heal")]


def test_the_story_is_recorded_as_it_happened(tmp_path: Path) -> None:
    with opened(made(tmp_path / "ccr.db"), write=False) as cluster:
        told = [(r.event.event, r.event.time, r.event.caused_by) for r in cluster.events()]
    assert told == [
        ("ClusterCreated", 0, None),
        ("LockClaimed", 0, None),
        ("ServingStarted", 0, 2),
        ("Ticked", 1_000, None),
        ("LockRenewed", 1_000, 3),
        ("RenewalNoted", 1_000, 5),
        ("NodeCrashed", 1_000, None),
        ("Ticked", 11_000, None),
        ("LockClaimed", 11_000, 7),
        ("ServingStarted", 11_000, 9),
        ("Ticked", 61_000, None),
    ]


def test_an_event_says_who_did_it_and_why(tmp_path: Path) -> None:
    with opened(made(tmp_path / "ccr.db"), write=False) as cluster:
        events = [r.event for r in cluster.events()]
    crash, claim = events[6], events[8]
    assert (crash.actor, crash.reason) == ("alice", "a test of the plug")
    assert (claim.actor, claim.reason) == ("lock service on B", "")
    assert (claim.row, claim.version, claim.rule_number) == ("lock", 3, 10)
    assert (events[3].actor, crash.model) == ("time", fingerprint(MODEL))


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    assert exported(made(tmp_path / "a.db")) == exported(made(tmp_path / "b.db"))


def test_a_run_is_the_same_however_it_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "cut.db"
    with Store.create(path) as store:
        Cluster.create(store, ClusterConfig("exch"), MODEL)
    for command in ("settle", "wait 1000", "crash", "settle", "wait 60000"):
        with opened(path) as cluster:
            if command.startswith("wait"):
                cluster.wait(int(command[5:]))
            elif command == "crash":
                cluster.do("crash", {"n": "A"}, actor="alice", reason="a test of the plug")
            else:
                cluster.settle()
    assert exported(path) == exported(made(tmp_path / "whole.db"))


def test_a_quiet_week_is_a_handful_of_events(tmp_path: Path) -> None:
    with opened(made(tmp_path / "ccr.db")) as cluster:
        assert len(cluster.wait(7 * 24 * 3_600_000)) == 1


def test_a_refusal_names_guard_and_fact_and_writes_nothing(tmp_path: Path) -> None:
    path = made(tmp_path / "ccr.db")
    before = digest(path)
    with opened(path) as cluster:
        refusal = cluster.do("crash", {"n": "A"}).refusal
        assert refusal is not None
        assert (refusal.rule, refusal.args) == ("R003 crash", {"n": "A"})
        assert [g.facts for g in refusal.guards] == [{"node.A.power": "DOWN"}]
        assert cluster.now.set_by["node.A.power"] == 7
    assert digest(path) == before


def test_a_dry_run_shows_the_event_and_writes_nothing(tmp_path: Path) -> None:
    path = made(tmp_path / "ccr.db")
    before = digest(path)
    with opened(path) as cluster:
        outcome = cluster.do("boot", {"n": "A"}, dry_run=True)
        assert [r.event.event for r in outcome.events] == ["NodeBooted"]
        assert cluster.head.number == 11
        assert cluster.do("boot", {"n": "A"}, dry_run=True) == outcome
    assert digest(path) == before


@pytest.mark.parametrize("name", ["crash", "R003", "3", "NodeCrashed"])
def test_a_rule_is_found_by_name_number_or_event(tmp_path: Path, name: str) -> None:
    with opened(made(tmp_path / "ccr.db")) as cluster:
        assert cluster.do(name, {"n": "B"}).events[-1].event.event == "NodeCrashed"


@pytest.mark.parametrize(
    ("rule", "args", "kind", "said"),
    [
        ("crush", {"n": "A"}, UnknownRule, "no rule or event crush. Nearest: crash"),
        ("P01", {}, UnknownRule, "no rule or event P01"),
        ("crash", {}, BadArgument, "R003 crash needs n, one of A, B; got nothing"),
        ("crash", {"n": "C"}, BadArgument, "needs n, one of A, B; got 'C'"),
        ("crash", {"n": "A", "m": 1}, BadArgument, "has no argument m"),
        ("tick", {}, BadArgument, "needs dt"),
        ("tick", {"dt": "5"}, BadArgument, "needs dt as a whole number, not '5'"),
        ("tick", {"dt": True}, BadArgument, "needs dt as a whole number, not True"),
        ("tick", {"dt": 2**70}, BadArgument, "too large to record"),
    ],
)
def test_a_command_that_makes_no_sense_writes_nothing(
    tmp_path: Path, rule: str, args: dict[str, Any], kind: type[Exception], said: str
) -> None:
    path = made(tmp_path / "ccr.db")
    before = digest(path)
    with opened(path) as cluster, pytest.raises(kind, match=said):
        cluster.do(rule, args)
    assert digest(path) == before


def test_can_lists_commands_and_faults_with_why_not(tmp_path: Path) -> None:
    with opened(made(tmp_path / "ccr.db"), write=False) as cluster:
        found = {(o.rule, *o.args.values()): o for o in cluster.can()}
        assert {k[0] for k in found} == {"boot", "crash", "cut", "heal"}
        assert found["boot", "A"].refusal is None
        assert found["crash", "A"].refusal is not None
        (tick,) = cluster.can("tick")
        assert (tick.args, tick.missing, tick.refusal) == ({}, ("dt",), None)
        claim = {o.args["n"]: o.refusal for o in cluster.can("LockClaimed")}
        assert claim["B"] is not None
        assert [g.name for g in claim["B"].guards] == ["lock.holder is nobody or peer(n)"]
        for option in cluster.can():
            assert (cluster.do(option.rule, option.args, dry_run=True).refusal is None) == (
                option.refusal is None
            )


def test_what_is_enabled_is_found_without_looking_at_every_binding(tmp_path: Path) -> None:
    with opened(made(tmp_path / "ccr.db"), write=False) as cluster:
        for number in range(1, cluster.head.number + 1):
            fold = cluster.at(str(number))
            every = [o for o in options(fold.reader, fold.state) if o.refusal is None]
            assert enabled(fold.reader, fold.state) == every


def test_every_state_of_the_past_can_be_had_again(tmp_path: Path) -> None:
    reader = Reader(MODEL, INSTANCE)
    with opened(made(tmp_path / "ccr.db"), write=False) as cluster:
        state = reader.initial()
        for recorded in cluster.events():
            if recorded.event.number > 1:
                state = reader.evolve(state, recorded.event.step)
            assert cluster.state(recorded.event.number) == state


def test_kept_states_give_the_same_past(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "CHECKPOINT_EVERY", 4)
    path = made(tmp_path / "kept.db")
    other = made(tmp_path / "ccr.db", name="exch")
    monkeypatch.undo()
    with Store.open(path) as store:
        assert store.checkpoints("exch") == [4, 8]
    with opened(path, write=False) as kept, opened(other, write=False) as folded:
        for number in range(1, 12):
            one, two = kept._stream.fold_to(number), folded._stream.fold_to(number)
            assert (one.state, one.set_by, one.versions) == (two.state, two.set_by, two.versions)


def test_a_kept_state_that_cannot_be_read_is_not_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.ccr_es.making import meddle

    monkeypatch.setattr(planning, "CHECKPOINT_EVERY", 4)
    path = made(tmp_path / "ccr.db")
    with opened(path, write=False) as cluster:
        state = cluster.state()
    meddle(path, "UPDATE ccr_checkpoints SET state=x'00'")
    with opened(path, write=False) as cluster:
        assert cluster.state() == state


def test_one_store_keeps_a_model_in_each_of_its_wordings(tmp_path: Path) -> None:
    """The same behaviour in other words has the same fingerprint, and is kept beside the first."""
    path = made(tmp_path / "ccr.db")
    crash = MODEL.rule("crash")
    reworded = MODEL.with_rule(crash.changed(why="Because."))
    fewer = replace(reworded, properties=MODEL.properties[1:])
    assert fingerprint(fewer) == fingerprint(MODEL)
    with Store.open(path, write=True) as store:
        failover(Cluster.create(store, ClusterConfig("other"), fewer))
        assert store.models() == [fingerprint(MODEL)]
        for name in ("exch", "other"):
            report = audit(StoreSource(store, name))
            assert (report.verdict, report.findings) == (HOLDS, [])
        lines = list(export(store, "other"))
    with Store.create(tmp_path / "copy.db") as store:
        import_log(store, lines)
        assert list(export(store, "other")) == lines


def test_a_cluster_may_be_led_on_under_another_model(tmp_path: Path) -> None:
    path = made(tmp_path / "ccr.db")
    with opened(path, model=BROKEN) as cluster:
        assert cluster.settle() == []
        assert cluster.do("crash", {"n": "A"}).refusal is not None
        assert cluster.head.number == 11
        told = [(r.event.number, r.event.event) for r in cluster.wait(1_000)]
        assert told == [(12, "ModelAdopted"), (13, "Ticked")]
        stamps = [r.event.model for r in cluster.events()]
        assert stamps == [fingerprint(MODEL)] * 11 + [fingerprint(BROKEN)] * 2
        assert cluster.store.models() == sorted([fingerprint(MODEL), fingerprint(BROKEN)])
    with opened(path, model=MODEL) as cluster:
        failover(cluster)
    with Store.open(path) as store:
        report = audit(StoreSource(store, "exch"))
        assert (report.verdict, report.findings) == (HOLDS, [])
        assert report.judged_by == [fingerprint(m) for m in (MODEL, BROKEN, MODEL)]
