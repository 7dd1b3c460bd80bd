"""Trouble: files that are not what they should be, a store that cannot be used, an interrupt, two
writers. One clear line, a documented exit code, every stored byte as it was.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.calling import HOME, begin, call, document, good, process
from tests.interrupts import interruptible

Change = Callable[[list[bytes]], list[bytes]]


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def exported() -> list[bytes]:
    """The lines of an exported log."""
    begin("cluster create MAIL", "node fail A")
    good("log", "export", "good.ndjson")
    return Path("good.ndjson").read_bytes().splitlines(keepends=True)


def _edited(lines: list[bytes], number: int, **changes: object) -> list[bytes]:
    found = json.loads(lines[number])
    found["data"].update(changes)
    return [*lines[:number], json.dumps(found).encode() + b"\n", *lines[number + 1 :]]


BROKEN: dict[str, Change] = {
    "an empty file": lambda lines: [],
    "no JSON at all": lambda lines: [b"once upon a time\n"],
    "JSON of another kind": lambda lines: [b'{"specversion": "1.0", "type": "com.example"}\n'],
    "cut in the middle of a line": lambda lines: [*lines[:-1], lines[-1][:40]],
    "without its last event": lambda lines: lines[:-1],
    "without an event in the middle": lambda lines: [*lines[:5], *lines[6:]],
    "two events changed over": lambda lines: [*lines[:5], lines[6], lines[5], *lines[7:]],
    "a reason changed": lambda lines: _edited(lines, 5, reason="it was somebody else"),
    "a time changed": lambda lines: _edited(lines, 5, time=12345),
    "of a newer schema": lambda lines: _edited(lines, 5, schema=99),
    "not even text": lambda lines: [b"\xff\xfe\x00\x01" * 20],
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_log_is_refused_in_one_line_and_nothing_is_imported(
    name: str, exported: list[bytes]
) -> None:
    Path("bad.ndjson").write_bytes(b"".join(BROKEN[name](exported)))
    good("--store", "other.db", "cluster", "create", "OTHER")
    before = document("--store", "other.db", "log", "check")
    result = call("--store", "other.db", "log", "import", "bad.ndjson")
    assert result.exit_code == 4
    (line,) = result.stderr.splitlines()
    assert line.startswith("ccr: CCR1")
    assert document("--store", "other.db", "log", "check") == before
    assert document("--store", "other.db", "cluster", "list")["clusters"] == [
        {"cluster": "OTHER", "events": 12}
    ]


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_log_never_passes_the_audit(name: str, exported: list[bytes]) -> None:
    Path("bad.ndjson").write_bytes(b"".join(BROKEN[name](exported)))
    assert call("audit", "bad.ndjson").exit_code in (1, 3, 4)


def test_a_whole_log_is_imported_as_it_was(exported: list[bytes]) -> None:
    head = document("log", "check")["head"]
    good("--store", "other.db", "log", "import", "good.ndjson")
    assert document("--store", "other.db", "log", "check")["head"] == head
    good("audit", "good.ndjson")
    again = call("--store", "other.db", "log", "import", "good.ndjson")
    assert again.exit_code == 1
    assert "CCR112" in again.stderr


def test_an_export_does_not_write_over_a_file_unless_told_to(exported: list[bytes]) -> None:
    result = call("log", "export", "good.ndjson")
    assert result.exit_code == 1
    assert "CCR152" in result.stderr
    good("log", "export", "good.ndjson", "--force")
    assert Path("good.ndjson").read_bytes() == b"".join(exported)
    assert call("log", "export", "-").stdout.encode() == b"".join(exported)


def test_a_log_changed_in_the_store_is_found_out_and_left_as_it_is() -> None:
    begin("cluster create MAIL")
    with sqlite3.connect("ccr.db") as store:
        store.execute("UPDATE stored_events SET state = replace(state, '\"A\"', '\"B\"')")
    store.close()
    before = Path("ccr.db").read_bytes()
    for words in (["cluster", "show"], ["node", "fail", "A"], ["log", "check"], ["audit"]):
        result = call(*words)
        assert result.exit_code in (1, 4), words
    assert Path("ccr.db").read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"not a database" * 100, b"SQLite format 3\x00 cut"])
def test_a_file_that_is_not_a_store_is_refused_and_left_alone(content: bytes) -> None:
    Path("ccr.db").write_bytes(content)
    for words in (["cluster", "show"], ["node", "fail", "A"], ["log", "check"]):
        result = call(*words)
        assert result.exit_code == 4, (words, result.output)
        assert len(result.stderr.splitlines()) == 1
        assert Path("ccr.db").read_bytes() == content


def test_the_database_of_another_program_is_refused() -> None:
    with sqlite3.connect("ccr.db") as other:
        other.execute("CREATE TABLE t (x)")
    other.close()
    before = Path("ccr.db").read_bytes()
    assert "CCR102" in call("cluster", "create", "MAIL").stderr
    assert Path("ccr.db").read_bytes() == before


def test_a_locked_store_is_said_to_be_locked() -> None:
    begin("cluster create MAIL")
    holder = sqlite3.connect("ccr.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        result = call("node", "fail", "A")
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    assert result.exit_code == 4
    assert "CCR103" in result.stderr
    good("node", "fail", "A")


def test_no_room_on_the_disk_is_one_line_and_the_log_stays_whole() -> None:
    begin("cluster create MAIL")
    before = document("log", "check")["events"]
    code = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))\n"
        "from cli.main import main\nsys.argv[0] = 'ccr'\nmain()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "workload", "--logs", "500"],
        env={**os.environ, "PYTHONPATH": str(HOME)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 4, done.stderr
    assert "CCR105" in done.stderr
    found = document("log", "check")
    assert found["problems"] == []
    assert found["events"] >= before


def test_an_interrupt_in_the_middle_leaves_a_whole_log() -> None:
    begin("cluster create MAIL")
    running = subprocess.Popen(
        [sys.executable, "-m", "cli", "workload", "--logs", "10000"],
        preexec_fn=interruptible,
        env={**os.environ, "PYTHONPATH": str(HOME)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 20
    while document("cluster", "list")["clusters"][0]["events"] < 600:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=20)
    assert running.returncode == 130, said
    assert said.strip().splitlines()[-1].startswith("ccr: interrupted")
    found = document("log", "check")
    assert found["problems"] == []
    assert 600 <= found["events"] < 60_000
    good("wait", "1s")


def test_two_writers_at_once_make_one_chain() -> None:
    begin("cluster create MAIL")
    calls = [
        subprocess.Popen(
            [sys.executable, "-m", "cli", *words],
            env={**os.environ, "PYTHONPATH": str(HOME)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for words in (["workload", "--logs", "40"], ["workload", "--logs", "40"], ["wait", "5s"])
    ]
    for running in calls:
        _, said = running.communicate(timeout=60)
        assert running.returncode == 0, said
    found = document("log", "check")
    assert found["problems"] == []
    assert document("cluster", "show")["storage_groups"]["SG1"]["generated"] == 80
    good("audit")


def test_a_reader_that_goes_away_is_no_error() -> None:
    begin("cluster create MAIL")
    done = subprocess.run(
        f"{sys.executable} -m cli log list | head -1",
        shell=True,
        env={**os.environ, "PYTHONPATH": str(HOME)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("EVENT")
    assert "Traceback" not in done.stderr


def test_the_command_is_itself_in_a_folder_with_other_modules_of_these_names(
    tmp_path: Path,
) -> None:
    for name in ("cli", "specs", "models"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('the wrong one')\n")
    script = "import sys; sys.path.pop(0) if sys.path[0] == '' else None; "
    code = f"{script}from cli.main import main; sys.argv[0] = 'ccr'; main()"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, "cluster", "create", "MAIL"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(HOME)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert process("--version", cwd=HOME).returncode == 0
