"""A long audit says how far it is, can be interrupted, and is resumed only if all that it rests on
is as it was.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ccr_es.audit.segments import Desk
from ccr_es.cluster import plan as planning
from cli.audit.auditing import Wanted
from cli.audit.long import Long
from cli.frame.progress import Counted
from tests.cli.calling import call, good

KEPT = 40


@pytest.fixture(name="log", scope="module")
def _log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store whose states are kept often."""
    path = tmp_path_factory.mktemp("log") / "ccr.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "CHECKPOINT_EVERY", KEPT)
        good("--store", str(path), "cluster", "create", "MAIL")
        good("--store", str(path), "workload", "--logs", "12")
    return path


@pytest.fixture(autouse=True)
def _cut_small(log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(sys.modules[Desk.__module__], "SEGMENT", KEPT)
    monkeypatch.setattr(sys.modules[Wanted.__module__], "WORTH", 0)
    Path("ccr.db").write_bytes(log.read_bytes())


def alter(statement: str) -> None:
    """Change the store behind our back."""
    connection = sqlite3.connect("ccr.db")
    connection.execute(statement)
    connection.commit()
    connection.close()


def interrupted(after: int = 2) -> str:
    """Audit, and interrupt that after some segments; what is said."""
    told: list[int] = []
    real = Long._told

    def stops(self: Long, log: object, reached: object) -> None:
        real(self, log, reached)  # type: ignore[arg-type]
        told.append(1)
        if len(told) == after:
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Long, "_told", stops)
        result = call("audit", "--jobs", "1")
    assert result.exit_code == 130
    return str(result.stderr).strip()


def notes() -> list[Path]:
    """The files that say how far an audit came."""
    return sorted(Path(".ccr/audit").glob("*"))


def test_an_audit_that_was_interrupted_is_resumed_with_the_same_answer() -> None:
    whole = good("audit", "--jobs", "1")
    assert notes() == []
    said = interrupted()
    assert said.startswith("ccr: interrupted after 8")
    assert said.endswith("the same command with --resume goes on from there")
    assert len(notes()) == 1
    judged: list[int] = []
    real = Desk.judged
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Desk, "judged", lambda d, s: (judged.append(s.start), real(d, s))[1])
        assert good("audit", "--jobs", "1", "--resume") == whole
    assert judged[0] == 2 * KEPT
    assert notes() == []
    result = call("audit", "--resume")
    assert result.exit_code == 4
    assert "CCR250" in result.stderr


CHANGED = {
    "a column": "UPDATE ccr_stream SET time=time+1 WHERE number=30",
    "a kept state": "UPDATE ccr_checkpoints SET state=zeroblob(9) WHERE number=40",
    "an event's place": "DELETE FROM ccr_stream WHERE number=20",
}


@pytest.mark.slow
@pytest.mark.parametrize("what", CHANGED)
def test_what_was_judged_already_may_not_have_changed_since(what: str) -> None:
    interrupted()
    alter(CHANGED[what])
    before = Path("ccr.db").read_bytes()
    result = call("audit", "--jobs", "1", "--resume")
    assert result.exit_code == 4
    assert "CCR252" in result.stderr
    assert "--resume" in result.stderr
    assert Path("ccr.db").read_bytes() == before


@pytest.mark.slow
def test_what_comes_later_is_judged() -> None:
    interrupted()
    good("node", "fail", "A")
    alter(f"UPDATE ccr_stream SET time=time+1 WHERE number={3 * KEPT - 1}")
    result = call("audit", "--jobs", "2", "--resume")
    assert result.exit_code == 1
    assert f"event {3 * KEPT - 1}" in result.output


def test_a_note_that_somebody_changed_or_made_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted()
    note = notes()[0]
    good_note = note.read_bytes()
    for bad in (good_note.replace(b":80", b":90"), b""):
        note.write_bytes(bad)
        result = call("audit", "--resume")
        assert (result.exit_code, "CCR251" in result.stderr) == (4, True)
    note.write_bytes(good_note)
    monkeypatch.setenv("XDG_STATE_HOME", str(Path("other").resolve()))
    assert "CCR251" in call("audit", "--resume").stderr


def test_an_audit_is_not_resumed_with_another_model() -> None:
    interrupted()
    Path("m.py").write_text(
        "from models.language.variant import Variant\n"
        "from specs.catalogue import CCR\n"
        "MODEL = CCR.without_guard('bring_online', next(iter(CCR.rules['bring_online'].guards)))\n"
    )
    result = call("audit", "--resume", "--model", "m.py")
    assert result.exit_code == 4


def test_what_cannot_be_written_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("taken").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(Path("taken").resolve()))
    assert interrupted().endswith("nothing is kept of it")
    assert notes() == []


def test_a_count_tells_how_many_are_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock: Iterator[float] = iter([0.0, 6.0, 7.0, 12.0, 12.0])
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    count = Counted("events judged", 1_000)
    count.at(50)
    count.at(60)
    count.at(600)
    told = capsys.readouterr().err.splitlines()
    assert told == ["50 of 1,000 events judged", "600 of 1,000 events judged, about 8 s left"]


def unnumbered() -> None:
    """The parts of the log, without the numbers of their events."""
    for part in (("--node", "A"), ("--node", "B"), ("--outside",)):
        file = Path(f"{part[-1].strip('-')}.ndjson")
        good("log", "export", str(file), *part)
        first, *rest = map(json.loads, file.read_text().splitlines())
        for line in rest:
            del line["data"]["number"]
        file.write_text("".join(json.dumps(line) + "\n" for line in (first, *rest)))


def test_parts_without_numbers_are_not_put_together_as_one_log() -> None:
    unnumbered()
    result = call("audit", "A.ndjson", "B.ndjson", "outside.ndjson")
    assert result.exit_code == 4
    assert "CCR243: A.ndjson: no event has a number" in result.stderr
    assert "ccr audit --partial A.ndjson" in result.stderr


@pytest.mark.slow
def test_parts_without_numbers_are_judged_by_every_order() -> None:
    unnumbered()
    parts = ("--partial", "B.ndjson", "outside.ndjson", "A.ndjson")
    said = good("audit", *parts, "--complete", "all", "--skew-max", "0.1")
    assert "holds (conforms)" in said
    assert "the clock of B.ndjson was right" in said
    assert "no two clocks are taken to be more than 0.1 s apart" in said
    assert call("audit", *parts).exit_code == 3
    assert "name all parts" in call("audit", "--partial", "A.ndjson", "--drift", "9").stderr
    assert call("audit", *parts, "--lead", "A=1").exit_code == 2
    assert call("audit", *parts, "--as-of", "9").exit_code == 2
    page = Path("page.html")
    assert call("audit", *parts, "--html", str(page)).exit_code == 3
    assert "B.ndjson" in page.read_text()
