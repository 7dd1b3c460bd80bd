"""Processes that tests interrupt."""

from __future__ import annotations

import signal


def interruptible() -> None:
    """Before a process starts: undo what a background shell does, that its jobs ignore SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
