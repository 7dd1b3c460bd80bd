"""The commands that ask about a record: their documents, their rows, their exit codes."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.ccr_es.making import digest
from tests.cli.calling import call, document, good


@pytest.fixture(name="store", scope="module")
def _store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("asked") / "ccr.db"
    for words in (
        ("cluster", "create", "MAIL", "--witness", "//HUB/MAIL"),
        ("workload", "--logs", "3"),
        ("node", "fail", "A", "--reason", "power supply"),
        ("wait", "60s"),
        ("workload", "--logs", "1"),
        ("node", "start", "A"),
        ("wait", "2m"),
        ("move", "--yes", "--comment", "back"),
        ("wait", "60s"),
    ):
        good(*words, "--store", str(path))
    return path


@pytest.fixture(name="where")
def _where(store: Path) -> tuple[str, str]:
    return "--store", str(store)


@pytest.mark.seed("S-022", "S-025")
def test_history_has_each_passage_with_who_and_why(where: tuple[str, str]) -> None:
    found = document("history", *where)["passages"]
    assert [(p["kind"], p["from"], p["to"], p["actor"], p["reason"]) for p in found] == [
        ("failover", "A", "B", "operator", "power supply"),
        ("move", "B", "A", "operator", "back"),
    ]
    first = found[0]
    assert 0 < first["detected"] < first["decided"] < first["mounted"] <= first["outage"]
    assert first["first_write"] == 60_000
    assert first["lost"][0]["exact"]
    assert found[1]["outage"] <= found[1]["mounted"]
    earlier = document("history", *where, "--as-of", "DatabaseMountedLossy")["passages"]
    assert [(p["kind"], p["first_write"]) for p in earlier] == [("failover", None)]
    assert not earlier[0]["lost"][0]["exact"]
    assert "no failover" in good("history", *where, "--as-of", "12")


def test_history_and_who_agree(where: tuple[str, str]) -> None:
    spans = document("who", "--serving", *where)
    assert [s["node"] for s in spans["spans"]] == ["A", "B", "A"]
    assert spans["overlaps"] == []
    passages = document("history", *where)["passages"]
    assert spans["gaps"][0]["ms"] == passages[0]["outage"]
    control = document("who", "--controlling", *where)
    assert [s["node"] for s in control["spans"]] == ["A", "B", "A"]


def test_why_goes_back_to_the_fault(where: tuple[str, str]) -> None:
    steps = document("why", "failover", *where)["steps"]
    assert (steps[0]["name"], steps[0]["reason"]) == ("NodeFailed", "power supply")
    assert steps[-1]["name"] == "DatabaseMountedLossy"
    assert [s["caused_by"] for s in steps[1:]] == [s["event"] for s in steps[:-1]]
    for step in steps[1:]:
        assert any(b["decisive"] for b in step["because"]), step["name"]
        for because in step["because"]:
            assert all((f["set_by"] or 0) < step["event"] for f in because["facts"])
    assert document("why", "move", *where)["steps"][0]["name"] == "MoveRequested"
    assert "CCR131" in call("why", "failover~9", *where).stderr
    assert "CCR131" in call("why", "move", *where, "--as-of", "NodeFailed").stderr


def test_what_if_compares_and_writes_nothing(where: tuple[str, str], store: Path) -> None:
    before = digest(store)
    found = document("what-if", "NodeFailed", "--without", *where)
    assert (found["recorded"]["activations"], found["other"]["activations"]) == (2, 1)
    assert (found["recorded"]["serving"], found["other"]["serving"]) == ("A", "B"), "it was moved"
    assert found["other"]["outage"] == 0 < found["recorded"]["outage"]
    assert [r["rule"] for r in found["other"]["refused"]] == ["power_on"]
    stops = document("what-if", "NodeFailed", "--insert", "fail_share", *where)
    assert stops["other"]["outage"] > stops["recorded"]["outage"]
    assert digest(store) == before


def test_a_branch_in_which_nothing_differs_is_the_record(where: tuple[str, str]) -> None:
    """A step that changes nothing that matters: both courses have the same outcome."""
    words = ("what-if", "NodeFailed~1", "--insert", "pause_node", "n=B")
    assert call(*words, *where).exit_code == 0
    found = document("what-if", "MoveRequested", "--insert", "cut_share", "n=A", *where)
    assert found["recorded"]["lost"] == found["other"]["lost"]
    assert found["recorded"]["generated"] == found["other"]["generated"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("what-if", "NodeFailed"), 2, "say what is to be different"),
        (("what-if", "1", "--without"), 2, "cannot be changed"),
        (("what-if", "NodeFailed", "--insert", "paint_node"), 2, "CCR121"),
        (("what-if", "NodeFailed", "--insert", "fail_node", "n=C"), 2, "CCR136"),
        (("what-if", "NodeFailed", "--insert", "fail_node"), 2, "CCR122"),
        (("what-if", "NodeFailed", "--insert", "fail_node", "n=A"), 1, "CCR120"),
        (("what-if", "NodePainted", "--without"), 2, "CCR131"),
        (("why", "NodePainted"), 2, "CCR131"),
    ],
)
def test_a_question_that_cannot_be_answered_says_why(
    where: tuple[str, str], words: tuple[str, ...], code: int, said: str
) -> None:
    result = call(*words, *where)
    assert (result.exit_code, said in result.stderr) == (code, True), result.stderr


@pytest.mark.seed("S-121")
def test_history_counts_the_mail_that_was_left_behind_as_the_ledger_does(tmp_path: Path) -> None:
    where = ("--store", str(tmp_path / "mail.db"))
    for words in (
        ("cluster", "create", "MAIL", "--witness", "//HUB/MAIL"),
        ("hub", "add", "HUB1"),
        ("wait", "2m"),
        ("mail", "send", "--to", "alice@SG1,bob@SG1", "--id", "after"),
        ("node", "fail", "A"),
        ("wait", "5m"),
    ):
        good(*words, *where)
    (passage,) = document("history", *where)["passages"]
    (mount,) = document("loss", *where)["failovers"]
    assert passage["mail"] == mount["messages"]
    assert passage["mail"]["redelivered"] > 0
    assert "messages left behind" in good("history", *where)
    (row,) = csv.DictReader(good("history", "--csv", *where).splitlines())
    assert row["mail_redelivered"] == str(passage["mail"]["redelivered"])
