"""Twins of the record of 2020: a change of fact changes the findings, any other does not."""

from __future__ import annotations

import re

import pytest

from ccr_es.errors import BadLead, RecordContradicts
from tests.observations.test_incident import NOTICED, OUTAGE, STOPPED, WENT_ON
from tests.observations.twins import (
    audited,
    changed,
    finding,
    incident,
    lead_limits,
    seconds,
    shifted,
    shuffled,
    stating,
    statuses,
    without,
)


def said(report, facts):
    """What a report says, with the facts in place of the numbers of their lines."""

    def at(lines):
        return sorted(str(facts[n - 1]) for n in lines)

    bounds = [(c["clock"], c["at_most_s"]) for c in report.as_json()["clocks"]]
    found = [
        (f.name, f.status, re.sub(r"\[\d+\]", "", f.text), at(f.lines)) for f in report.findings
    ]
    return report.verdict, found, seconds(report), bounds


@pytest.mark.parametrize("seed", range(12))
def test_the_order_of_the_lines_carries_no_meaning(tmp_path, seed):
    facts, other = incident(), shuffled(incident(), seed)
    assert said(audited(tmp_path, other), other) == said(audited(tmp_path, facts), facts)


@pytest.mark.parametrize("shift", [-1.5, 0.25, 2.0, 30.0])
@pytest.mark.parametrize("party", ["SVR13", "SVR14"])
def test_a_shifted_clock_moves_what_is_measured_across_clocks_and_nothing_else(
    tmp_path, party, shift
):
    before = seconds(audited(tmp_path, incident()))
    report = audited(tmp_path, shifted(incident(), party, shift))
    after, moved = seconds(report), shift if party == "SVR14" else -shift
    assert after[STOPPED] == before[STOPPED]
    assert after[NOTICED] == pytest.approx(before[NOTICED] + moved)
    assert after[WENT_ON] == pytest.approx(before[WENT_ON] + moved)
    assert after[OUTAGE] == pytest.approx(before[OUTAGE] - moved)
    assert lead_limits(report, "SVR14", "SVR13") == pytest.approx(3.107 + moved)
    assert lead_limits(report, "SVR13", "SVR14") is None


def test_the_shift_of_a_clock_does_not_change_what_did_not_depend_on_it(tmp_path):
    plain = audited(tmp_path, incident())
    twin = audited(tmp_path, shifted(incident(), "SVR14", 30.0))
    assert statuses(twin) == {**statuses(plain), "outage": "note"}
    agree = "they agree if SVR13's clock was 30.000 s behind SVR14's"
    assert agree in finding(twin, "outage").text


def test_a_clock_read_behind_what_it_saw_is_known_to_be_behind(tmp_path):
    report = audited(tmp_path, shifted(incident(), "SVR14", -5.0))
    assert lead_limits(report, "SVR14", "SVR13") == pytest.approx(-1.893)
    found = finding(report, "clocks_differ")
    assert "SVR14's clock was at least 1.892 s behind SVR13's" in found.text
    assert "clocks_differ" not in statuses(audited(tmp_path, incident()))


def test_a_lead_that_the_tags_exclude_is_refused(tmp_path):
    with pytest.raises(RecordContradicts, match=r"line 32: it saw the tag 87:87:31907.*3\.200 s"):
        audited(tmp_path, incident(), {"SVR14": 3.2})
    with pytest.raises(RecordContradicts):
        audited(tmp_path, incident(), {"SVR13": -3.2})
    with pytest.raises(RecordContradicts):
        audited(tmp_path, shifted(incident(), "SVR14", -5), {"SVR14": 0.0})


def test_a_declared_clock_bound_that_the_tags_exclude_is_refused(tmp_path):
    twin = stating(shifted(incident(), "SVR14", -5.0), clock_offset_max_s=1)
    with pytest.raises(RecordContradicts, match=r"declared to differ by at most 1\.000 s"):
        audited(tmp_path, twin)


def test_one_clock_that_stamps_a_cause_after_its_effect_is_refused(tmp_path):
    def late(fact):
        return {**fact, "ts": "21:17:50.000"}

    twin = changed(incident(), late, kind="epoch_next", node="SVR13")
    with pytest.raises(RecordContradicts, match=r"record\.jsonl: line 26 .* after line 25"):
        audited(tmp_path, twin)


def test_an_assumed_lead_settles_what_hung_on_it(tmp_path):
    report = audited(tmp_path, incident(), {"SVR14": 2.6})
    by_name = {d["name"]: d for d in report.as_json()["durations"]}
    assert by_name[WENT_ON]["at_least_s"] == by_name[WENT_ON]["at_most_s"] == pytest.approx(0.507)
    assert not [u for u in report.unsure if "declared its peer lost" in u.question]
    assert len(audited(tmp_path, incident()).unsure) == 2


def test_an_assumption_about_a_stranger_is_refused(tmp_path):
    with pytest.raises(BadLead, match=r"no party SVR15\. It has SVR13 and SVR14"):
        audited(tmp_path, incident(), {"SVR15": 1.0})


@pytest.mark.parametrize("lead", [float("nan"), float("inf"), -1e300])
def test_a_lead_that_is_no_number_of_seconds_is_refused(tmp_path, lead):
    with pytest.raises(BadLead, match="SVR14 cannot be"):
        audited(tmp_path, incident(), {"SVR14": lead})


def test_cut_short_before_the_compare_and_set_the_order_is_lost_and_the_report_says_why(tmp_path):
    facts = incident()
    end = next(i for i, f in enumerate(facts) if f.get("kind") == "witness_cas")
    report = audited(tmp_path, facts[:end])
    assert report.verdict == "cannot be known"
    assert not [o for o in report.clocks.orders if o.before.party != o.after.party]
    assert lead_limits(report, "SVR14", "SVR13") is None
    assert report.durations == []
    assert any("compare-and-set on the witness" in n for n in report.needs)
    assert "nothing in the record orders one clock against another" in report.text()


def test_without_the_refused_write_nobody_is_known_to_have_lost(tmp_path):
    report = audited(tmp_path, without(incident(), kind="witness_cas", ok=False))
    assert statuses(report)["contest"] == "unknown"
    assert WENT_ON not in seconds(report)


def test_without_the_wins_stop_it_is_not_said_that_the_outage_was_avoidable(tmp_path):
    twin = without(incident(), kind="cluster_service_stop", node="SVR13")
    assert "avoidable" not in statuses(audited(tmp_path, twin))


def test_a_restart_asked_for_after_the_win_could_not_have_been_foreseen(tmp_path):
    def late(fact):
        return {**fact, "ts": "21:17:48.900"}

    twin = changed(incident(), late, kind="shutdown_requested")
    assert "avoidable" not in statuses(audited(tmp_path, twin))


def test_a_restart_that_had_happened_already_does_not_count(tmp_path):
    boot = {"ts": "21:17:00.000", "node": "SVR13", "kind": "reboot"}
    assert "avoidable" not in statuses(audited(tmp_path, [*incident(), boot]))


def test_a_longer_deferral_would_have_done_as_a_head_start(tmp_path):
    def longer(fact):
        return {**fact, "seconds": 20}

    twin = changed(incident(), longer, kind="witness_lock_release")
    found = finding(audited(tmp_path, twin), "head_start >= peer_limit + arbitration_max")
    assert found.status == "note"
    assert found.unless == ("SVR14's clock was more than 9.799 s behind SVR13's",)


def test_a_deferral_that_may_do_says_from_which_lead_on(tmp_path):
    def longer(fact):
        return {**fact, "seconds": 8}

    twin = changed(incident(), longer, kind="witness_lock_release")
    found = finding(audited(tmp_path, twin), "head_start >= peer_limit + arbitration_max")
    assert found.status == "not met"
    assert found.unless == ("SVR14's clock was more than 2.201 s ahead of SVR13's",)


def test_an_outage_that_the_times_do_not_bear_out_is_pointed_out(tmp_path):
    found = finding(audited(tmp_path, stating(incident(), outage_s=20)), "outage")
    assert "states an outage of 20.000 s, its times say 51 s" in found.text


def test_a_restart_asked_for_at_the_moment_of_the_win_was_not_certainly_asked_for_before(tmp_path):
    def then(fact):
        return {**fact, "ts": "21:17:48.802"}

    twin = changed(incident(), then, kind="shutdown_requested")
    assert "avoidable" not in statuses(audited(tmp_path, twin))


@pytest.mark.parametrize(
    "lost",
    [
        {"ts": "21:17:51.500", "peer": "SVR15"},
        {"ts": "21:17:51.950", "peer": "SVR13"},
    ],
)
def test_the_loss_that_counts_is_of_the_winner_and_before_the_refusal(tmp_path, lost):
    twin = [*incident(), {"node": "SVR14", "kind": "route_down", **lost}]
    assert seconds(audited(tmp_path, twin))[NOTICED] == 9.576


def test_a_release_that_was_no_deferral_is_not_taken_for_a_head_start(tmp_path):
    def plain(fact):
        return {k: v for k, v in fact.items() if k != "seconds"}

    report = audited(tmp_path, changed(incident(), plain, kind="witness_lock_release"))
    assert not [n for n in statuses(report) if n.startswith("head_start")]


def test_what_is_nearest_to_the_clocks_as_they_read_is_judged_where_they_cannot_be_right(tmp_path):
    report = audited(tmp_path, shifted(incident(), "SVR14", -5.0))
    found = finding(report, "head_start >= peer_limit + arbitration_max")
    assert found.status == "not met"
    assert OUTAGE in seconds(audited(tmp_path, incident(), {"SVR14": -40.0}))
    assert OUTAGE not in seconds(audited(tmp_path, incident(), {"SVR14": -60.0}))


def test_a_stamp_is_as_coarse_as_its_digits_its_kind_and_who_told_it(tmp_path):
    facts = [
        {"ts": "21:00:00.000", "node": "A", "kind": "view", "members": [1]},
        {"ts": "21:00:01.50", "node": "A", "kind": "view", "members": [1]},
        {"ts": "21:00:02", "node": "A", "kind": "view", "members": [1]},
        {"ts": "21:00:03.000000", "node": "A", "kind": "view", "members": [1]},
        {"ts": "21:00:04.000", "node": "A", "kind": "database_online"},
        {"ts": "21:00:05.000", "node": "A", "kind": "nic_removed", "source": "author timeline"},
    ]
    report = audited(tmp_path, facts)
    found = [o["resolution_s"] for o in report.as_json()["observations"]]
    assert found == [0.001, 0.01, 1, 0.001, 1, 1]
