"""Partial records, as ratios to decoding the same lines in the same run.

`python -m tests.bench.partial [EVENTS]`. A run of the teaching model with events left out; which
ones decides how many states are possible, and how many lines read what these differ in.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import msgspec

from tests.ccr_es.partial_making import Told, judged, without

AIM = 50_000
"""Events a second at a width of up to 8."""
CASES = {
    "everything is logged": (),
    "a rule whose traces few lines read": ("ServingStopped",),
    "repairs, which a fifth of the lines read": ("PathHealed",),
    "crashes, which a third of the lines read": ("NodeCrashed", "NodeBooted"),
    "crashes, and stops that hang on the clock": ("NodeCrashed", "NodeBooted", "ServingStopped"),
    "paths, and serving that hangs on the clock": ("ServingStarted", "PathCut", "PathHealed"),
    "renewals, which write down when they were": ("PathCut", "PathHealed", "LockRenewed"),
}


def told(events: int) -> Told:
    """A long run: paths break and are repaired while A serves."""
    found = Told()
    while len(found.lines) < events:
        found.wait(1_000)
        for n in "BA":
            found.act("cut", n=n)
            found.act("heal", n=n)
    return found


def decoded(lines: list[bytes]) -> None:
    """The floor: as little as can be done with the lines."""
    for line in lines:
        msgspec.json.decode(line)


def rate(events: int, work: Callable[[], object]) -> float:
    """Events a second of processor time, best of three: what else the machine does is left out."""
    best = 0.0
    for _ in range(3):
        began = time.process_time()
        work()
        best = max(best, events / (time.process_time() - began))
    return best


def measured(run: Told, lacking: tuple[str, ...]) -> tuple[int, float, float]:
    """The width, and events a second of the floor and of ours."""
    lines = without(run.lines, lacking)
    report = judged(lines, lacking)
    assert report.said == "conforms", (report.troubles, report.doubts)
    floor = rate(len(lines), lambda: decoded(lines))
    return report.width, floor, rate(len(lines), lambda: judged(lines, lacking))


def main() -> None:
    """Print the table."""
    run = told(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
    print(f"{'width':>5}{'decoding':>13}{'ours':>13}{'ratio':>8}  aim {AIM:,}")
    for what, lacking in CASES.items():
        width, floor, ours = measured(run, lacking)
        met = "met   " if ours >= AIM else "missed"
        print(f"{width:>5}{floor:>13,.0f}{ours:>13,.0f}{ours / floor:>8.3f}  {met}  {what}")


if __name__ == "__main__":
    main()
