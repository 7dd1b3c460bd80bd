"""Asking z3: within a resource limit that does not depend on the machine, and a deadline that does.

A query has an `rlimit`; a whole verification may have a deadline. Ctrl-C, which z3 turns into an
`unknown`, is turned back into a `KeyboardInterrupt`; while many short questions are asked it waits
for the end of one (`unbroken`). Imports z3 only.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import z3

OUT_OF_TIME = "not asked: the time is up"
LONGEST = 2**31


@dataclass(frozen=True)
class Deadline:
    """When to stop asking, on the clock of `time.perf_counter`; None is never."""

    at: float | None = None

    @staticmethod
    def after(seconds: float | None) -> Deadline:
        """The deadline so many seconds from now."""
        return Deadline(None if seconds is None else time.perf_counter() + seconds)

    @property
    def over(self) -> bool:
        """Whether it has passed."""
        return self.at is not None and time.perf_counter() >= self.at

    @property
    def left(self) -> float | None:
        """Seconds until it, at least 0; None is any number."""
        return None if self.at is None else max(0.0, self.at - time.perf_counter())

    def sooner(self, seconds: float) -> Deadline:
        """This one, or so many seconds from now, if that is sooner."""
        then = time.perf_counter() + seconds
        return Deadline(then if self.at is None else min(self.at, then))

    def milliseconds(self) -> int:
        """What is left, at least 1; for z3's `timeout`."""
        if self.at is None:
            return LONGEST
        return max(1, int(1000 * (self.at - time.perf_counter())))


NEVER = Deadline()


def check(solver: z3.Solver, *literals: Any, rlimit: int, deadline: Deadline = NEVER) -> Any:
    """z3's answer. Raises `KeyboardInterrupt` if z3 was interrupted from the keyboard."""
    solver.set("rlimit", rlimit)
    if deadline.at is not None:
        solver.set("timeout", deadline.milliseconds())
    answer = solver.check(*literals)
    if answer == z3.unknown and "interrupted" in solver.reason_unknown():
        raise KeyboardInterrupt
    return answer


@contextmanager
def unbroken() -> Iterator[None]:
    """Ctrl-C comes after this and not within: z3 would take it for itself, and may lose it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def check_again(text: str, *, rlimit: int, deadline: Deadline = NEVER) -> Any:
    """z3's answer to a script, in a context of its own and with another seed."""
    solver = z3.Solver(ctx=z3.Context())
    solver.set("random_seed", 1)
    solver.from_string(text)
    return check(solver, rlimit=rlimit, deadline=deadline)


def why_unknown(solver: z3.Solver, deadline: Deadline = NEVER) -> str:
    """Why z3 did not decide, for people."""
    if deadline.over:
        return "the time is up"
    return f"undecided within the limit ({solver.reason_unknown()})"
