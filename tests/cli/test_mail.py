"""`ccr hub`, `ccr mail`, `ccr dumpster` and `ccr loss`: what they show is what happened."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cli.mail.mailing import size_of, sized
from tests.cli.calling import begin, call, document, good


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cluster that serves, with two hubs."""
    monkeypatch.chdir(tmp_path)
    begin(
        "cluster create MAIL --storage-groups SG1,SG2",
        "hub add HUB1",
        "hub add HUB2 --clock-ahead -20s",
    )
    return tmp_path


def lots() -> dict[str, dict[str, Any]]:
    """Every lot of mail by its id."""
    return {x["id"]: x for x in document("mail", "list")["lots"]}


@pytest.mark.parametrize(
    ("text", "size"), [("0", 0), ("17", 17), ("40KB", 40_960), ("18MB", 18 * 1024 * 1024)]
)
def test_a_size_is_read_as_it_is_written(text: str, size: int) -> None:
    assert size_of(text) == size
    assert size_of(sized(size)) == size


@pytest.mark.parametrize("text", ["KB", "-1KB", "ten", "1.5MB", "3TB"])
def test_what_is_no_size_is_refused(site: Path, text: str) -> None:
    result = call("mail", "send", "--to", "alice@SG1", f"--size={text}")
    assert result.exit_code == 2
    assert "is not a size" in result.stderr


@pytest.mark.seed("S-117", "S-124")
def test_a_message_for_two_groups_is_charged_to_each(site: Path) -> None:
    good("mail", "send", "--to", "alice@SG1,bob@SG2", "--size", "40KB", "--id", "both")
    held = document("dumpster", "show")["held"]
    assert {(x["hub"], x["storage_group"]): x["bytes"] for x in held if x["bytes"]} == {
        ("HUB1", "SG1"): 40_960, ("HUB1", "SG2"): 40_960,
    }  # fmt: skip
    assert set(lots()) == {"both-SG1", "both-SG2"}


def test_mail_waits_at_the_hub_while_nobody_can_take_it(site: Path) -> None:
    good("cms", "stop", "--reason", "test")
    good("mail", "send", "--to", "alice@SG1", "--id", "early")
    assert lots()["early"]["place"] == "queued"
    good("cms", "start")
    assert lots()["early"]["place"] == "in the dumpster"


def test_a_hub_that_is_down_takes_no_mail_and_says_what_to_do(site: Path) -> None:
    good("hub", "fail", "HUB1")
    result = call("mail", "send", "--hub", "HUB1", "--to", "alice@SG1")
    assert result.exit_code == 1
    assert "hub is up" in result.stderr
    good("mail", "send", "--to", "alice@SG1", "--id", "other")
    assert lots()["other"]["hub"] == "HUB2"


def test_what_is_not_there_is_refused_with_what_is(site: Path) -> None:
    for words, said in (
        (("mail", "send", "--hub", "HUB9", "--to", "a@SG1"), "It has HUB1, HUB2"),
        (("mail", "send", "--to", "a@SG9"), "It has SG1, SG2"),
        (("mail", "send", "--to", "alice"), "is not MAILBOX@SG"),
        (("hub", "fail", "HUB9"), "It has HUB1, HUB2"),
    ):
        result = call(*words)
        assert result.exit_code == 2
        assert said in result.stderr


def test_a_dry_run_writes_nothing(site: Path) -> None:
    before = len(good("log", "list").splitlines())
    good("mail", "send", "--to", "alice@SG1", "--dry-run")
    good("dumpster", "set", "--size", "1MB", "--dry-run")
    assert len(good("log", "list").splitlines()) == before


@pytest.mark.seed("S-139")
def test_the_copy_status_has_the_fields_of_the_dumpster_where_there_is_a_hub(site: Path) -> None:
    good("mail", "send", "--to", "alice@SG1")
    good("hub", "fail", "HUB2")
    good("node", "fail", "A")
    good("wait", "60s")
    with_them = ("copy", "status", "SG1", "--dumpster-statistics")
    copy = document(*with_them)["storage_groups"]["SG1"]["copy"]
    (request,) = copy["OutstandingDumpsterRequests"]
    assert request.startswith("HUB2 +00:00:00.000 to ")
    assert copy["DumpsterServersNotAvailable"] == ["HUB2"]
    assert copy["DumpsterStatistics"][0].startswith("HUB1: 1 messages, 40960 bytes, oldest ")
    without = document("copy", "status", "SG1")["storage_groups"]["SG1"]["copy"]
    assert "DumpsterStatistics" not in without


def test_a_cluster_without_hubs_says_nothing_of_a_dumpster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    begin("cluster create MAIL")
    copy = document("copy", "status", "SG1")["storage_groups"]["SG1"]["copy"]
    assert not any("Dumpster" in name for name in copy)
    assert "the site has no hub" in good("hub", "list")
    assert "nothing was lost" in good("loss")


def test_a_burst_is_cut_into_lots_that_each_fit_a_log(site: Path) -> None:
    good("mail", "burst", "--count", "70", "--size", "40KB", "--storage-group", "SG1")
    assert Counter(x["messages"] for x in lots().values()) == {25: 2, 20: 1}
    assert {x["hub"] for x in lots().values()} == {"HUB1", "HUB2"}


@pytest.mark.seed("S-127", "S-128")
@pytest.mark.parametrize(("release", "state"), [("sp1", "expired"), ("rtm", "outstanding")])
def test_a_request_lives_as_long_as_mail_is_kept_or_seven_days_in_rtm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, release: str, state: str
) -> None:
    monkeypatch.chdir(tmp_path)
    good("cluster", "create", "MAIL", "--release", release)
    good("hub", "add", "HUB1")
    good("dumpster", "set", "--time", "3d")
    good("mail", "send", "--to", "alice@SG1")
    good("hub", "fail", "HUB1")
    good("node", "fail", "A")
    good("wait", "4d")
    answer = call("dumpster", "requests", "--json")
    assert answer.exit_code == (1 if state == "outstanding" else 0)
    assert [x["state"] for x in json.loads(answer.stdout)["requests"]] == [state]


def rough_week(seed: int) -> None:
    """Mail and failures as a seed draws them, then an hour in which nothing fails."""
    draw = random.Random(seed)
    up = {"A": True, "B": True, "HUB1": True, "HUB2": True}
    for number in range(14):
        node = draw.choice("AB")
        hub = draw.choice(("HUB1", "HUB2"))
        act = draw.choice(("mail", "mail", "mail", "wait", "node", "hub"))
        if act == "mail" and up[hub]:
            group = draw.choice(("SG1", "SG2"))
            call("mail", "send", "--hub", hub, "--to", f"u@{group}", "--id", f"x{number}")
        elif act == "hub":
            good("hub", "fail" if up[hub] else "start", hub)
            up[hub] = not up[hub]
        elif act == "node" and (not up[node] or all(up[n] for n in "AB")):
            call("node", "fail" if up[node] else "start", node)
            up[node] = not up[node]
        good("wait", draw.choice(("5s", "20s", "40s", "2m")))
    for name, is_up in up.items():
        if not is_up:
            good(*(("hub", "start") if name.startswith("HUB") else ("node", "start")), name)
    good("wait", "2h")


@pytest.mark.seed("S-116", "S-122", "S-126")
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 6))
def test_after_quiet_time_every_message_is_there_once_and_the_ledger_says_so(
    site: Path, seed: int
) -> None:
    rough_week(seed)
    held = presence()
    assert held == dict.fromkeys(held, 1), "a message is missing, or is there twice"
    report = call("loss", "--json")
    assert report.exit_code == 0
    for failover in document("loss")["failovers"]:
        assert failover["messages"]["waiting"] == failover["messages"]["lost"] == 0


def presence() -> dict[str, int]:
    """How often each message is in the stream of the node that has it mounted, by a count of our
    own: replayed from the events, a log at a time, with no table and no position.
    """
    streams: dict[tuple[str, str], list[list[str]]] = {}
    opened: dict[tuple[str, str], list[str]] = {}
    found: Counter[str] = Counter()
    last: dict[str, str] = {}
    for line in good("log", "export", "-").splitlines():
        event = _event(line)
        args = event.get("args", {})
        key = (str(args.get("n", "")), str(args.get("g", "")))
        _one(event["event"], args, key, streams, opened, last)
    for group, node in last.items():
        logs = streams.get((node, group), [])
        found.update(m for log in logs for m in log)
        found.update(opened.get((node, group), []))
    return {m: found[m] for m in lots()}


def _event(line: str) -> dict[str, Any]:
    data = json.loads(line)
    return {"event": data["data"]["event"], "args": data["data"].get("args", {})}


def _one(
    name: str,
    args: dict[str, Any],
    key: tuple[str, str],
    streams: dict[tuple[str, str], list[list[str]]],
    opened: dict[tuple[str, str], list[str]],
    last: dict[str, str],
) -> None:
    """One event, for the count."""
    node, group = key
    other = ("B" if node == "A" else "A", group)
    logs = streams.setdefault(key, [])
    if name == "MailDelivered":
        opened.setdefault(key, []).append(str(args["m"]))
    elif name in ("LogClosed", "LogRolled", "LogClosedForMail"):
        logs.append(opened.pop(key, []))
    elif name in ("LastLogClosed", "OldStreamClosed"):
        if key in opened:
            logs.append(opened.pop(key))
    elif name == "LogInspected":
        logs.append(list(streams[other][len(logs)]))
    elif name == "IncrementalReseedBegun":
        del logs[int(args["fork"]) :]
        opened.pop(key, None)
    elif name == "SeedFinished":
        streams[key] = [list(x) for x in streams[other]]
        opened.pop(key, None)
    elif name.startswith("DatabaseMounted"):
        last[group] = node
