"""Acting: what a command fires, what it settles, what it says when it is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.calling import begin, call, document, good


@pytest.fixture(autouse=True)
def _in_a_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    begin("cluster create MAIL --witness //HUB/MAIL")


def events(*words: str) -> list[str]:
    """The names of the events that a call recorded."""
    return [e["event"] for e in document(*words)["events"]]


def test_a_command_settles_what_follows_at_once_but_lets_no_time_pass() -> None:
    good("node", "fail", "B")
    before = document("cluster", "show")["time"]
    happened = events("node", "start", "B")
    assert happened[0] == "NodeStarted"
    assert "ClusterServiceStarted" in happened
    assert document("cluster", "show")["time"] == before


def test_an_operators_reason_is_kept_with_the_event() -> None:
    good("node", "fail", "B", "--reason", "pulled the plug")
    found = document("log", "show", "NodeFailed")
    assert (found["actor"], found["reason"]) == ("operator", "pulled the plug")


def test_cutting_a_network_cuts_both_ways_unless_told_otherwise() -> None:
    assert events("network", "cut", "LAN").count("NetworkCut") == 2
    assert events("network", "heal", "LAN", "--one-way", "A").count("NetworkHealed") == 1
    assert document("cluster", "show")["networks"]["LAN"]["carries"] == {"A": True, "B": False}
    assert events("network", "heal", "LAN").count("NetworkHealed") == 1
    assert call("network", "heal", "LAN").exit_code == 1


def test_a_rule_is_injected_by_number_name_or_event() -> None:
    for word in ("R002", "2", "fail_node", "NodeFailed"):
        result = call("inject", word, "n=A", "--dry-run", "--json")
        assert json.loads(result.stdout)["events"][-1]["event"] == "NodeFailed", word
    assert document("cluster", "show")["nodes"]["A"]["up"]


def test_arguments_that_guards_bind_may_be_left_out() -> None:
    good("network", "cut", "LAN")
    good("wait", "6s")
    found = call("can", "watch_lock", "n=B", "--json")
    (case,) = json.loads(found.stdout)["cases"]
    assert case["args"]["seen"] == case["args"]["seen"]
    assert set(case["args"]) == {"n", "seen"}


def test_a_consequence_that_is_injected_is_recorded_for_its_own_actor() -> None:
    good("witness", "cut", "B")
    good("inject", "tick", "dt=240000")
    good("audit")


def test_a_refusal_names_guard_fact_setter_and_what_to_try() -> None:
    good("node", "fail", "A")
    good("wait", "1m")
    result = call("node", "freeze", "A")
    assert result.exit_code == 1
    assert result.stdout == ""
    said = result.stderr
    assert "not so: node is up" in said
    assert "node.A.power = DOWN; set by event 15 NodeFailed" in said
    assert "try: ccr node start A" in said


def test_what_a_refusal_says_to_try_works() -> None:
    good("node", "fail", "A")
    good("wait", "1m")
    (case,) = json.loads(call("can", "freeze_node", "n=A", "--json").stdout)["cases"]
    (reason,) = case["reasons"]
    assert reason["try"] == ["ccr node start A"]
    good(*reason["try"][0].split()[1:])
    good("node", "freeze", "A")


def test_a_refusal_says_how_long_to_wait_where_waiting_helps() -> None:
    good("node", "fail", "A")
    good("wait", "10s")
    said = call("inject", "bring_online", "n=B").stderr
    assert "next: ccr wait 5s; then it fires by itself" in said
    good("wait", "4999ms")
    assert document("cluster", "show")["serving"] is None
    good("wait", "1ms")
    assert document("cluster", "show")["serving"] == "B"


def test_a_refused_step_writes_nothing() -> None:
    before = document("log", "check")
    assert call("node", "start", "A").exit_code == 1
    assert document("log", "check") == before


def test_can_lists_what_may_be_typed_and_every_line_of_it_works() -> None:
    for option in document("can")["enabled"]:
        if option["missing"]:
            continue
        pairs = [
            f"{k}={str(v).lower() if isinstance(v, bool) else v}" for k, v in option["args"].items()
        ]
        assert call("inject", option["rule"], *pairs, "--dry-run").exit_code == 0, option


def test_can_exits_1_when_a_rule_may_fire_nowhere() -> None:
    assert call("can", "thaw_node").exit_code == 1
    assert call("can", "fail_node").exit_code == 0


def test_a_move_waits_until_it_is_done_and_says_so() -> None:
    good("workload", "--logs", "5")
    result = call("move", "--comment", "patches", "--yes")
    assert result.exit_code == 0
    assert document("cluster", "show")["serving"] == "B"
    assert document("log", "show", "MoveRequested")["reason"] == "patches"


def test_a_move_with_logs_on_their_way_takes_simulated_time() -> None:
    good("workload", "--logs", "5", "--every", "50ms")
    good("inject", "write_records", "n=A", "g=SG1", "records=5")
    result = call("move", "--comment", "patches", "--yes")
    assert result.exit_code == 0
    assert "waited" in result.stderr
    assert "(simulated)" in result.stderr


def test_no_wait_returns_before_the_end() -> None:
    good("inject", "write_records", "n=A", "g=SG1", "records=5")
    good("move", "--comment", "patches", "--yes", "--no-wait")
    assert document("cluster", "show")["serving"] is None
    good("wait", "1s")
    assert document("cluster", "show")["serving"] == "B"


def test_a_dry_run_of_a_move_writes_nothing() -> None:
    before = document("log", "check")
    assert document("move", "--comment", "x", "--dry-run")["allowed"] is True
    assert document("log", "check") == before


def test_a_move_that_cannot_finish_returns_and_exits_1() -> None:
    good("inject", "write_records", "n=A", "g=SG1", "records=5")
    good("move", "--comment", "patches", "--yes", "--no-wait")
    good("network", "cut", "LAN")
    good("wait", "3m")
    found = document("cluster", "show")
    assert found["serving"] == "A"
    assert found["storage_groups"]["SG1"]["mounted_on"] == "A"


def test_the_workload_fills_logs_at_a_rate() -> None:
    good("workload", "--logs", "10", "--every", "1s")
    found = document("cluster", "show")
    assert found["time"] == 10_000
    assert found["storage_groups"]["SG1"]["generated"] == 10


def test_a_workload_without_a_serving_node_is_refused() -> None:
    good("node", "fail", "A")
    assert call("workload").exit_code == 1


def test_a_cluster_is_described_by_a_file_and_options_go_over_it() -> None:
    Path("post.toml").write_text(
        'name = "POST"\nnodes = ["N1", "N2"]\nstorage_groups = ["SG7"]\nwitness = "//HUB/POST"\n'
        '[networks]\nLAN = "mixed"\nREPL = "private"\n[parameters]\ndial = 3\n'
    )
    good("--store", "post.db", "cluster", "create", "--file", "post.toml", "--set", "copy_time=7")
    at = ("--store", "post.db")
    found = document(*at, "cluster", "show")
    assert (found["cluster"], found["serving"]) == ("POST", "N1")
    assert found["networks"]["REPL"]["role"] == "private"
    created = document(*at, "log", "show", "1")["args"]
    assert created["parameters"] == {"dial": 3, "copy_time": 7}


def test_the_mount_dial_is_a_number_of_logs() -> None:
    for dial, logs in (("lossless", 0), ("good", 3), ("best", 6)):
        at = ("--store", f"{dial}.db")
        good(*at, "cluster", "create", "X", "--mount-dial", dial)
        assert document(*at, "log", "show", "1")["args"]["parameters"] == {"dial": logs}


def test_a_cluster_that_is_not_valid_leaves_no_store() -> None:
    assert call("--store", "new.db", "cluster", "create", "X", "--set", "begin=1").exit_code == 2
    assert call("--store", "new.db", "cluster", "create", "X", "--nodes", "A").exit_code == 2
    assert not Path("new.db").exists()


def test_forcing_quorum_warns_until_the_board_holds_the_epoch() -> None:
    good("node", "fail", "A")
    good("witness", "fail")
    good("wait", "1m")
    result = call("quorum", "force", "B", "--reason", "A is off")
    assert "Keep the other node off" in result.stderr
    assert any("keep A off" in w for w in document("cluster", "show")["warnings"])
    good("witness", "restore")
    good("wait", "1m")
    assert not any("keep A off" in w for w in document("cluster", "show")["warnings"])
