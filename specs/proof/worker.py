"""A worker: SMT-LIB text in, answers out. Run as a program of its own, or as a `Session` inline.

A *stream* of tasks is answered in one session, so that an answer depends on nothing but its stream.
The preamble is evaluated first; each task is a scope on top of it, with a literal per obligation.

As a program it reads a JSON line per stream from stdin and writes one per task to stdout; the
parent kills it when it likes. Imports z3 and the standard library only: it is run by its path.
"""

from __future__ import annotations

import json
import re
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

import z3

SAT, UNSAT, UNKNOWN = "sat", "unsat", "unknown"
_SPENT = re.compile(r":(rlimit|conflicts)\s+(\d+)")
_ASSUMED = re.compile(r"\|assume ([^|]*)\|")


class Broken(Exception):
    """The solver did not understand a text."""


class Session:
    """One solver with a preamble. `rlimit` bounds each query reproducibly."""

    otherwise = ""
    """How z3 is set otherwise than by itself."""

    def __init__(self, preamble: str, rlimit: int, seed: int) -> None:
        self.context = z3.Context()
        self.evaluate("(set-option :produce-unsat-assumptions true)")
        self.evaluate(f"(set-option :rlimit {rlimit})(set-option :smt.random_seed {seed})")
        self.evaluate(self.otherwise)
        self.evaluate(preamble)
        self._before = self._spent()

    def evaluate(self, text: str) -> str:
        """What the solver prints. Raises `Broken` if it is an error."""
        try:
            said: str = z3.Z3_eval_smtlib2_string(self.context.ref(), text)
        except z3.Z3Exception as error:
            raise Broken(f"the solver refused its input: {error}") from None
        return said.strip()

    def ask(self, text: str, goals: Sequence[str], literals: str, timeout: int) -> list[list[Any]]:
        """Per goal: answer, assumptions needed, seconds, resources, conflicts, why unknown.

        `timeout` in milliseconds.
        """
        self.evaluate(f"(set-option :timeout {timeout})(push 1){text}")
        found = [self._ask(goal, literals) for goal in goals]
        self.evaluate("(pop 1)")
        return found

    def _ask(self, goal: str, literals: str) -> list[Any]:
        start = time.perf_counter()
        answer = self.evaluate(f"(check-sat-assuming ({goal} {literals}))")
        needed: list[str] = []
        why = ""
        if answer == UNSAT:
            needed = _ASSUMED.findall(self.evaluate("(get-unsat-assumptions)"))
        elif answer != SAT:
            why = self.evaluate("(get-info :reason-unknown)").partition('"')[2].rpartition('"')[0]
            answer = UNKNOWN
        seconds = time.perf_counter() - start
        before, self._before = self._before, self._spent()
        spent = [self._before[n] - before[n] for n in ("rlimit", "conflicts")]
        return [answer, needed, round(seconds, 6), *spent, why]

    def _spent(self) -> dict[str, int]:
        said = self.evaluate("(get-info :rlimit)(get-info :all-statistics)")
        return {"rlimit": 0, "conflicts": 0, **{n: int(v) for n, v in _SPENT.findall(said)}}


class Second(Session):
    """A session in which answers are confirmed: z3 with its older solver for arithmetic, which says
    of all goals of a task at once whether they hold, and no more.
    """

    otherwise = "(set-option :smt.arith.solver 2)"

    def ask(self, text: str, goals: Sequence[str], literals: str, timeout: int) -> list[list[Any]]:
        """Per goal the same as in other sessions, without what it needed and spent."""
        start = time.perf_counter()
        asked = [f"(check-sat-assuming ({goal} {literals}))" for goal in goals]
        lines = [f"(set-option :timeout {timeout})(push 1){text}", *asked, "(pop 1)"]
        found = self.evaluate("\n".join(lines)).split()
        seconds = round((time.perf_counter() - start) / len(goals), 6)
        return [[said, [], seconds, 0, 0, "undecided" * (said == UNKNOWN)] for said in found]


def answers(
    session: Sequence[Any], tasks: Sequence[Sequence[Any]], kind: type[Session] = Session
) -> Iterator[list[Any]]:
    """For each task of a stream its identity, with the answers or what went wrong."""
    current: Session | None = None
    for identity, *task in tasks:
        try:
            current = current or kind(*session)
            yield [identity, current.ask(*task)]
        except Broken as error:
            current = None
            yield [identity, str(error)]


def main() -> None:
    """Serve until stdin ends. A line is `[session, tasks]`; null is the session of the last one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    session: list[Any] = []
    for line in sys.stdin:
        given, tasks = json.loads(line)
        session = given or session
        for reply in answers(session, tasks):
            print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
