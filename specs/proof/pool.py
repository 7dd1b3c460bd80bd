"""Who answers tasks: this process, or workers that are fed text over pipes.

A *stream* is a few tasks that one session answers in order, cut the same way however many workers
there are, so that answers do not depend on `jobs`. A stream ends with a *canary*, a question like
the others that must come back `sat`: the initial state, which has all that is assumed. Until it has
sung, no answer of its stream counts; and no `unsat` counts until this process has confirmed it. A
worker that is lost, breaks off, answers what was not asked or runs over the time leaves its stream
`unknown`. Workers share nothing, ever: two threads on one z3 context crash.

Sits above `worker`, `confirming` and `task`; imports no z3 until tasks are answered inline.
"""

from __future__ import annotations

import json
import selectors
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import IO, Any, Protocol

from ..reading.asking import NEVER, Deadline, unbroken
from .confirming import Reply, agreed, claims, literals
from .task import Answer, Task, assume, quoted

STREAM = 12
"""Tasks in a stream."""
GRACE = 0.2
"""Seconds that a worker may be late with the answer that its time is up."""
TIME_IS_UP = "the time is up"
SONG = quoted("goal canary")
UNREADABLE = "the worker's answer cannot be read"
LOST = "the worker was lost"
WORKER = (sys.executable, "-P", str(Path(__file__).with_name("worker.py")))

_NUMBERS = count()
Question = tuple[Task, Sequence[str]]
"""A task, and the names of what it may assume."""


@dataclass(frozen=True)
class Setup:
    """What a session starts with: preamble, canary, and the limits per query."""

    preamble: str
    canary: tuple[str, str]
    rlimit: int
    seed: int = 0

    @property
    def data(self) -> list[Any]:
        """What a worker begins a session with."""
        return [self.preamble, self.rlimit, self.seed]

    def lines(self, stream: Sequence[Question], deadline: Deadline) -> list[list[Any]]:
        """A stream as a worker reads it, the canary last; each line begins with its identity."""
        text, assumed = self.canary
        song = [f"{text}\n(declare-const {SONG} Bool)", [SONG], assumed]
        return _numbered([*map(_line, stream), song], deadline)


class Asker(Protocol):
    """Answers tasks, in any order; every goal of every task gets an answer."""

    def ask(self, questions: Sequence[Question]) -> Iterator[Reply]:
        """The answers, as they come."""

    def close(self) -> None:
        """Nothing more will be asked."""


@dataclass
class Inline:
    """Answers in this process."""

    setup: Setup
    deadline: Deadline = NEVER

    def ask(self, questions: Sequence[Question]) -> Iterator[Reply]:
        """The answers, in order."""
        for stream in _streams(questions):
            lines = self.setup.lines(stream, self.deadline)
            replies = self._replies(lines, self.setup)
            yield from self.confirmed(list(_judged([task for task, _ in stream], lines, replies)))

    def confirmed(self, replies: Sequence[Reply]) -> Iterator[Reply]:
        """The answers to one stream, each `unsat` asked again. Raises `EngineError`."""
        claimed = claims(replies)
        asked = [[task.text, literals((task, answers)), ""] for task, answers in claimed]
        lines = _numbered(asked, self.deadline)
        second = self._replies(lines, replace(self.setup, seed=self.setup.seed + 1), again=True)
        found = zip(claimed, lines, second, strict=True)
        return agreed(replies, [(t, _understood(t, _told(x, y))) for (t, _), x, y in found])

    def _replies(self, lines: list[list[Any]], setup: Setup, again: bool = False) -> list[Any]:
        from .worker import Second, Session, answers

        replies = answers(setup.data, lines, Second if again else Session)
        found: list[Any] = []
        for identity, *_ in lines:
            with unbroken():
                found.append([identity, TIME_IS_UP] if self.deadline.over else next(replies))
        return found

    def close(self) -> None:
        """Nothing to do."""


class Pool:
    """Answers by worker processes. They start at once; `setup` is what they are told first."""

    def __init__(self, jobs: int, command: Sequence[str] = WORKER) -> None:
        self.setup: Setup | None = None
        self.deadline = NEVER
        self.workers = [_Worker(command) for _ in range(jobs)]

    def ask(self, questions: Sequence[Question]) -> Iterator[Reply]:
        """The answers, as they come, and confirmed here. Raises `EngineError`."""
        assert self.setup is not None
        waiting = _streams(questions)
        for worker in self.workers:
            worker.muted = bool(worker.asked)
        with selectors.DefaultSelector() as selector:
            for each in self.workers:
                if not each.lost:
                    selector.register(each.out, selectors.EVENT_READ, each)
            while True:
                for worker in self._free():
                    if waiting and not self.deadline.over:
                        worker.send(self.setup, waiting.pop(0), self.deadline)
                if not any(w.asked for w in self.workers if waiting or not w.muted):
                    break
                for replies in self._heard(selector):
                    yield from Inline(self.setup, self.deadline).confirmed(replies)
        for stream in waiting:
            for task, _ in stream:
                why = TIME_IS_UP if self.deadline.over else LOST
                yield task, _nothing(task, why)

    def _free(self) -> list[_Worker]:
        return [w for w in self.workers if not w.lost and not w.asked]

    def _heard(self, selector: selectors.BaseSelector) -> Iterator[list[Reply]]:
        left = None if self.deadline.at is None else self.deadline.milliseconds() / 1000 + GRACE
        ready = selector.select(left)
        if not ready:  # the time is up, and z3 did not notice
            for worker in self.workers:
                yield from worker.stop(TIME_IS_UP)
            return
        for key, _ in ready:
            heard: _Worker = key.data
            yield from heard.receive()
            if heard.lost:
                selector.unregister(heard.out)

    def close(self) -> None:
        """Stop the workers, whatever they are doing."""
        for worker in self.workers:
            for _ in worker.stop(LOST):
                pass


class _Worker:
    """One process, with the tasks of the stream that it is answering."""

    def __init__(self, command: Sequence[str]) -> None:
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        assert self.process.stdin is not None
        self.out: IO[bytes] = self.process.stdout
        self.input: IO[bytes] = self.process.stdin
        self.asked: list[Question] = []
        self.lost = self.muted = False
        """Muted: what it is still asked, nobody waits for any more."""
        self._told: Setup | None = None
        self._heard = b""
        self._lines: list[list[Any]] = []
        self._replies: list[Any] = []

    def send(self, setup: Setup, stream: list[Question], deadline: Deadline) -> None:
        """Ask a stream of tasks."""
        told = None if setup is self._told else setup.data
        self._told = setup
        self.asked, self._replies = stream, []
        self._lines = setup.lines(stream, deadline)
        line = json.dumps([told, self._lines])
        with suppress(OSError):  # if it is gone, `receive` finds its output ended
            self.input.write(line.encode() + b"\n")
            self.input.flush()

    def receive(self) -> Iterator[list[Reply]]:
        """What it has said by now, stream by stream; if it ended, what it was asked is unknown."""
        data = self.out.read1(1 << 20)  # type: ignore[attr-defined]
        if not data:
            yield from self.stop(f"{LOST} (exit {self.process.wait()})")
            return
        *lines, self._heard = (self._heard + data).split(b"\n")
        for line in lines:
            try:
                self._replies.append(json.loads(line))
            except ValueError:
                self._replies.append(None)
            if len(self._replies) == len(self._lines):
                stream, self.asked = self.asked, []
                if not self.muted:
                    tasks = [task for task, _ in stream]
                    yield list(_judged(tasks, self._lines, self._replies))
                self.muted = False

    def stop(self, why: str) -> Iterator[list[Reply]]:
        """End it; what it was still asked is unknown."""
        self.lost = True
        asked, self.asked = self.asked, []
        self.process.kill()
        for pipe in (self.input, self.out):
            with suppress(OSError):
                pipe.close()
        self.process.wait()
        if not self.muted:
            yield [(task, _nothing(task, why)) for task, _ in asked]


def _streams(questions: Sequence[Question]) -> list[list[Question]]:
    return [list(questions[i : i + STREAM]) for i in range(0, len(questions), STREAM)]


def _numbered(lines: Sequence[list[Any]], deadline: Deadline) -> list[list[Any]]:
    left = deadline.milliseconds()
    return [[next(_NUMBERS), *line, left] for line in lines]


def _line(question: Question) -> list[Any]:
    task, names = question
    return [task.text, [g.literal for g in task.goals], " ".join(assume(n) for n in names)]


def _judged(
    tasks: Sequence[Task], lines: Sequence[list[Any]], replies: Sequence[Any]
) -> Iterator[Reply]:
    """The answers to a stream, if its canary sang."""
    *found, song = (_told(*pair) for pair in zip(lines, replies, strict=True))
    void = ""
    if isinstance(song, str):
        void = song
    elif not (isinstance(song, list) and song and song[0][:1] == ["sat"]):
        void = "the canary, which is satisfiable, did not come back sat"
    for task, reply in zip(tasks, found, strict=True):
        yield task, _nothing(task, void) if void else _understood(task, reply)


def _told(line: list[Any], reply: Any) -> Any:
    """What a worker says of this line, or that it cannot be read."""
    fits = isinstance(reply, list) and len(reply) == 2 and reply[0] == line[0]
    return reply[1] if fits else UNREADABLE


def _understood(task: Task, found: Any) -> list[Answer]:
    """What a worker's reply says, or nothing if it is not one answer per goal."""
    if isinstance(found, str):
        return _nothing(task, found)
    try:
        replies = [
            Answer(str(said), tuple(needed), seconds, rlimit, conflicts, str(why))
            for said, needed, seconds, rlimit, conflicts, why in found
        ]
    except (TypeError, ValueError):
        return _nothing(task, UNREADABLE)
    if len(replies) != len(task.goals):
        return _nothing(task, "the worker's answer is cut off")
    return replies


def _nothing(task: Task, why: str) -> list[Answer]:
    return [Answer("unknown", why=why) for _ in task.goals]
