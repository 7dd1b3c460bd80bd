"""The audit: a good log holds; each way of disobeying is found, named and blamed on an event."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from ccr_es.audit.audit import HOLDS, UNKNOWN, VIOLATED, AuditReport, FileSource, StoreSource, audit
from ccr_es.audit.judge import Fact
from ccr_es.cluster.cluster import Act, Cluster
from ccr_es.cluster.config import ClusterConfig
from ccr_es.store.store import Store
from models.language.canonical import fingerprint
from models.language.model import Model
from models.plain.reader import Step
from tests.ccr_es.making import exported, forge, made, opened
from tests.models.teaching import BROKEN, BROKEN_RUN, FAILOVER_RUN, MODEL


def judged(path: Path, model: Model | None = MODEL, *, by_given: bool = False) -> AuditReport:
    """The report on the only cluster of a store; the one on its export must say the same."""
    with Store.open(path) as store:
        name = store.chosen(None)
        report = audit(StoreSource(store, name), model, by_given=by_given)
    other = audit(FileSource("file", exported(path, name)), model, by_given=by_given)
    told = [[(f.event, f.kind, f.text) for f in r.findings] for r in (report, other)]
    assert told[0] == told[1]
    assert (report.verdict, report.events, report.head) == (
        other.verdict, other.events, other.head,
    )  # fmt: skip
    return report


@pytest.fixture(name="broken")
def _broken(tmp_path: Path) -> Path:
    """Two nodes serve, under a model without the defence."""
    path = tmp_path / "broken.db"
    with Store.create(path) as store:
        cluster = Cluster.create(store, ClusterConfig("exch"), BROKEN)
        for rule, args in BROKEN_RUN:
            assert cluster.do(rule, args).refusal is None
    return path


def test_a_log_that_was_recorded_by_the_rules_holds(tmp_path: Path) -> None:
    report = judged(made(tmp_path / "ccr.db"))
    assert (report.verdict, report.findings, report.events) == (HOLDS, [], 11)
    assert (report.cluster, report.judged_by) == ("exch", [fingerprint(MODEL)])
    assert report.head.startswith("11:")


def test_a_run_of_single_steps_holds(tmp_path: Path) -> None:
    path = tmp_path / "ccr.db"
    with Store.create(path) as store:
        cluster = Cluster.create(store, ClusterConfig("exch"), MODEL)
        for rule, args in FAILOVER_RUN:
            assert cluster.do(rule, args).refusal is None
    assert judged(path).verdict == HOLDS


def test_a_log_is_judged_by_the_model_that_is_kept_with_it(tmp_path: Path) -> None:
    path = made(tmp_path / "ccr.db")
    assert judged(path, model=None).verdict == HOLDS
    assert judged(path, model=BROKEN).judged_by == [fingerprint(MODEL)]


def test_a_broken_property_is_found_with_its_facts(broken: Path) -> None:
    report = judged(broken)
    assert report.verdict == VIOLATED
    (finding,) = report.findings
    assert (finding.event, finding.kind) == (5, "property")
    assert finding.property == "P01 never_two_serving"
    assert "(n=A) (n=B) does not hold: Never two nodes serve at once." in finding.text
    assert Fact("node.A.mode", "HOLDING", 3) in finding.facts
    assert Fact("node.B.mode", "HOLDING", 5) in finding.facts


def test_on_request_a_log_is_judged_by_todays_model(broken: Path) -> None:
    report = judged(broken, by_given=True)
    guard = report.findings[0]
    assert (guard.event, guard.kind, guard.rule) == (4, "guard", "R010 claim_lock")
    assert guard.guard == "nobody holds a running lease"
    assert Fact("lock.holder", "A", 2) in guard.facts
    assert Fact("node.A.power", "UP", None) in guard.facts
    assert report.judged_by == [fingerprint(MODEL)]


def test_a_model_to_judge_by_must_be_given(tmp_path: Path) -> None:
    with Store.open(made(tmp_path / "ccr.db")) as store, pytest.raises(ValueError, match="needed"):
        audit(StoreSource(store, "exch"), None, by_given=True)


def test_a_model_that_lacks_a_rule_of_the_log_cannot_judge_it(tmp_path: Path) -> None:
    report = judged(made(tmp_path / "ccr.db"), MODEL.without_rule("crash"), by_given=True)
    assert report.verdict == VIOLATED
    assert "there is no rule crash" in "".join(f.text for f in report.findings if f.event == 7)


@pytest.mark.parametrize(
    ("step", "guard"),
    [
        (Step("boot", {"n": "B"}), "node[n].power is DOWN"),
        (Step("heal", {"n": "B"}), "the path is broken"),
        (Step("tick", {"dt": 0}), "time goes forward"),
        (Step("claim_lock", {"n": "A"}), "nobody holds a running lease"),
        (Step("claim_lock", {"n": "A"}), "its node is up"),
        (Step("start_serving", {"n": "A", "renewed": 7}), "that is its renewal"),
    ],
)
def test_a_step_that_was_not_allowed_is_found_by_its_guard(
    tmp_path: Path, step: Step, guard: str
) -> None:
    path = made(tmp_path / "ccr.db")
    with opened(path) as cluster:
        number = forge(cluster, step)
    found = [f for f in judged(path).findings if f.kind == "guard"]
    assert guard in [f.guard for f in found]
    assert {f.event for f in found} == {number}


def test_a_move_that_no_machine_has_is_found(tmp_path: Path) -> None:
    path = made(tmp_path / "ccr.db")
    with opened(path) as cluster:
        number = forge(cluster, Step("boot", {"n": "B"}))
    moves = [f for f in judged(path).findings if f.kind == "move"]
    assert [(f.event, f.text) for f in moves] == [
        (number, "node.B.power does not go from UP by boot")
    ]


@pytest.mark.parametrize(
    ("changes", "kind", "said"),
    [
        ({"actor": "mallory"}, "record", "its actor is mallory, but R010 claim_lock is done by"),
        ({"row": "node.A"}, "record", "it is recorded on node.A, but R010 claim_lock writes lock"),
        ({"version": 9}, "sequence", "lock version 9 follows version 0"),
        ({"number": 7}, "decode", "event 2 is missing"),
        ({"time": 5}, "record", "its time is 5, by the clock it is 0"),
        ({"caused_by": 2}, "sequence", "it says that event 2 caused it"),
        ({"caused_by": 0}, "sequence", "it says that event 0 caused it"),
        ({"cluster": "other"}, "record", "it belongs to cluster other, not exch"),
        ({"previous": "0" * 64}, "chain", "it is chained to 000000000000"),
        ({"rule_number": 12}, "record", "it says R012 LockClaimed, but R010 claim_lock"),
        ({"model": fingerprint(BROKEN)}, "record", "was not adopted before it"),
    ],
)
def test_an_envelope_that_does_not_fit_is_found(
    tmp_path: Path, changes: dict[str, object], kind: str, said: str
) -> None:
    path = tmp_path / "ccr.db"
    with Store.create(path) as store:
        cluster = Cluster.create(store, ClusterConfig("exch"), MODEL)
        forge(cluster, Step("claim_lock", {"n": "A"}), **changes)
        store.book.add(BROKEN)
        source = StoreSource(store, "exch")
        source.book.add(BROKEN)
        report = audit(source, MODEL)
    found = [f for f in report.findings if f.kind == kind and said in f.text]
    assert len(found) == 1, report.findings
    assert report.verdict == VIOLATED


def test_a_property_is_reported_when_it_begins_to_be_broken(broken: Path) -> None:
    with opened(broken, model=BROKEN) as cluster:
        cluster.do("tick", {"dt": 10})
        cluster.do("crash", {"n": "A"})
        cluster.do("boot", {"n": "A"})
        for rule, args in (*BROKEN_RUN[:1], ("start_serving", {"n": "A"})):
            assert cluster.do(rule, args).refusal is None
    report = judged(broken, model=None)
    assert [f.event for f in report.findings if f.property.startswith("P01")] == [5, 12]


def test_a_step_property_looks_at_both_sides(tmp_path: Path) -> None:
    """A rule that winds the renewal back breaks P02, which no single state shows."""
    claim = MODEL.rule("claim_lock")
    back = replace(claim, sets=tuple((f, f - 1) for f, _ in claim.sets))
    model = MODEL.with_rule(back)
    path = tmp_path / "ccr.db"
    with Store.create(path) as store:
        cluster = Cluster.create(store, ClusterConfig("exch"), model)
        cluster.do("claim_lock", {"n": "A"})
    report = judged(path, model)
    assert (report.findings[0].event, report.findings[0].property) == (2, "P02 renewals_grow")


def test_a_step_property_limited_to_a_rule_is_judged_there_even_if_nothing_changed(
    tmp_path: Path,
) -> None:
    claim = MODEL.rule("claim_lock")
    model = MODEL.with_rule(replace(claim, ghost=()))
    path = tmp_path / "ccr.db"
    with Store.create(path) as store:
        cluster = Cluster.create(store, ClusterConfig("exch"), model)
        cluster.do("claim_lock", {"n": "A"})
    assert [f.property for f in judged(path, model).findings] == ["P03 hands_are_counted"]


def test_nothing_to_judge_is_unknown_and_not_green() -> None:
    report = AuditReport("nothing")
    assert report.verdict == UNKNOWN


def test_a_file_that_is_empty_is_not_whole() -> None:
    report = audit(FileSource("empty", []), MODEL)
    assert (report.verdict, report.events) == (VIOLATED, 0)
    assert [f.kind for f in report.findings] == ["head"]


def test_a_long_log_is_judged_in_flat_memory(tmp_path: Path) -> None:
    path = made(tmp_path / "ccr.db")
    with opened(path) as cluster:
        acts = (Act(r, {"n": "A"}, settle=False) for _ in range(1_500) for r in ("cut", "heal"))
        for _ in cluster.run(acts):
            pass
    with Store.open(path) as store:
        audit(StoreSource(store, "exch"), MODEL)
        tracemalloc.start()
        report = audit(StoreSource(store, "exch"), MODEL)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert report.verdict == HOLDS
    assert report.events == 3_011
    assert peak < 8_000_000


def test_too_many_findings_are_counted() -> None:
    report = AuditReport("x")
    from ccr_es.audit.audit import FINDINGS_MAX, Finding

    for number in range(FINDINGS_MAX + 5):
        report.add(Finding(number, "chain", "x"))
    assert (len(report.findings), report.more_findings) == (FINDINGS_MAX, 5)
