"""By how much clocks must have been apart for another answer; what a drift leaves of an order."""

from __future__ import annotations

from fractions import Fraction

import pytest

from ccr_es.errors import RecordContradicts
from ccr_es.observations import INCIDENT_2020, audit_observations
from ccr_es.observations.errors import BadClockBound
from cli.audit.skew import turnings
from tests.observations.twins import audited, incident, shifted, stating, written

ROLES = {"kind": "role"}


def role(node, ts, to, frm=None):
    """A change of role, to the second."""
    return {"ts": ts, "node": node, **ROLES, "to": to, **({"frm": frm} if frm else {})}


def stop(node, ts):
    """The stop of a service, to the millisecond."""
    return {"ts": ts, "node": node, "kind": "cluster_service_stop"}


def cas(node, ts, seen, proposed, ok=True):
    """A compare-and-set on the witness."""
    tags = {"seen": seen, "proposed": proposed, "ok": ok}
    return {"ts": ts, "node": node, "kind": "witness_cas", **tags}


def answers(report):
    """Sentence, seconds and core of every answer of the solver."""
    return [(t.text, None if t.skew is None else t.skew / 1e6, t.core) for t in turnings(report)]


def test_two_served_at_once_unless_the_clocks_were_12_and_a_half_seconds_apart(tmp_path):
    facts = [role("A", "10:00:00", "PRIMARY", "SECONDARY"), stop("A", "10:00:21.500")]
    report = audited(tmp_path, [*facts, role("B", "10:00:08", "PRIMARY", "SECONDARY")])
    ((text, skew, core),) = answers(report)
    assert text.startswith("two nodes served at once")
    assert text.endswith("unless the clocks were at least 12.500 s apart")
    assert skew == pytest.approx(12.5, abs=1e-4)
    assert core == (2, 3)


def test_in_2020_nobody_served_beside_the_other_unless_the_clocks_were_43_seconds_apart():
    found = answers(audit_observations(INCIDENT_2020))
    assert found[0][0].startswith("no two nodes served at once")
    assert found[0][1] == pytest.approx(43, abs=1e-4)
    assert found[0][2] == (35, 37)
    assert len(found) == 3


@pytest.mark.parametrize("seconds", [-30, -1, 3, 20])
def test_a_clock_that_is_put_forward_moves_the_answer_by_as_much(tmp_path, seconds):
    plain = audited(tmp_path, stating(incident(), complete=["role"]))
    moved = audited(tmp_path, stating(shifted(incident(), "SVR14", seconds), complete=["role"]))
    served = next(a for a in answers(moved) if "served at once" in a[0])
    assert served[1] == pytest.approx(answers(plain)[0][1] - seconds, abs=1e-4)


def test_a_bound_on_the_clocks_below_the_answer_makes_it_one_that_no_clock_changes(tmp_path):
    file = written(tmp_path, incident())
    for bound in (5, 42):
        text = answers(audit_observations(file, skew_max_s=bound))[0][0]
        assert "however far the clocks were apart" in text
    assert "at least 43" in answers(audit_observations(file, skew_max_s=44))[0][0]


def test_clocks_that_cannot_agree_say_how_far_they_were_apart_in_any_case(tmp_path):
    text, skew, core = answers(audited(tmp_path, shifted(incident(), "SVR14", -5)))[0]
    assert "in any case" in text
    assert skew == pytest.approx(1.893, abs=2e-3)
    assert core == (26, 32)


def test_an_order_by_way_of_a_third_clock_is_found_and_its_core_names_all(tmp_path):
    facts = [
        cas("A", "10:00:00.000", "1", "2"),
        cas("B", "10:00:10.000", "2", "3"),
        cas("C", "10:00:20.000", "3", "4"),
        stop("A", "10:00:50.000"),
        stop("C", "10:01:20.000"),
    ]
    report = audited(tmp_path, facts)
    assert report.clocks.most("A", "C") is not None or report.clocks.most("C", "A") is not None
    limit = report.clocks.most("A", "C") or report.clocks.most("C", "A")
    assert limit.stamped == 20_000_000
    twin = shifted(facts, "B", -60)
    ((text, skew, core), *_) = answers(audited(tmp_path, twin))
    assert "in any case" in text
    assert skew == pytest.approx(50, abs=2e-3)
    assert set(core) <= {1, 2, 3}


def _contest(tmp_path, **assumed):
    """A wins at ten; B's write, an hour later on a clock that may lead, sees A's tag."""
    facts = [
        cas("A", "10:00:00.000", "1", "2"),
        cas("B", "10:00:01.000", "2", "1", ok=False),
        stop("A", "12:00:00.000"),
        stop("B", "12:00:01.100"),
    ]
    report = audit_observations(written(tmp_path, facts), **assumed)
    by_line = {o.line: o for o in report.observations}
    return report.clocks, by_line[3], by_line[4]


def test_an_order_that_holds_without_drift_is_not_claimed_for_clocks_that_drift(
    tmp_path,
):
    clocks, before, after = _contest(tmp_path)
    assert clocks.certainly(before, after)
    for ppm, sure in ((1, True), (5, True), (50, False)):
        clocks, before, after = _contest(tmp_path, drift_ppm=ppm)
        assert clocks.certainly(before, after) == sure
    assert clocks.drift == Fraction(50, 1_000_000)
    assert clocks.most("B", "A").stamped == 1_000_000 + clocks.wander


def test_a_duration_on_one_clock_is_as_sure_as_its_clock(tmp_path):
    report = audit_observations(INCIDENT_2020, drift_ppm=10_000)
    (found,) = [d for d in report.as_json()["durations"] if d["seconds"] == 0.219]
    assert found["at_least_s"] == pytest.approx(0.219 / 1.01, abs=1e-5)
    assert found["at_most_s"] == pytest.approx(0.219 / 0.99, abs=1e-5)
    assert any("drift by at most 10000 ppm" in t for t in report.taken)


def test_drift_can_undo_a_contradiction_and_a_record_can_declare_it(tmp_path):
    facts = [
        {"_meta": {"clock_offset_max_s": 1}},
        cas("A", "10:00:02.000", "1", "2"),
        cas("B", "10:00:00.500", "2", "1", ok=False),
        stop("A", "13:00:00.000"),
    ]
    with pytest.raises(RecordContradicts):
        audited(tmp_path, facts)
    facts[0]["_meta"]["clock_drift_max_ppm"] = 100
    assert audited(tmp_path, facts).clocks.drift == Fraction(100, 1_000_000)


@pytest.mark.parametrize(
    "bad", [{"drift_ppm": -1}, {"drift_ppm": float("nan")}, {"drift_ppm": 1e6}, {"skew_max_s": -1}]
)
def test_a_bound_that_no_clock_can_have_is_refused(bad):
    with pytest.raises(BadClockBound):
        audit_observations(INCIDENT_2020, **bad)


def test_a_record_of_too_many_moments_is_not_asked(tmp_path):
    to = ("PRIMARY", "SECONDARY")
    facts = [
        role("A", f"10:{i // 60:02}:{i % 60:02}", to[i % 2], to[1 - i % 2]) for i in range(900)
    ]
    facts += [role("B", "11:00:00", "PRIMARY", "SECONDARY")]
    ((text, skew, _),) = answers(audited(tmp_path, facts))
    assert text.startswith("not asked")
    assert skew is None
