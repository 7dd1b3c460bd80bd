"""What the board and the lock promise, each broken by a twin."""

from __future__ import annotations

from tests.observations.twins import (
    audited,
    changed,
    finding,
    incident,
    lead_limits,
    statuses,
    without,
)


def test_a_write_that_lowers_the_tag_is_found(tmp_path):
    def lower(fact):
        return {**fact, "proposed": "86:86:31800"}

    report = audited(tmp_path, changed(incident(), lower, seen="86:86:31879"))
    assert finding(report, "board_only_grows").status == "broken"
    assert report.verdict == "does not conform"


def test_two_writes_accepted_over_one_tag_are_found(tmp_path):
    again = {**next(f for f in incident() if f.get("ok")), "node": "SVR14", "ts": "21:17:50.000"}
    report = audited(tmp_path, [*incident(), again])
    assert finding(report, "board_only_grows").lines == (22, 40)


def test_a_write_without_the_lock_cannot_be_known_to_have_been_under_it(tmp_path):
    twin = without(incident(), kind="witness_lock_ok", node="SVR13", ts="21:17:48.802")
    report = audited(tmp_path, twin)
    assert finding(report, "write_under_lock").status == "unknown"
    assert any("when the lock was granted" in n for n in report.needs)


def test_a_loser_of_which_no_stop_is_on_record_may_have_gone_on(tmp_path):
    twin = without(incident(), kind="cluster_service_stop", node="SVR14")
    report = audited(tmp_path, twin)
    assert finding(report, "loser_stops").status == "unknown"
    assert any("SVR14's cluster service stopped after line 32" in n for n in report.needs)


def test_two_holders_of_the_lock_are_found_where_the_clocks_allow_no_other_reading(tmp_path):
    def lock(node, ts, kind):
        return {"ts": ts, "node": node, "kind": kind}

    twin = [
        *incident(),
        lock("SVR13", "21:00:10.000", "witness_lock_ok"),
        lock("SVR13", "21:10:10.000", "witness_lock_release"),
        lock("SVR14", "21:05:00.000", "witness_lock_ok"),
        lock("SVR14", "21:05:01.000", "witness_lock_release"),
    ]
    assert "one_lock_holder" not in statuses(audited(tmp_path, twin))
    twin[0]["_meta"]["clock_offset_max_s"] = 5
    report = audited(tmp_path, twin)
    assert finding(report, "one_lock_holder").status == "broken"
    assert set(finding(report, "one_lock_holder").lines) == {40, 41, 42, 43}


def test_a_refusal_that_the_tags_do_not_explain_is_pointed_out(tmp_path):
    def better(fact):
        return {**fact, "proposed": "88:87:31908"}

    report = audited(tmp_path, changed(incident(), better, kind="witness_cas", ok=False))
    assert finding(report, "refused_without_need").lines == (32,)


def test_two_proposers_of_one_tag_break_the_naming_of_epochs(tmp_path):
    def same(fact):
        return {**fact, "tag": "87:86:31907"}

    twin = changed(incident(), same, kind="epoch_next", node="SVR14")
    assert finding(audited(tmp_path, twin), "epochs_have_one_proposer").status == "broken"


def test_a_write_that_is_on_record_leaves_no_gap(tmp_path):
    def whole(fact):
        return {**fact, "proposed": "87:86:31907"}

    twin = changed(incident(), whole, seen="86:86:31879")
    assert "unrecorded_write" not in statuses(audited(tmp_path, twin))


def test_a_refusal_that_saw_a_tag_came_before_the_write_that_replaced_it(tmp_path):
    early = {
        "ts": "21:17:45.000",
        "node": "SVR14",
        "kind": "witness_cas",
        "seen": "86:86:31879",
        "proposed": "86:86:31870",
        "ok": False,
    }
    report = audited(tmp_path, [*incident(), early])
    found = report.clocks.most("SVR13", "SVR14")
    assert found is not None
    assert found.stamped == 3_802_000
    assert found.orders[0].before.line == 40


def test_a_tag_made_by_two_parties_orders_nothing(tmp_path):
    other = {
        "ts": "21:17:40.000",
        "node": "SVR14",
        "kind": "witness_cas",
        "seen": "86:86:31800",
        "proposed": "87:87:31907",
        "ok": True,
    }
    report = audited(tmp_path, [*incident(), other])
    assert not [o for o in report.clocks.orders if o.before.party != o.after.party]


def access(node, ts, seen, proposed, ok):
    """A compare-and-set."""
    tags = {"seen": seen, "proposed": proposed, "ok": ok}
    return {"ts": ts, "node": node, "kind": "witness_cas", **tags}


def test_of_two_writes_with_a_gap_between_the_one_that_saw_the_lower_tag_came_first(tmp_path):
    later = access("SVR14", "21:17:50.000", "90:90:1", "91:90:2", True)
    report = audited(tmp_path, [*incident(), later])
    assert lead_limits(report, "SVR14", "SVR13") == 1.198
    fallen = [*incident(), later, access("SVR13", "21:30:00.000", "95:0:0", "94:0:0", True)]
    orders = audited(tmp_path, fallen).clocks.orders
    assert not [o for o in orders if "tags only grow" in o.why]


def test_a_tag_made_later_by_another_party_orders_nothing_either(tmp_path):
    other = access("SVR14", "21:17:50.000", "86:86:31800", "87:87:31907", True)
    orders = audited(tmp_path, [*incident(), other]).clocks.orders
    assert not [o for o in orders if "87:87:31907" in o.why]


def test_a_tie_on_one_clock_is_not_an_order(tmp_path):
    report = audited(tmp_path, incident())
    tied = [o for o in report.observations if o.line in (29, 34)]
    assert len({o.at for o in tied}) == 1
    assert not report.clocks.certainly(*tied)
    assert not report.clocks.certainly(*reversed(tied))


def test_a_refusal_over_ones_own_write_is_not_a_contest(tmp_path):
    own = access("SVR13", "21:17:48.900", "87:87:31907", "87:87:31907", False)
    names = [d.name for d in audited(tmp_path, [*incident(), own]).durations]
    assert names == [d.name for d in audited(tmp_path, incident()).durations]


def test_a_loser_that_tries_again_lost_once(tmp_path):
    again = access("SVR14", "21:17:51.950", "87:87:31907", "87:86:31908", False)
    report = audited(tmp_path, [*incident(), again])
    assert [f.name for f in report.findings].count("loser_stops") == 1


def test_what_an_order_leads_to_is_certain_to_the_millisecond(tmp_path):
    def restart(node, ts):
        return {"ts": ts, "node": node, "kind": "shutdown_requested"}

    near = [restart("SVR13", "21:17:48.801"), restart("SVR14", "21:17:51.910")]
    report = audited(tmp_path, [*incident(), *near])
    by_line = {o.line: o for o in report.observations}
    wrote, refused, just_before, just_after = (by_line[n] for n in (26, 32, 40, 41))
    for a, b in ((wrote, just_after), (just_before, refused), (just_before, just_after)):
        assert report.clocks.certainly(a, b)
        assert not report.clocks.certainly(b, a)


def test_a_tie_that_the_tags_decide_is_an_order(tmp_path):
    report = audited(tmp_path, incident())
    first, second = (o for o in report.observations if o.line in (22, 26))
    assert first.at == second.at
    assert report.clocks.certainly(first, second)
    assert not report.clocks.certainly(second, first)
