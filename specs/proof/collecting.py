"""The answers to a work queue, merged: nothing is proved because one solver says so.

Who answers what is in what a solver printed, not in the names of files: a *sheet* is what one
solver printed about one script. One without a name, without its canary, with an error, or with its
lines mixed up does not count. Per question:

- two solvers say the same: so it is (of one name and two versions they are two; twice the same
  version is one);
- only one says anything: it is asked again here, and counts if z3 says the same;
- two contradict each other, among the answers or here: unknown, whatever else is proved;
- nobody says anything: unknown.

What was never handed out is asked here: what leans on something unproved without that, and whether
a step that changes nothing has a step property.

Sits on `fanout`; imports z3, never `ccr_es` or `cli`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import z3

from ..report import Merged
from .confirming import Reply
from .fanout import ANSWERS, CANARY, opened, script
from .pool import Asker, Question, Setup
from .task import Answer

SURE = ("sat", "unsat")
_SAID = (*SURE, "unknown")
_NAME = re.compile(r'^\(:name "?([^")]*)"?\)', re.MULTILINE)
_VERSION = re.compile(r'^\(:version "?([^")]*)"?\)', re.MULTILINE)
_ASKED = re.compile(r'"?([0-9a-f]{12}) (\S+?)"?')

DISPUTED = "sat and unsat"
Votes = Mapping[str, str]
"""What was said of one question, by solver; `DISPUTED` if that solver said both."""


@dataclass(frozen=True)
class Sheet:
    """What one solver said about one script, by the number of the question."""

    script: str
    solver: str
    said: Mapping[str, str]


def sheets(text: str) -> Iterator[Sheet]:
    """The sheets that count, in what was printed by any number of solvers, one after another."""
    starts = [0, *(found.start() for found in _NAME.finditer(text)), len(text)]
    for start, end in pairwise(starts):
        part = text[start:end]
        name, version = _NAME.search(part), _VERSION.search(part)
        solver = " ".join(found[1] for found in (name, version) if found)
        for script_, said in _pairs(part).items():
            if name and said.get(CANARY) == "sat":
                yield Sheet(script_, solver, said)


def _pairs(part: str) -> dict[str, dict[str, str]]:
    """Each question with its answer, by script; none if an error or a mixture is among them."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    asked: re.Match[str] | None = None
    for line in map(str.strip, part.splitlines()):
        label = _ASKED.fullmatch(line)
        if line.startswith("(error") or (asked and label) or (line in _SAID and not asked):
            return {}
        if label:
            asked = label
        elif asked and line in _SAID:
            found[asked[1]][asked[2]] = line
            asked = None
    return found


class Answers:
    """Everything that was answered to the queue in a folder, and how it was merged. Raises
    `QueueUnusable` if it is no queue, or asks another thing.
    """

    def __init__(self, folder: Path, asked: str) -> None:
        self.names = opened(folder, asked)
        self.merged = Merged(f"Z3 {z3.get_version_string()}")
        self._sheets: dict[str, list[Sheet]] = defaultdict(list)
        for path in sorted((folder / ANSWERS).rglob("*")):
            if path.is_file():
                for sheet in sheets(path.read_text(encoding="utf-8", errors="replace")):
                    self._sheets[sheet.script].append(sheet)

    def votes(self, name: str, number: str) -> Votes:
        """What each solver said of one question."""
        found: dict[str, str] = {}
        for sheet in self._sheets[name]:
            said = sheet.said.get(number)
            if said in SURE:
                found[sheet.solver] = said if found.get(sheet.solver, said) == said else DISPUTED
        self.merged.solvers |= set(found)
        return found

    def settled(self, votes: Votes, place: tuple[str, str]) -> Answer | None:
        """What the answers say by themselves; None if it is to be asked here."""
        said = set(votes.values())
        if len(said) > 1 or DISPUTED in said:
            return self._disputed(votes, place)
        if not votes:
            self.merged.missing += 1
            return Answer("unknown", why="no answer was collected")
        if len(votes) == 1:
            return None
        self.merged.agreed += 1
        return Answer(said.pop())

    def confirmed(self, votes: Votes, here: Answer, place: tuple[str, str]) -> Answer:
        """What one solver said, with what was said here."""
        ((solver, said),) = votes.items()
        if here.said not in SURE:
            self.merged.alone += 1
            return Answer("unknown", why=f"answered by one solver only, {solver}")
        if here.said != said:
            return self._disputed({**votes, f"{self.merged.here} here": here.said}, place)
        self.merged.again += 1
        return here

    def _disputed(self, votes: Votes, place: tuple[str, str]) -> Answer:
        why = ", ".join(f"{solver} says {said}" for solver, said in sorted(votes.items()))
        self.merged.against[place] = why
        return Answer("unknown", why=why)


@dataclass
class Collected:
    """Answers tasks from a queue; `here` is who is asked again."""

    answers: Answers
    setup: Setup
    here: Asker

    def ask(self, questions: Sequence[Question]) -> Iterator[Reply]:
        """What was answered to each task, and is confirmed."""
        again: list[Question] = []
        waiting: dict[tuple[str, str], Votes] = {}
        for task, assumed in questions:
            name = script(self.setup, task, assumed).name
            if task.method == "still" or name not in self.answers.names:
                again.append((task, assumed))
                continue
            known: dict[str, Answer] = {}
            for goal in task.goals:
                votes = self.answers.votes(name, goal.number)
                found = self.answers.settled(votes, (task.label, goal.number))
                if found is None:
                    waiting[task.label, goal.number] = votes
                else:
                    known[goal.number] = _leaning(found, assumed)
            if known:
                yield task.only(known), list(known.values())
            if len(known) < len(task.goals):
                again.append(
                    (task.only(g.number for g in task.goals if g.number not in known), assumed)
                )
        for task, given in self.here.ask(again):
            for i, goal in enumerate(task.goals):
                place = task.label, goal.number
                if place in waiting:
                    given[i] = self.answers.confirmed(waiting[place], given[i], place)
            yield task, given

    def close(self) -> None:
        """Nothing to do: whoever is asked here is closed by who opened it."""


def _leaning(answer: Answer, assumed: Sequence[str]) -> Answer:
    """Nobody said what an `unsat` needed: it is taken to be all of it."""
    return Answer(answer.said, tuple(assumed) if answer.said == "unsat" else (), why=answer.why)
