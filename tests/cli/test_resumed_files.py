"""The audit of exported files, of parts of a log, and of what is judged event by event, interrupted
and resumed: the answer is the same, and what was judged may not have changed since.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest
from click.testing import Result

from ccr_es.audit.keep_going import GoingOn
from ccr_es.audit.sources import Item, packs_of
from ccr_es.partial.engine import Audit
from ccr_es.partial.record import Line
from cli.audit.auditing import Wanted
from cli.frame.progress import Counted
from tests.cli.calling import call, good

PACK = 20
"""Events between two places at which an audit can be put aside."""


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store, its log as a file, and the parts of it."""
    path = tmp_path_factory.mktemp("log")
    at = ("--store", str(path / "ccr.db"))
    good(*at, "cluster", "create", "MAIL")
    good(*at, "workload", "--logs", "6")
    good(*at, "log", "export", str(path / "whole.ndjson"))
    for name in "AB":
        good(*at, "log", "export", str(path / f"{name}.ndjson"), "--node", name)
    good(*at, "log", "export", str(path / "outside.ndjson"), "--outside")
    lines = (path / "whole.ndjson").read_bytes().splitlines(keepends=True)
    # The 15th is not where it should be: all after it is judged with that in mind.
    (path / "edited.ndjson").write_bytes(b"".join([*lines[:14], *lines[15:]]))
    return path


@pytest.fixture(autouse=True)
def _often(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for of in (packs_of, GoingOn):
        monkeypatch.setattr(sys.modules[of.__module__], "PACK", PACK)
    monkeypatch.setattr(sys.modules[Wanted.__module__], "WORTH", 0)
    for file in folder.glob("*.*"):
        Path(file.name).write_bytes(file.read_bytes())


def interrupted(*args: str, after: int = 50) -> str:
    """Audit, and send an interrupt after so many events; what is said."""
    sent: list[int] = []
    real = Counted.at

    def sends(self: Counted, done: int) -> None:
        real(self, done)
        if done >= after and not sent:
            sent.append(done)
            signal.raise_signal(signal.SIGINT)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Counted, "at", sends)
        result = call("audit", "--jobs", "1", *args)
    assert result.exit_code == 130, result.output
    return str(result.stderr).strip()


def resumed(*args: str) -> tuple[Result, int]:
    """Go on with it; the result, and how many events were judged anew."""
    seen: list[Item] = []
    real = GoingOn.take

    def take(self: GoingOn, item: Item) -> None:
        seen.append(item)
        real(self, item)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(GoingOn, "take", take)
        result = call("audit", "--jobs", "1", "--resume", *args)
    return result, len(seen)


WAYS = {
    "a file": ("whole.ndjson",),
    "the parts of a log": ("A.ndjson", "B.ndjson", "outside.ndjson"),
    "a file in which something is missing": ("--keep-going", "edited.ndjson"),
    "parts, going on": ("--keep-going", "B.ndjson", "outside.ndjson", "A.ndjson"),
    "a file by today's rules": ("--by-today", "whole.ndjson"),
    "a store by today's rules": ("--by-today", "ccr.db"),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", WAYS)
def test_what_is_judged_whole_is_resumed_with_the_same_answer(what: str) -> None:
    args = WAYS[what]
    whole = call("audit", "--json", *args)
    said = interrupted(*args)
    assert "the same command with --resume goes on from there" in said
    assert len(list(Path(".ccr/audit").glob("*.json"))) == 1
    result, anew = resumed("--json", *args)
    assert (result.exit_code, result.stdout) == (whole.exit_code, whole.stdout)
    assert "--keep-going" not in args or 0 < anew < 100
    assert not list(Path(".ccr/audit").glob("*"))
    assert "CCR250" in call("audit", "--resume", *args).stderr


@pytest.mark.slow
def test_what_was_read_of_a_file_may_not_have_changed_since() -> None:
    interrupted("whole.ndjson")
    file = Path("whole.ndjson")
    before = file.read_bytes()
    lines = before.splitlines(keepends=True)
    for bad in ([*lines[:9], lines[9].replace(b"ccr:", b"CCR:"), *lines[10:]], lines[:20]):
        file.write_bytes(b"".join(bad))
        result = call("audit", "--resume", "whole.ndjson")
        assert (result.exit_code, "CCR252" in result.stderr) == (4, True)
        assert "is not what was judged" in result.stderr
    file.write_bytes(before)
    assert "CCR250" in call("audit", "--resume", "--by-today", "whole.ndjson").stderr
    assert good("audit", "--resume", "whole.ndjson") == good("audit", "whole.ndjson")


@pytest.mark.slow
def test_what_comes_later_in_a_file_is_judged() -> None:
    file = Path("whole.ndjson")
    before = file.read_bytes()
    lines = before.splitlines(keepends=True)
    after = b"".join(lines[:-9] + lines[-8:])
    file.write_bytes(after)
    changed = call("audit", "whole.ndjson")
    assert changed.exit_code == 1
    file.write_bytes(before)
    interrupted("whole.ndjson")
    file.write_bytes(after)
    assert call("audit", "--resume", "whole.ndjson").stdout == changed.stdout


@pytest.mark.slow
def test_workers_put_aside_what_they_judge_when_they_are_asked_to() -> None:
    args = ("whole.ndjson", "edited.ndjson", "--jobs", "2")
    whole = call("audit", *args)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Counted, "at", lambda count, done: interrupts(done))
        assert call("audit", *args).exit_code == 130
    assert list(Path(".ccr/audit").glob("*.json"))
    assert call("audit", "--resume", *args).stdout == whole.stdout


def interrupts(done: int) -> None:
    """An interrupt once something was judged."""
    if done:
        raise KeyboardInterrupt


@pytest.fixture(name="some")
def _some(monkeypatch: pytest.MonkeyPatch) -> Path:
    """A partial record, put aside often."""
    monkeypatch.setattr(sys.modules[Audit.__module__], "OFTEN", 7)
    good("log", "export", "some.ndjson", "--without", "HeartbeatEchoed,LogNotified")
    return Path("some.ndjson")


@pytest.mark.slow
def test_a_partial_record_is_resumed_where_its_states_were_put_aside(some: Path) -> None:
    args = ("--partial", "some.ndjson", "--ask", "node.A.power=UP")
    whole = call("audit", "--json", *args)
    assert whole.exit_code in (0, 3)
    assert "the same command with --resume" in partly(*args)
    assert "CCR250" in call("audit", "--resume", *args, "--width", "9").stderr
    text = some.read_text()
    some.write_text(text.replace('"reason":""', '"reason":"x"', 1))
    assert "CCR252" in call("audit", "--resume", *args).stderr
    some.write_text(text)
    result = call("audit", "--resume", "--json", *args)
    assert (result.exit_code, result.stdout) == (whole.exit_code, whole.stdout)
    assert not list(Path(".ccr/audit").glob("*"))
    result = call("audit", "--partial", "A.ndjson", "B.ndjson", "outside.ndjson", "--resume")
    assert (result.exit_code, "in one file" in result.stderr) == (2, True)
    Path("other.txt").write_text("a record of nobody's\n")
    assert call("audit", "--resume", "other.txt").exit_code in (2, 4)


def partly(*args: str) -> str:
    """Judge a partial record, and send an interrupt on the way; what is said."""
    real = Audit._before
    sent: list[int] = []

    def sends(self: Audit, line: Line) -> bool:
        if line.line > 30 and not sent:
            sent.append(line.line)
            signal.raise_signal(signal.SIGINT)
        return real(self, line)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Audit, "_before", sends)
        result = call("audit", *args)
    assert result.exit_code == 130, result.output
    return str(result.stderr)
