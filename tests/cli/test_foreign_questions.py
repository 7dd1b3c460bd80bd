"""`ccr history`, `ccr who`, `ccr why` of other systems' records: what they do not say is `?`."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.accessibility import troubles
from tests.cli.calling import call, document, good

DATA = Path(__file__).parents[1] / "data"
MOVE = str(DATA / "pgaf_2021" / "failover.jsonl")
KILL = str(DATA / "patroni_2024" / "leader_kill.jsonl")
WSFC = str(DATA / "wsfc_2020" / "record.jsonl")


@pytest.mark.parametrize(
    ("record", "kind", "was", "now", "told", "noticed"),
    [
        (MOVE, "move", "node1", "node2", "12:57:30", None),
        (KILL, "failover", "postgresql0", "postgresql1", None, "07:50:44.600"),
        (WSFC, "failover", "SVR14", "SVR13", None, "21:17:41.724"),
    ],
)
def test_history_of_a_foreign_record_has_a_mark_for_what_it_does_not_say(
    record: str, kind: str, was: str, now: str, told: str | None, noticed: str | None
) -> None:
    (found,) = document("history", "--record", record)["passages"]
    assert (found["kind"], found["from"], found["to"]) == (kind, was, now)
    assert (found["told_to_stop"], found["noticed"]) == (told, noticed)
    text = good("history", "--record", record)
    assert "?" in text.splitlines()[1]
    (row,) = csv.DictReader(good("history", "--record", record, "--csv").splitlines())
    assert row["noticed"] == (noticed or "")


def test_who_of_a_foreign_record_leaves_open_what_it_leaves_open(tmp_path: Path) -> None:
    found = call("who", "--record", MOVE)
    assert found.exit_code == 3
    assert "two served at once: unknown" in found.stdout
    complete = tmp_path / "complete.jsonl"
    head, *rest = Path(MOVE).read_text().splitlines()
    said = head[:-2] + ', "complete": ["state"]}}'
    complete.write_text("\n".join([said, *rest]) + "\n")
    assert call("who", "--record", str(complete)).exit_code == 0
    assert call("who", "--controlling", "--record", MOVE).exit_code == 2


def test_why_of_a_foreign_record_goes_from_moment_to_moment() -> None:
    by_name = good("why", "failover", "--record", KILL)
    assert by_name == good("why", "9", "--record", KILL)
    lines = [" ".join(x.split()) for x in by_name.splitlines()]
    assert "07:50:44.600 noticed stream lost of postgresql1, by ? [2]" in lines
    assert "? stopped ?" in lines
    assert "to know more, record when postgresql0 ceased to serve, before line 9" in lines
    missing = call("why", "move", "--record", KILL)
    assert (missing.exit_code, "CCR131" in missing.stderr) == (2, True)


def test_as_of_a_point_a_record_says_no_more_than_it_did_then() -> None:
    assert not document("history", "--record", MOVE, "--as-of", "12:57:36")["passages"]
    assert document("history", "--record", MOVE, "--as-of", "19")["passages"]
    assert not document("history", "--record", MOVE, "--as-of", "18")["passages"]
    for point in ("noon", "00:00:01"):
        assert call("who", "--record", MOVE, "--as-of", point).exit_code == 2


@pytest.mark.parametrize("words", [("history",), ("who",), ("why", "passage")])
def test_the_answer_has_a_page(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    call(*words, "--record", WSFC, "--html", "page.html")
    text = Path("page.html").read_text()
    assert troubles(text) == []
    assert f"ccr {words[0]}" in text
