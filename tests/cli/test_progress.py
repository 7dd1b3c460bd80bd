"""How far a verification is; and that whoever interrupts it keeps what was proved."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cli.frame.progress import EVERY, Progress
from specs.proof.cache import NAME
from specs.verdict import HOLDS, SEARCH, UNKNOWN, Obligation
from tests.cli.calling import HOME

ASKED = Obligation("R101 claim_lock(n=A)", "P01", "induction", HOLDS)


class Terminal(io.StringIO):
    """stderr as a terminal."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_one_line_is_rewritten_with_an_estimate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    progress = Progress()
    progress.plan(4)
    progress.start -= 10
    progress.said(ASKED)
    assert screen.getvalue().startswith("\rR101 claim_lock(n=A)")
    assert "1 of 4, about 30 s left" in screen.getvalue()
    assert "\n" not in screen.getvalue()
    progress.clear()
    assert screen.getvalue().endswith("\r")


def test_elsewhere_a_plain_line_is_said_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress()
    progress.plan(1_000)
    for _ in range(3):
        progress.said(ASKED)
    assert capsys.readouterr().err == ""
    progress.said_at -= EVERY
    progress.said(ASKED)
    progress.said(Obligation(SEARCH, "P01", "sweep", UNKNOWN, 1.0, "no run"))
    assert capsys.readouterr().err.count("\n") == 1
    assert "4 of 1,000" in progress.line(ASKED)


@pytest.mark.slow
def test_whoever_interrupts_keeps_what_was_proved(tmp_path: Path) -> None:
    words = [
        sys.executable,
        "-m",
        "cli",
        "--store",
        str(tmp_path / "x.db"),
        "verify",
        "--jobs",
        "1",
    ]
    process = subprocess.Popen(
        words, cwd=HOME, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    kept = tmp_path / ".ccr" / NAME
    for _ in range(1_200):
        if kept.exists():
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "obligations were proved" in err
    assert "interrupted, with" in out
    assert "holds, " not in out.partition("verdict")[2].partition("\n")[0]
    assert kept.read_text().count("\n") > 0
