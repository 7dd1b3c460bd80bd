"""What a careful reader finds in the record of 2020, and that it is found, not told."""

from __future__ import annotations

import pytest

from ccr_es.observations import INCIDENT_2020, audit_observations, is_observations
from tests.observations.twins import audited, finding, incident, lead_limits, statuses

STOPPED = "SVR13 won the witness -> its cluster service stopped"
NOTICED = "link cut at SVR13 -> SVR14 declared its peer lost"
WENT_ON = "SVR13 wrote the board -> SVR14, going on, was refused"
OUTAGE = "outage: SVR14 stopped serving -> SVR13's database online"


@pytest.fixture(scope="module")
def report():
    return audit_observations(INCIDENT_2020)


def test_the_verdict_is_that_two_serving_cannot_be_known(report):
    assert report.verdict == "cannot be known"
    assert [n for n, s in statuses(report).items() if s == "unknown"] == ["never_two_serving"]


def test_the_record_would_have_to_state_complete_roles_a_clock_bound_or_a_lease(report):
    roles, clocks, lease = report.needs
    assert "changes of role are complete" in roles
    assert "SVR13 until 21:18:37" in roles
    assert "more than 43.000 s behind" in clocks
    assert "lease" in lease


def test_the_refused_write_came_after_the_write_whose_tag_it_saw(report):
    across = [o for o in report.clocks.orders if o.before.party != o.after.party]
    ((before, after),) = [(o.before, o.after) for o in across]
    assert before.proposed == after.seen == (87, 87, 31907)
    assert (before.party, after.party) == ("SVR13", "SVR14")
    assert report.clocks.certainly(before, after)
    assert not report.clocks.certainly(after, before)


def test_what_one_did_before_its_write_came_before_what_the_other_did_after_its_refusal(report):
    by_line = {o.line: o for o in report.observations}
    cut, refused_epoch = by_line[10], by_line[35]
    assert report.clocks.certainly(cut, refused_epoch)
    assert not report.clocks.certainly(refused_epoch, cut)


def test_durations_on_one_clock_are_plain_and_across_clocks_depend_on_the_lead(report):
    by_name = {d["name"]: d for d in report.as_json()["durations"]}
    assert by_name[STOPPED]["seconds"] == 0.219
    assert by_name[STOPPED]["clocks"] == 1
    assert "less_the_lead_of" not in by_name[STOPPED]
    for name, value in ((NOTICED, 9.576), (WENT_ON, 3.107)):
        assert by_name[name]["seconds"] == value
        assert by_name[name]["clocks"] == 2
        assert by_name[name]["less_the_lead_of"] == {"clock": "SVR14", "over": "SVR13"}
        assert by_name[name]["changes_sign_at_lead_s"] == value
    assert by_name[NOTICED]["at_least_s"] == 6.469


def test_the_outage_is_the_authors_51_seconds(report):
    (outage,) = [d for d in report.as_json()["durations"] if d["name"] == OUTAGE]
    assert outage["seconds"] == report.as_json()["record"]["outage_s"] == 51
    assert outage["clocks"] == 2
    assert "outage" not in statuses(report)


def test_the_clocks_are_bounded_on_the_one_side_on_which_causality_bounds_them(report):
    assert lead_limits(report, "SVR14", "SVR13") == 3.107
    assert lead_limits(report, "SVR13", "SVR14") is None


def test_who_had_the_witness_when(report):
    keys = ("party", "from", "released", "accepted")
    found = [tuple(h[k] for k in keys) for h in report.as_json()["witness"]]
    assert found == [
        ("SVR13", "21:17:42.784", "21:17:42.799", []),
        ("SVR13", "21:17:48.802", None, ["86:86:31907", "87:87:31907"]),
        ("SVR14", "21:17:51.909", None, []),
    ]
    (turn,) = report.as_json()["board"]
    assert (turn["party"], turn["replaced"]) == ("SVR13", "86:86:31879")


def test_the_restart_asked_for_before_the_win_made_the_outage_avoidable(report):
    found = finding(report, "avoidable")
    assert "21:16:19.733" in found.text
    assert "left the vote with SVR14" in found.text


def test_the_deferral_does_not_do_as_a_head_start_whatever_the_clocks(report):
    found = finding(report, "head_start >= peer_limit + arbitration_max")
    assert found.status == "not met"
    assert found.unless == ()
    for number in ("6.000", "9.576", "0.625", "4.201", "3.107"):
        assert number in found.text


@pytest.mark.seed("S-054")
def test_the_rules_that_the_record_kept(report):
    kept = {n for n, s in statuses(report).items() if s == "kept"}
    assert kept == {"board_only_grows", "write_under_lock", "loser_stops"}


def test_a_board_write_that_is_missing_from_the_record_is_pointed_out(report):
    found = finding(report, "unrecorded_write")
    assert "86:86:31907 to 87:86:31907" in found.text
    assert found.lines == (22, 25, 26)


def test_every_finding_but_an_absence_names_its_lines(report):
    assert all(f.lines for f in report.findings)
    assert all(1 <= n <= 39 for f in report.findings for n in f.lines)


def test_the_text_fits_a_screen(report):
    lines = report.text().splitlines()
    assert len(lines) <= 52
    assert max(map(len, lines)) <= 100
    for number in ("0.219 s", "9.576 s - x", "3.107 s - x", "51 s + x"):
        assert number in report.text()


def test_no_number_of_the_record_is_written_in_the_code():
    code = "".join(
        p.read_text()
        for p in (*INCIDENT_2020.parent.rglob("*.py"), *INCIDENT_2020.parent.rglob("*.toml"))
    )
    facts = [f for f in incident() if "_meta" not in f]
    told = {f[k] for f in facts for k in ("ts", "node", "tag", "seen", "proposed") if k in f}
    for literal in (*told, "0.219", "9.576", "3.107", "51 s"):
        assert literal not in code


def test_the_json_has_the_keys_of_every_audit(report):
    found = report.as_json()
    assert found["events"] == 38
    assert {"verdict", "findings"} <= set(found)


def test_the_record_is_told_from_a_log_of_ours(tmp_path):
    assert is_observations(INCIDENT_2020)
    ours = tmp_path / "log.ndjson"
    ours.write_text('{"specversion": "1.0", "id": "1", "ts": 1, "type": "ccr.NodeStarted"}\n')
    assert not is_observations(ours)


def test_every_step_that_is_said_to_be_a_rule_of_ours_is_one(report):
    from ccr_es.observations.kinds import RULE_OF
    from models.ccr.model import CCR

    assert set(RULE_OF.values()) <= set(CCR.rules)


def test_a_long_record_is_cut_in_the_text_and_says_so(tmp_path):
    facts = []
    for i in range(40):
        winner, loser = ("A", "B") if i % 2 else ("B", "A")
        tags = {"seen": f"{i}", "proposed": f"{i + 1}", "ok": True}
        lost = {"seen": f"{i + 1}", "proposed": f"{i}", "ok": False}
        minute = f"10:{i:02}"
        facts += [
            {"ts": f"{minute}:01", "node": winner, "kind": "nic_removed"},
            {"ts": f"{minute}:02", "node": winner, "kind": "witness_lock_ok"},
            {"ts": f"{minute}:03", "node": winner, "kind": "witness_cas", **tags},
            {"ts": f"{minute}:04", "node": loser, "kind": "route_down", "peer": winner},
            {"ts": f"{minute}:05", "node": loser, "kind": "witness_cas", **lost},
        ]
    report = audited(tmp_path, facts)
    lines = report.text().splitlines()
    assert len(lines) <= 100
    assert any(line.endswith("more (--json has all)") for line in lines)
    assert len(report.as_json()["durations"]) > 80
