"""Ctrl-C is not lost where Python or z3's binding would lose it."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests.interrupts import interruptible

DESTRUCTOR = """
class Freed:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)
        done.append("freed")
Freed()
"""
BINDING = """
import z3
class Handed:
    @property
    def _as_parameter_(self):
        signal.raise_signal(signal.SIGINT)
        return z3.main_ctx().ref()
z3.z3core.Z3_get_error_code(Handed())
done.append("called")
"""
PLAIN = """
signal.raise_signal(signal.SIGINT)
done.append("not reached")
"""
AROUND = """
import signal, time
from cli.frame.interrupts import listen
done = []
listen()
try:
{what}
    time.sleep(5)
    done.append("never")
except KeyboardInterrupt:
    done.append("interrupted")
print(*done)
"""


@pytest.mark.parametrize(
    ("what", "said"),
    [(DESTRUCTOR, "freed interrupted"), (BINDING, "called interrupted"), (PLAIN, "interrupted")],
    ids=["in a destructor", "in the binding of z3", "anywhere else"],
)
def test_ctrl_c_waits_for_a_moment_at_which_it_is_not_lost(what: str, said: str) -> None:
    code = AROUND.format(what="\n".join(f"    {line}" for line in what.splitlines()))
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False,
        preexec_fn=interruptible,
    )  # fmt: skip
    assert (done.stdout.strip(), done.stderr) == (said, "")


def test_who_ignores_ctrl_c_goes_on_ignoring_it() -> None:
    code = AROUND.format(what="    signal.raise_signal(signal.SIGINT)").replace(
        "sleep(5)", "sleep(0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )  # fmt: skip
    assert done.stdout.strip() == "never"
