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
