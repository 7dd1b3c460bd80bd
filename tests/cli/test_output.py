"""Output: durations, clocks, tables, colour, and which stream gets what."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.frame import output
from tests.cli.calling import begin, call, document, good


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "0s"), (300, "300ms"), (1_000, "1s"), (12_500, "12.5s"), (65_000, "1m5s"),
        (5_400_000, "1h30m"), (604_800_000, "7d"), (-1_000, "-1s"),
    ],
)  # fmt: skip
def test_a_duration_reads_as_people_write_it(ms: int, text: str) -> None:
    assert output.duration(ms) == text


def test_a_simulated_time_has_days_only_when_there_are_any() -> None:
    assert output.clock(65_250) == "+00:01:05.250"
    assert output.clock(86_400_000 * 7 + 1) == "+7d 00:00:00.001"


def test_a_table_aligns_numbers_right_and_keeps_names_of_exchange(
    capsys: pytest.CaptureFixture[str],
) -> None:
    output.table(("name", "LastLogInspected"), [("SG1", 7), ("SG20", 123)])
    assert capsys.readouterr().out.splitlines() == [
        "NAME  LastLogInspected",
        "SG1                  7",
        "SG20               123",
    ]


def test_the_answer_goes_to_stdout_and_the_conversation_to_stderr() -> None:
    made = call("cluster", "create", "MAIL")
    assert "ClusterCreated" in made.stdout
    assert "serves" in made.stderr
    assert "serves" not in made.stdout
    refused = call("node", "start", "A")
    assert refused.stdout == ""
    assert "CCR120" in refused.stderr


def test_color_is_asked_for_before_no_color_before_force_color() -> None:
    begin("cluster create MAIL")
    show = ("cluster", "show")
    assert "\x1b[" in call(*show, env={"FORCE_COLOR": "1"}).stdout
    assert "\x1b[" not in call(*show, env={"FORCE_COLOR": "1", "NO_COLOR": "1"}, color=True).stdout
    assert "\x1b[" in call("--color", "always", *show, env={"NO_COLOR": "1"}).stdout
    assert "\x1b[" not in call("--color", "never", *show, env={"FORCE_COLOR": "1"}).stdout


def test_without_colour_nothing_is_missing_but_the_colour() -> None:
    import click

    begin("cluster create MAIL")
    plain = call("--color", "never", "cluster", "show").stdout
    coloured = call("--color", "always", "cluster", "show").stdout
    assert click.unstyle(coloured) == plain != coloured


KEYS = {
    ("cluster", "show"): {
        *("cluster", "event", "time", "serving", "controller", "nodes", "networks", "witness"),
        "storage_groups",
    },
    ("witness", "show"): {"path", "up", "reach", "holder", "controller", "epoch"},
    ("cms", "status"): {"state", "host", "stopped", "machines"},
    ("copy", "status"): {"cluster", "storage_groups"},
    ("log", "list"): {"cluster", "events"},
    ("log", "show", "3"): {"number", "time", "event", "rule", "args", "actor", "changes", "hash"},
    ("log", "check"): {"events", "head", "problems"},
    ("cluster", "list"): {"clusters"},
    ("replay",): {"event", "time", "hash", "state"},
    ("diff", "1", "3"): {"from", "to", "differences"},
    ("can",): {"event", "enabled"},
    ("can", "fail_node", "n=A"): {"rule", "allowed", "cases"},
    ("audit",): {"verdict", "events", "findings"},
    ("explain", "R202"): {"number", "name", "event", "guards", "effects"},
    ("explain", "P01"): {"number", "name", "sentence", "term"},
    ("explain", "CCR120"): {"code", "exit_code", "about"},
    ("verify", "--list"): {"properties"},
    ("wait", "1s"): {"cluster", "event", "time", "serving", "events"},
}


@pytest.mark.parametrize("words", KEYS, ids=" ".join)
def test_json_has_a_kind_a_version_and_the_promised_keys(words: tuple[str, ...]) -> None:
    begin("cluster create MAIL")
    found = document(*words)
    assert isinstance(found["kind"], str)
    assert found["version"] == output.VERSION
    assert KEYS[words] <= set(found)


def test_cluster_show_has_every_promised_key_below_the_top() -> None:
    begin("cluster create MAIL --witness //HUB/MAIL")
    found = document("cluster", "show")
    assert found["serving"] == found["controller"] == "A"
    assert {"up", "cluster", "role", "votes"} <= set(found["nodes"]["A"])
    assert {"up", "role"} <= set(found["networks"]["LAN"])
    assert {
        *("mounted_on", "status", "generated", "copied", "inspected", "replayed"),
        *("copy_queue", "replay_queue", "lost"),
    } <= set(found["storage_groups"]["SG1"])
    assert found["storage_groups"]["SG1"]["lost"] is None


def test_every_reading_command_answers_as_of_a_point() -> None:
    begin("cluster create MAIL", "node fail A", "wait 1m")
    assert document("cluster", "show")["serving"] == "B"
    assert document("cluster", "show", "--as-of", "10")["serving"] is None
    assert document("cluster", "show", "--as-of", "-1m")["serving"] is None
    assert document("cluster", "show", "--as-of", "CmsOnline~2")["serving"] == "A"
    assert document("can", "--as-of", "NodeFailed")["event"] == 15
    assert len(document("log", "list", "--as-of", "5")["events"]) == 5
    assert document("cms", "status", "--as-of", "CmsOnline~2")["host"] == "A"
    assert document("copy", "status", "--as-of", "5")["storage_groups"]["SG1"]["generated"] == 0


def test_two_clusters_live_in_one_store_and_are_told_apart() -> None:
    begin("cluster create MAIL", "cluster create POST --nodes N1,N2")
    assert call("cluster", "show").exit_code == 2
    assert document("cluster", "show", "--cluster", "POST")["serving"] == "N1"
    found = call("cluster", "show", "--json", env={"CCR_CLUSTER": "MAIL"})
    assert json.loads(found.stdout)["cluster"] == "MAIL"


def test_the_store_is_named_by_option_or_environment() -> None:
    good("--store", "one.db", "cluster", "create", "ONE")
    assert document("cluster", "list", "--store", "one.db")["clusters"][0]["cluster"] == "ONE"
    assert call("cluster", "list", env={"CCR_STORE": "one.db"}).exit_code == 0
    assert not Path("ccr.db").exists()


def test_a_seed_gives_the_same_log_every_time() -> None:
    heads = []
    for name in ("one.db", "two.db"):
        at = ("--store", name)
        good(*at, "cluster", "create", "MAIL", "--seed", "7")
        good(*at, "workload", "--logs", "3")
        good(*at, "node", "fail", "A")
        good(*at, "wait", "1m")
        heads.append(document(*at, "log", "check")["head"])
    assert heads[0] == heads[1]


def test_a_quiet_week_is_a_handful_of_events() -> None:
    begin("cluster create MAIL")
    before = document("cluster", "show")["event"]
    good("wait", "7d")
    assert document("cluster", "show")["event"] - before <= 5
