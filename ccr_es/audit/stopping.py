"""An interrupt as a wish: whoever judges stops where it can be gone on from. Knows no log."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Halted(Exception):
    """An audit stopped where it can be gone on with."""


@contextmanager
def wished() -> Iterator[Callable[[], bool]]:
    """Whether somebody interrupted this process, which then goes on; a second interrupt is one."""
    wishes: list[bool] = []
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    before = signal.getsignal(signal.SIGINT)

    def wish(*_: object) -> None:
        signal.signal(signal.SIGINT, before)
        wishes.append(True)

    signal.signal(signal.SIGINT, wish)
    try:
        yield lambda: bool(wishes)
    finally:
        signal.signal(signal.SIGINT, before)
