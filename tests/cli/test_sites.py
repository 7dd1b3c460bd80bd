"""Sites and lines: what stands where is recorded, and a fault of a site is the sum of faults that
there are already.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.calling import begin, call, document, good

pytestmark = pytest.mark.slow

OPTION_1 = ("--site", "A=HQ", "--site", "B=DR", "--witness-site", "HQ")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def events(*words: str) -> list[tuple[str, str]]:
    """What one call records, with the reasons."""
    return [(e["event"], e["reason"]) for e in document(*words)["events"]]


def test_a_cluster_without_sites_records_nothing_of_them_and_shows_none() -> None:
    begin("cluster create MAIL")
    assert "ClusterDescribed" not in good("log", "list")
    shown = document("cluster", "show")
    assert (shown["sites"], shown["lines"]) == ([], [])
    assert not any("site" in o["fault"] for o in shown["next_failure"])


def test_the_same_places_come_from_options_and_from_a_file(tmp_path: Path) -> None:
    text = '[cluster]\nname = "MAIL"\n[cluster.described.site]\nA = "HQ"\nB = "DR"\n'
    (tmp_path / "c.toml").write_text(text + '[cluster.described.witness]\nsite = "HQ"\n')
    good("cluster", "create", "--file", "c.toml")
    good("--store", "other.db", "cluster", "create", "MAIL", *OPTION_1)
    said = [document("--store", s, "log", "show", "2")["args"] for s in ("ccr.db", "other.db")]
    assert said[0] == said[1] == {"facts": {"site.A": "HQ", "site.B": "DR", "witness.site": "HQ"}}


def test_the_loss_of_a_site_is_the_failure_of_all_that_stands_there_under_one_reason() -> None:
    good("cluster", "create", "MAIL", *OPTION_1)
    lost = events("site", "lose", "HQ", "--reason", "flood")
    faults = [x for x in lost if x[1]]
    assert faults == [("NodeFailed", "HQ lost: flood"), ("WitnessFailed", "HQ lost: flood")]


@pytest.mark.seed("S-070")
def test_a_line_carries_every_network_and_the_paths_to_the_share_over_it() -> None:
    good("cluster", "create", "MAIL", "--networks", "LAN,REPL", *OPTION_1)
    cut = [x[0] for x in events("site", "cut", "DR", "HQ") if x[1]]
    assert sorted(cut) == ["NetworkCut"] * 4 + ["SharePathCut"]
    assert document("site", "show")["lines"] == [
        {
            "line": ["HQ", "DR"],
            "state": "cut",
            "networks": ["LAN", "REPL"],
            "witness_paths": ["B"],
            "standby_paths": [],
        }
    ]
    good("network", "heal", "LAN")
    assert document("site", "show")["lines"][0]["state"] == "partly cut"
    healed = [x[0] for x in events("site", "heal", "HQ", "DR") if x[1]]
    assert sorted(healed) == ["NetworkHealed"] * 2 + ["SharePathHealed"]


def test_a_site_that_is_partly_lost_is_lost_and_restored_for_the_rest() -> None:
    good("cluster", "create", "MAIL", *OPTION_1)
    good("witness", "fail")
    sites = {x["site"]: x["state"] for x in document("site", "show")["sites"]}
    assert sites == {"HQ": "partly down", "DR": "up"}
    assert [x[0] for x in events("site", "lose", "HQ") if x[1]] == ["NodeFailed"]
    back = [x[0] for x in events("site", "restore", "HQ") if x[1]]
    assert back == ["WitnessRestored", "NodeStarted"]


@pytest.mark.seed("S-034", "S-036")
def test_a_standby_server_may_have_a_site_and_is_lost_and_cut_off_with_it() -> None:
    begin("cluster create MAIL --site A=HQ --site B=HQ --witness-site HQ")
    assert call("site", "set", "SB1=DR").exit_code == 2, "nobody has heard of it"
    good("standby", "enable", "SG1", "--target", "SB1")
    found = {a["name"]: a for a in document("plan", "check", exit_code=1)["checks"]}
    assert found["CopyElsewhere"]["result"] == "unknown"
    good("site", "set", "SB1=DR")
    found = {a["name"]: a for a in document("plan", "check", exit_code=1)["checks"]}
    assert found["CopyElsewhere"]["result"] == "met"
    assert document("site", "show")["lines"][0]["standby_paths"] == [["A", "SB1"], ["B", "SB1"]]
    assert [x[0] for x in events("site", "cut", "HQ", "DR") if x[1]] == ["TargetPathCut"] * 2
    assert document("site", "show")["lines"][0]["state"] == "cut"
    assert [x[0] for x in events("site", "lose", "DR") if x[1]] == ["TargetFailed"]
    assert {x["site"]: x["state"] for x in document("site", "show")["sites"]}["DR"] == "down"
    assert [x[0] for x in events("site", "restore", "DR") if x[1]] == ["TargetStarted"]
    lost = {o["fault"]: o["service"] for o in document("cluster", "show")["next_failure"]}
    assert (lost["site HQ"], lost["site DR"]) == ("stops", "goes on")


@pytest.mark.seed("S-117")
def test_a_hub_may_have_a_site_and_is_lost_with_it_but_no_line_carries_its_mail() -> None:
    good("cluster", "create", "MAIL", *OPTION_1)
    good("hub", "add", "HUB1")
    good("site", "set", "HUB1=BRANCH")
    assert [x["line"] for x in document("site", "show")["lines"]] == [["HQ", "DR"]]
    assert [x[0] for x in events("site", "lose", "BRANCH") if x[1]] == ["HubFailed"]
    assert [x[0] for x in events("site", "restore", "BRANCH") if x[1]] == ["HubStarted"]


def test_places_that_are_said_later_hold_from_then_on() -> None:
    begin("cluster create MAIL", "site set A=HQ B=HQ witness=HQ")
    number = document("cluster", "show")["event"]
    good("site", "set", "B=DR", "--reason", "moved over the weekend")
    assert [x["site"] for x in document("site", "show")["sites"]] == ["HQ", "DR"]
    before = document("site", "show", "--as-of", str(number))
    assert [x["members"] for x in before["sites"]] == [["A", "B", "witness"]]
    assert before["lines"] == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("site", "lose", "MARS"), "CCR195"),
        (("site", "cut", "HQ", "HQ"), "CCR195"),
        (("site", "set", "C=HQ"), "CCR136"),
        (("site", "set", "A="), "CCR196"),
        (("site", "set", "A=H.Q"), "CCR196"),
        (("site", "set", "A"), "CCR133"),
        (("cluster", "describe", "witness.colour=red"), "CCR196"),
        (("cluster", "describe", "witness.dfs=perhaps"), "CCR196"),
        (("cluster", "describe", "latency.HQ.DR=fast"), "CCR196"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(
    words: tuple[str, ...], code: str
) -> None:
    good("cluster", "create", "MAIL", *OPTION_1)
    before = Path("ccr.db").read_bytes()
    result = call(*words)
    assert (result.exit_code, result.stderr[:12]) == (2, f"ccr: {code}:")
    assert Path("ccr.db").read_bytes() == before


def test_a_cluster_whose_places_make_no_sense_is_not_created() -> None:
    result = call("cluster", "create", "MAIL", "--site", "A=HQ")
    assert (result.exit_code, result.stderr[:12]) == (2, "ccr: CCR196:")
    assert not Path("ccr.db").exists()


def test_facts_survive_export_import_and_a_kept_state(tmp_path: Path) -> None:
    good("cluster", "create", "MAIL", *OPTION_1)
    good("cluster", "describe", "witness.role=hub")
    good("workload", "--logs", "400", "--every", "200ms")
    good("log", "export", "mail.ndjson")
    good("--store", "copy.db", "log", "import", "mail.ndjson")
    facts: list[Any] = [
        document("--store", s, "cluster", "describe")["facts"] for s in ("ccr.db", "copy.db")
    ]
    assert facts[0] == facts[1]
    assert facts[0]["witness.role"] == "hub"
    assert document("--store", "copy.db", "audit")["verdict"] == "holds"
