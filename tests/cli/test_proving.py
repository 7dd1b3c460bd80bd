"""verify, audit, explain and demo through the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.calling import HOME, begin, call, document, good

RUN = HOME / "tests" / "scenarios" / "windows2003.ndjson"
RECORD = HOME / "ccr_es" / "observations" / "wsfc_2020.jsonl"


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.seed("S-045")
def test_never_two_serving_is_proved_and_the_verdict_says_under_what() -> None:
    result = call("verify", "never_two_serving")
    assert result.exit_code == 0
    assert "P01  holds" in result.stdout
    assert "for runs of any length" in result.stdout
    assert "freeze_node" in result.stdout
    assert "peer_limit + arbitration_max" in result.stdout


def test_verify_answers_in_json_per_obligation() -> None:
    found = document("verify", "P12")
    assert found["verdict"] == "holds"
    assert found["obligations"]
    assert {"rule", "property", "method", "verdict", "seconds"} <= set(found["obligations"][0])


def test_a_timeout_leaves_the_verdict_unknown_and_exits_3() -> None:
    found = document("verify", "P01", "--timeout", "0", exit_code=3)
    assert found["verdict"] == "unknown"


def test_a_property_that_is_not_there_is_a_usage_error() -> None:
    result = call("verify", "P999")
    assert result.exit_code == 2
    assert "CCR135" in result.stderr
    assert call("verify", "P01", "--set", "no_such_timer=1").exit_code == 2
    assert call("verify", "P01", "--preset", "vista").exit_code == 2


def test_a_run_that_breaks_a_property_is_shown_saved_and_imported() -> None:
    result = call("verify", "S06", "--save", "runs")
    assert result.exit_code == 0
    saved = Path("runs/S06.ndjson")
    good("log", "import", str(saved), "--cluster", "FOUND")
    assert document("cluster", "show")["serving"] is not None
    good("audit")
    assert "a run of" in good("explain", str(saved))


@pytest.mark.seed("S-045")
def test_a_counterexample_is_a_log_in_which_the_audit_finds_what_was_refuted() -> None:
    good("log", "import", str(RUN), "--cluster", "TIMERS")
    shown = document("cluster", "show")
    assert shown["serving_nodes"] == ["A", "B"]
    found = document("audit", exit_code=1)
    assert found["verdict"] == "violated"
    assert any(f["property"].startswith("P01") for f in found["findings"])
    last = max(f["event"] for f in found["findings"])
    assert last == found["events"]


def test_the_steps_of_a_run_are_injected_as_they_are() -> None:
    steps = RUN.read_text().splitlines()
    good(
        "cluster", "create", "TIMERS", "--no-start", "--networks", "net1", "--preset", "windows2003"
    )
    assert "may fire" in good("inject", "--file", str(RUN), "--dry-run")
    good("inject", "--file", str(RUN))
    assert document("cluster", "show")["event"] == len(steps)
    Path("odd.ndjson").write_text("\n".join([steps[0], "{}", ""]))
    result = call("inject", "--file", "odd.ndjson")
    assert result.exit_code == 4
    assert "CCR153" in result.stderr


def test_an_audit_of_an_exported_log_needs_no_store() -> None:
    begin("cluster create MAIL")
    good("log", "export", "mail.ndjson")
    Path("ccr.db").unlink()
    found = document("audit", "mail.ndjson")
    assert (found["verdict"], found["events"], found["findings"]) == ("holds", 12, [])


def test_the_verdicts_of_several_files_are_merged() -> None:
    begin("cluster create MAIL")
    good("log", "export", "mail.ndjson")
    found = document("audit", "mail.ndjson", str(RECORD), exit_code=3)
    assert found["verdict"] == "unknown"
    assert [r["verdict"] for r in found["reports"]] == ["holds", "unknown"]


def test_the_real_incident_is_audited_as_observations_on_two_clocks() -> None:
    result = call("audit", str(RECORD))
    assert result.exit_code == 3
    for fact in ("0.219 s", "9.576 s", "3.107 s", "cannot be known"):
        assert fact in result.stdout
    assert call("audit", str(RECORD), "--lead", "SVR13=nonsense").exit_code == 2


def test_an_assumed_lead_of_a_clock_changes_what_depends_on_it() -> None:
    plain = document("audit", str(RECORD), exit_code=3)
    result = call("audit", str(RECORD), "--lead", "SVR14=2.9", "--json")
    assert json.loads(result.stdout)["clocks"] != plain["clocks"]


@pytest.mark.slow
def test_the_demo_tells_the_story_in_order_and_every_word_of_it_is_run() -> None:
    result = call("demo")
    assert result.exit_code == 0, result.output
    told = result.stdout
    story = (
        "$ ccr cluster create", "DatabaseMounted", "$ ccr workload", "NodeFailed",
        "DatabaseMountedLossy", "LossCounted", "IncrementalReseedEnded", "MoveRequested",
        "DatabaseMountedLossless", "holds", "P01  holds", "9.576 s",
    )  # fmt: skip
    places = [told.index(word) for word in story]
    assert places == sorted(places)
    assert not list(Path().iterdir())
