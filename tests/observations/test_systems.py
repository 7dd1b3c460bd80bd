"""What a careful reader finds in the records of three other systems, and in twins of them."""

from __future__ import annotations

import json

import pytest

from ccr_es.observations import audit_observations
from tests.observations.samples import (
    EVENTS,
    FAILOVER,
    HISTORY,
    LEADER_KILL,
    RECORDS,
    REPMGR,
    SWITCHOVER,
    UNREACHABLE,
    audited,
    facts,
    shifted,
    shuffled,
)
from tests.observations.twins import changed, finding, seconds, statuses, without

STUCK = "6 was told to reach demote_timeout -> end of the record, not reported"
SEEN = "outage as postgresql1 saw it: postgresql1 lost the stream of postgresql0 -> it took writes"


def history(report):
    """Each change of who serves: from, to, kind."""
    return [(s["from"], s["to"], s["kind"]) for s in report.as_json()["history"]]


@pytest.mark.parametrize("path", RECORDS, ids=lambda p: p.stem)
def test_each_record_is_read_by_the_one_mapping_that_fits(path):
    report = audit_observations(path)
    assert report.record.chosen == "its shape fits no other"
    assert report.record.system in ("Patroni", "pg_auto_failover", "repmgr")
    assert max(map(len, report.text().splitlines())) <= 100
    json.dumps(report.as_json(), allow_nan=False)


def test_the_goal_that_cannot_be_reached_is_found_by_the_systems_own_table():
    report = audit_observations(UNREACHABLE)
    found = finding(report, "goal_reachable")
    assert report.verdict == "does not conform"
    assert found.status == "broken"
    assert found.lines == (6,)
    for word in ("6 ", "demote_timeout", "wait_primary", "11:18:28"):
        assert word in found.text
    assert statuses(report)["states_follow"] == "kept"


def test_the_node_was_stuck_for_12_minutes_and_25_seconds():
    report = audit_observations(UNREACHABLE)
    found = finding(report, "goal_not_reached")
    assert "12 min 25 s" in found.text
    assert found.lines == (6, 9)
    assert seconds(report)[STUCK] == 745


def test_cut_short_it_was_stuck_for_as_long_as_the_cut_record_says(tmp_path):
    report = audited(tmp_path, facts(UNREACHABLE)[:-1])
    assert seconds(report)[STUCK] == 3
    assert finding(report, "goal_reachable").status == "broken"
    report = audited(tmp_path, facts(UNREACHABLE)[:5])
    assert "goal_reachable" in statuses(report)
    assert statuses(report)["goal_reachable"] == "kept"


def test_with_a_goal_within_reach_nothing_is_broken(tmp_path):
    def mended(fact):
        return {**fact, "change": "wait_primary->demoted"}

    twin = changed(facts(UNREACHABLE), mended, why="node 4 converged to prepare_promotion")
    assert statuses(audited(tmp_path, twin))["goal_reachable"] == "kept"


def test_shuffled_the_broken_goal_stays_and_what_hung_on_the_order_cannot_be_known(tmp_path):
    report = audited(tmp_path, shuffled(facts(UNREACHABLE)))
    assert report.record.ordered is False
    assert finding(report, "goal_reachable").status == "broken"
    assert statuses(report)["states_follow"] == "unknown"
    assert STUCK not in seconds(report)
    assert any("order in which its lines were written" in n for n in report.needs)
    assert "order is no evidence" in report.text()


def test_all_clocks_put_forward_change_nothing_but_the_times(tmp_path):
    for path in (UNREACHABLE, FAILOVER, SWITCHOVER, LEADER_KILL, REPMGR):
        plain, moved = audited(tmp_path, facts(path)), audited(tmp_path, shifted(facts(path), 120))
        assert seconds(plain) == seconds(moved)
        assert statuses(plain) == statuses(moved)
        assert history(plain) == history(moved)


@pytest.mark.parametrize(
    ("path", "was", "now", "least", "most"),
    [(FAILOVER, "node1", "node2", 7, 7), (SWITCHOVER, "node_1", "node_2", 6, 7)],
)
def test_a_planned_move_is_seen_to_stop_the_one_before_the_other(path, was, now, least, most):
    report = audit_observations(path)
    assert history(report) == [(was, now, "move")]
    found = {d["name"].partition(":")[0]: d["seconds"] for d in report.as_json()["durations"]}
    assert found == {"nobody served, at least": least, "nobody served, at most": most}
    assert statuses(report)["stopped_before_the_next_served"] == "kept"
    assert statuses(report)["goal_reachable"] == statuses(report)["states_follow"] == "kept"


def test_complete_reports_of_one_monitor_prove_that_two_never_served_at_once(tmp_path):
    for path in (FAILOVER, SWITCHOVER):
        assert audit_observations(path).verdict == "cannot be known"
        report = audited(tmp_path, facts(path), complete=["state"])
        assert report.verdict == "conforms"
        assert finding(report, "never_two_serving").status == "kept"


def test_complete_for_one_party_only_is_not_complete(tmp_path):
    for party in ("node1", "node2"):
        found = audited(tmp_path, facts(FAILOVER), complete=[{"kind": "state", "party": party}])
        assert found.verdict == "cannot be known"
    everyone = [{"kind": "state", "party": f"node{i}", "source": "monitor"} for i in (1, 2, 3)]
    assert audited(tmp_path, facts(FAILOVER), complete=everyone).verdict == "conforms"


def test_a_node_that_goes_on_serving_beside_the_next_is_found(tmp_path):
    rows = facts(FAILOVER)
    twin = [r for r in rows if r.get("node") != "node1"]
    twin.insert(1, rows[1])
    twin.append({**rows[1], "ts": "12:57:39"})
    report = audited(tmp_path, twin)
    assert finding(report, "never_two_serving").status == "broken"
    assert report.together.status == "possible"
    assert report.verdict == "does not conform"
    assert audited(tmp_path, twin, complete=["state"]).together.status == "certain"


def test_a_state_reported_out_of_the_blue_is_not_by_the_table(tmp_path):
    def odd(fact):
        return {**fact, "reported": "wait_maintenance", "assigned": "wait_maintenance"}

    twin = changed(facts(FAILOVER), odd, node="node1", reported="draining", assigned="draining")
    found = [f for f in audited(tmp_path, twin).findings if f.name == "reports_missing"]
    assert found
    twin = changed(facts(FAILOVER), odd, node="node2", reported="report_lsn", ts="12:57:36")
    names = statuses(audited(tmp_path, twin))
    assert "reports_missing" in names or names["states_follow"] == "broken"


def test_a_state_that_the_table_does_not_have_cannot_be_judged(tmp_path):
    def new(fact):
        return {**fact, "assigned": "read_only"}

    report = audited(tmp_path, changed(facts(FAILOVER), new, node="node1", assigned="draining"))
    assert finding(report, "goal_reachable").status == "unknown"


def test_the_events_of_a_monitor_are_ordered_by_their_number(tmp_path):
    assert statuses(audit_observations(EVENTS))["states_follow"] == "kept"
    rows = json.loads(EVENTS.read_text())
    file = tmp_path / "events.json"
    file.write_text(json.dumps(rows[::-1]))
    assert statuses(audit_observations(file))["states_follow"] == "kept"
    rows[0]["eventid"] = 99
    file.write_text(json.dumps(rows))
    assert audit_observations(file).record.ordered is False


def test_patronis_survivor_saw_an_outage_of_33_seconds_and_says_what_it_cannot_know():
    report = audit_observations(LEADER_KILL)
    assert seconds(report)[SEEN] == pytest.approx(33.406)
    assert report.as_json()["record"]["outage_s"] == 33.4
    assert "outage" not in statuses(report)
    assert history(report) == [("postgresql0", "postgresql1", "failover")]
    assert report.verdict == "cannot be known"
    assert statuses(report)["records_lost"] == "unknown"
    for need in ("when postgresql0 ceased to serve", "how far postgresql0 had written"):
        assert any(need in n for n in report.needs)


def test_an_outage_that_is_stated_otherwise_is_pointed_out(tmp_path):
    report = audited(tmp_path, facts(LEADER_KILL), outage_s=35.4)
    assert "states an outage of 35.400 s, its times say 33.406 s" in finding(report, "outage").text


def test_shuffled_patronis_log_says_the_same(tmp_path):
    plain = audited(tmp_path, facts(LEADER_KILL))
    mixed = audited(tmp_path, shuffled(facts(LEADER_KILL)))
    assert seconds(plain) == seconds(mixed)
    assert statuses(plain) == statuses(mixed)


def test_without_the_moment_of_the_first_write_the_promotion_is_the_best_there_is(tmp_path):
    report = audited(tmp_path, without(facts(LEADER_KILL), kind="accepting_writes"))
    assert seconds(report)[SEEN] == pytest.approx(33.142)


def test_patronis_history_is_a_list_of_lists_whose_timelines_order_its_clocks(tmp_path):
    report = audit_observations(HISTORY)
    assert history(report) == [
        ("postgresql0", "postgresql2", "not known"),
        ("postgresql2", "postgresql0", "not known"),
    ]
    assert len(report.clocks.orders) == 3
    assert report.record.date == "2023-09-11"
    document = json.loads(HISTORY.read_text())
    file = tmp_path / "history.json"
    file.write_text(json.dumps(document["history"][::-1]))
    assert history(audit_observations(file)) == history(report)


def test_a_timeline_that_was_forked_twice_or_backwards_is_found(tmp_path):
    document = json.loads(HISTORY.read_text())
    file = tmp_path / "history.json"
    rows = document["history"]
    file.write_text(json.dumps([*rows, [4, 83887999, "x", "2023-09-12T11:53:10+00:00", "pg9"]]))
    assert finding(audit_observations(file), "epochs_fork_once").status == "broken"
    file.write_text(json.dumps([*rows[:3], [4, 17, *rows[3][2:]]]))
    assert finding(audit_observations(file), "epochs_fork_once").status == "broken"


def test_repmgrs_two_nodes_took_turns_and_their_table_does_not_say_when_one_stopped(tmp_path):
    report = audit_observations(REPMGR)
    assert history(report) == [
        ("pg-master", "pg-slave", "failover"),
        ("pg-slave", "pg-master", "failover"),
    ]
    served = [s["served"] for s in report.as_json()["history"]]
    assert served == ["10:13:17", "14:28:39"]
    assert report.verdict == "cannot be known"
    assert any("when pg-master ceased to serve" in n for n in report.needs)
    newest_first = [facts(REPMGR)[0], *facts(REPMGR)[:0:-1]]
    assert statuses(audited(tmp_path, newest_first)) == statuses(report)
    assert audited(tmp_path, newest_first).record.ordered is True


def test_repmgrs_table_cut_before_the_second_failover_has_one(tmp_path):
    rows = facts(REPMGR)
    report = audited(tmp_path, rows[:16])
    assert history(report) == [("pg-master", "pg-slave", "failover")]


def test_what_did_not_succeed_changed_nothing(tmp_path):
    def failed(fact):
        return {**fact, "ok": False}

    twin = changed(facts(REPMGR), failed, event="standby_promote", node="pg-slave")
    twin = changed(twin, failed, event="repmgrd_failover_promote", node="pg-slave")
    twin = without(twin, event="repmgrd_reload", node="pg-slave")
    served = [s["served"] for s in audited(tmp_path, twin).as_json()["history"]]
    assert served[0] == "14:27:51"


def test_a_node_that_reports_no_more_is_not_said_to_serve_for_ever(tmp_path):
    rows = [r for r in facts(FAILOVER) if r.get("node") != "node1" or r["reported"] == "primary"]
    report = audited(tmp_path, rows)
    assert finding(report, "never_two_serving").status == "unknown"
    assert any("node1 from 12:57:30" in n for n in report.needs)
