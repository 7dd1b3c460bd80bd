"""Whether two can have served at once: found when declared, impossible only if all is told."""

from __future__ import annotations

import pytest

from tests.observations.twins import audited, changed, finding, incident, shifted, stating, without

TOLD = {"kind": "role", "source": "author timeline"}


def test_a_role_that_makes_two_serve_at_once_is_found(tmp_path):
    role = {"ts": "21:17:46.000", "node": "SVR13", "to": "PRIMARY", **TOLD}
    report = audited(tmp_path, [*incident(), role])
    found = finding(report, "never_two_serving")
    assert report.verdict == "does not conform"
    assert found.status == "broken"
    assert set(found.lines) >= {40, 35}
    assert report.together.status == "possible"
    assert found.unless == ("a change of role between is missing from the record",)


def test_with_complete_roles_it_is_certain(tmp_path):
    role = {"ts": "21:17:46.000", "node": "SVR13", "to": "PRIMARY", **TOLD}
    report = audited(tmp_path, stating([*incident(), role], complete=["role"]))
    assert report.together.status == "certain"
    assert finding(report, "never_two_serving").unless == ()


def test_a_win_the_clocks_may_undo_says_at_which_lead(tmp_path):
    role = {"ts": "21:17:49.000", "node": "SVR13", "to": "PRIMARY", **TOLD}
    facts = without(incident(), kind="cluster_service_stop", node="SVR13")
    report = audited(tmp_path, stating([*facts, role], complete=["role"]))
    assert report.together.status == "possible"
    assert report.together.unless == ("SVR14's clock was more than 1.000 s ahead of SVR13's",)


def test_with_complete_roles_it_is_impossible_unless_the_clocks_are_far_apart(tmp_path):
    report = audited(tmp_path, stating(incident(), complete=["role"]))
    assert report.together.status == "impossible"
    assert report.together.unless == ("SVR14's clock was more than 43.000 s behind SVR13's",)
    assert report.verdict == "cannot be known"
    assert [n for n in report.needs if "role" in n] == []


def test_with_complete_roles_and_bounded_clocks_it_is_impossible(tmp_path):
    report = audited(tmp_path, stating(incident(), complete=["role"], clock_offset_max_s=5))
    assert report.together.status == "impossible"
    assert report.together.unless == ()
    assert report.verdict == "conforms"
    assert report.needs == ()


def test_a_bound_that_leaves_room_for_an_overlap_does_not_settle_it(tmp_path):
    report = audited(tmp_path, stating(incident(), complete=["role"], clock_offset_max_s=60))
    assert report.together.unless
    assert report.verdict == "cannot be known"


@pytest.mark.parametrize("kinds", [["view"], ["database_online"], []])
def test_other_kinds_declared_complete_prove_nothing_about_roles(tmp_path, kinds):
    facts = stating(incident(), complete=kinds, clock_offset_max_s=5)
    assert audited(tmp_path, facts).together.status == "unknown"


def test_the_lead_at_which_the_answer_changes_moves_with_the_clock(tmp_path):
    facts = stating(shifted(incident(), "SVR14", 10.0), complete=["role"])
    (unless,) = audited(tmp_path, facts).together.unless
    assert unless == "SVR14's clock was more than 33.000 s behind SVR13's"


def test_a_clock_far_enough_ahead_turns_the_answer(tmp_path):
    facts = stating(shifted(incident(), "SVR14", 60.0), complete=["role"])
    report = audited(tmp_path, facts)
    assert report.together.status == "possible"
    assert report.verdict == "does not conform"
    assert report.together.unless == ("SVR14's clock was more than 13.000 s ahead of SVR13's",)


def test_a_role_ends_when_its_party_stops_even_if_no_line_says_so(tmp_path):
    facts = without(incident(), kind="role", node="SVR14")
    role = {"ts": "21:10:00.000", "node": "SVR14", "frm": "SECONDARY", "to": "PRIMARY", **TOLD}
    report = audited(tmp_path, stating([*facts, role], complete=["role"]))
    served = [s.words for s in report.together.served if s.party == "SVR14"]
    assert served == ["SVR14 from 21:10:00 [38] until 21:17:51.909 [34]"]


def test_without_any_role_nothing_is_known(tmp_path):
    report = audited(tmp_path, without(incident(), kind="role"))
    assert report.together.served == ()
    assert report.together.status == "unknown"
    assert finding(report, "never_two_serving").status == "unknown"


def test_roles_declared_complete_of_which_there_are_none_are_no_proof(tmp_path):
    facts = stating(without(incident(), kind="role"), complete=["role"], clock_offset_max_s=1)
    assert audited(tmp_path, facts).together.status == "unknown"


def test_a_time_that_a_person_told_is_rounded_either_way(tmp_path):
    told = audited(tmp_path, stating(incident(), complete=["role"]))
    logged = [{k: v for k, v in f.items() if k != "source"} for f in incident()]
    (by_log,) = audited(tmp_path, stating(logged, complete=["role"])).together.unless
    assert "44.000 s behind" in by_log
    assert "43.000 s behind" in told.together.unless[0]


def test_changes_of_one_second_are_put_in_the_order_in_which_they_fit(tmp_path):
    there = {"ts": "21:17:52.000", "node": "SVR14", "frm": "RESOLVING", "to": "SECONDARY", **TOLD}
    facts = [there, *without(incident(), kind="role", ts="21:18:57.000")]
    report = audited(tmp_path, facts)
    served = [s.words for s in report.together.served if s.party == "SVR14"]
    assert served == ["SVR14 until 21:17:52 [36]"]


def test_serving_is_what_the_mapping_says_it_is(tmp_path):
    facts = changed(incident(), lambda f: {**f, "to": "READABLE"}, kind="role", to="PRIMARY")
    report = audited(tmp_path, facts)
    assert [s.party for s in report.together.served] == ["SVR14"]


def test_a_party_of_which_no_role_is_told_may_have_served_all_along(tmp_path):
    facts = stating(
        without(incident(), kind="role", node="SVR13"), complete=["role"], clock_offset_max_s=1
    )
    report = audited(tmp_path, facts)
    assert report.together.status == "unknown"
    assert report.needs[0] == "the role of SVR13 throughout"


def test_a_first_role_of_which_nobody_said_where_it_came_from_leaves_the_time_before_open(tmp_path):
    role = {"ts": "21:10:00.000", "node": "SVR13", "to": "SECONDARY", **TOLD}
    facts = stating([*incident(), role], complete=["role"], clock_offset_max_s=1)
    report = audited(tmp_path, facts)
    assert report.together.status == "unknown"
    assert report.needs[0] == "the role of SVR13 until 21:10:00 [40]"


def test_roles_that_do_not_join_show_that_a_change_is_missing(tmp_path):
    roles = [
        {"ts": "21:20:00.000", "node": "SVR14", "frm": "SECONDARY", "to": "PRIMARY", **TOLD},
        {"ts": "21:40:00.000", "node": "SVR13", "frm": "RESOLVING", "to": "SECONDARY", **TOLD},
    ]
    report = audited(tmp_path, [*incident(), *roles])
    words = {s.words: s.serving for s in report.serving["SVR13"]}
    assert words["SVR13 from 21:18:37 [37] until 21:40:00 [41]"] is None
    assert report.together.status == "unknown"


def test_before_a_restart_the_role_is_not_known_unless_all_are_told(tmp_path):
    boot = {"ts": "21:05:00.000", "node": "SVR14", "kind": "reboot"}
    report = audited(tmp_path, [*incident(), boot])
    assert [(s.words, s.serving) for s in report.serving["SVR14"]][:2] == [
        ("SVR14 until 21:05:00 [40]", None),
        ("SVR14 from 21:05:00 [40] until 21:17:52 [35]", True),
    ]
    complete = audited(tmp_path, stating([*incident(), boot], complete=["role"]))
    assert complete.serving["SVR14"][0].words == "SVR14 until 21:17:52 [35]"


def test_a_change_to_serving_came_from_not_serving_where_all_changes_are_told(tmp_path):
    assert audited(tmp_path, incident()).serving["SVR13"][0].serving is None
    complete = audited(tmp_path, stating(incident(), complete=["role"]))
    assert complete.serving["SVR13"][0].serving is False


@pytest.mark.parametrize("end", ["AWAY", "ZONE"])
def test_two_changes_in_the_first_second_are_put_in_the_order_in_which_they_fit(tmp_path, end):
    facts = changed(incident(), lambda f: {**f, "to": "MIDDLE"}, kind="role", frm="PRIMARY")
    facts = without(facts, kind="role", ts="21:18:57.000")
    facts.append({"ts": "21:17:52.000", "node": "SVR14", "frm": "MIDDLE", "to": end, **TOLD})
    ends = [s.words for s in audited(tmp_path, facts).serving["SVR14"]]
    assert ends[0] == "SVR14 until 21:17:52 [35]"
    assert ends[-1] == "SVR14 from 21:17:52 [39]"


def test_a_role_left_and_taken_up_again_in_one_second_is_put_in_order(tmp_path):
    facts = without(incident(), kind="role", ts="21:18:57.000")
    facts += [
        {"ts": "21:10:00.000", "node": "SVR14", "to": "PRIMARY", **TOLD},
        {"ts": "21:17:52.000", "node": "SVR14", "frm": "RESOLVING", "to": "PRIMARY", **TOLD},
    ]
    report = audited(tmp_path, facts)
    assert report.serving["SVR14"][1].words == "SVR14 from 21:10:00 [39] until 21:17:52 [35]"


def test_roles_told_without_a_gap_but_not_declared_complete_prove_nothing(tmp_path):
    facts = changed(incident(), lambda f: {**f, "frm": "SECONDARY"}, kind="role", node="SVR13")
    facts = stating(without(facts, kind="reboot"), clock_offset_max_s=1)
    report = audited(tmp_path, facts)
    assert all(s.serving is not None for found in report.serving.values() for s in found)
    assert report.together.status == "unknown"
    assert report.needs[0] == "that its changes of role are complete"
