"""Ctrl-C, at a moment at which it is not lost.

Python raises `KeyboardInterrupt` wherever it happens to be. In a destructor that is printed and
forgotten, and while z3's binding hands values to C it comes out as another error. There it waits:
the same again, a hundredth of a second later. Imports no z3.
"""

from __future__ import annotations

import signal
from types import FrameType

LATER = 0.01
"""Seconds until it is tried again."""


def listen() -> None:
    """From now on Ctrl-C waits for a good moment, unless somebody else takes care of it already."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _heard)
        signal.signal(signal.SIGALRM, _heard)


def _heard(_: int, frame: FrameType | None) -> None:
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if frame.f_code.co_name == "__del__" or module.partition(".")[0] == "z3":
            signal.setitimer(signal.ITIMER_REAL, LATER)
            return
        frame = frame.f_back
    raise KeyboardInterrupt
