"""The questions of k-induction as a work queue: about paths of different states, each a script of
its own, and their answers read.

They are asked of the properties by themselves, with nothing that is proved: which of them a proof
leaves open nobody knows when they are written. Their answers are merged like those about steps.
Spacer is no question that another solver could answer, and a search for runs is z3's with the plain
reader: both stay here.

Sits on `collecting`; imports z3, never `ccr_es` or `cli`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import z3

from models.language.misuse import BadRule
from models.language.model import Instance, Model, Property

from ..reading.asking import Deadline, check
from ..verdict import BY_K, SEARCH
from .certificate import plain
from .collecting import Answers
from .fanout import CANARY, Paper, Queue, paper, question
from .kinduction import RLIMIT, KInduction
from .task import Answer, Query

ASKED = "asked"


@dataclass(frozen=True)
class Written:
    """Writes each question to a queue. That no short run breaks the property is taken as if it
    were answered, and nothing else, so that every question is asked.
    """

    queue: Queue

    def __call__(self, query: Query) -> str:
        """Write the script of a question."""
        self.queue.put(script(query))
        return "unsat" if query.name.startswith("no run") else "unknown"


@dataclass(frozen=True)
class Answered:
    """The answers to a queue about one property. What one solver said is asked again here."""

    answers: Answers
    number: str
    deadline: Deadline

    def __call__(self, query: Query) -> str:
        """The answer to a question; `unknown` if there is none, or nobody confirms it."""
        place = SEARCH, self.number
        votes = self.answers.votes(script(query).name, ASKED)
        found = self.answers.settled(votes, place)
        if found is None:
            found = self.answers.confirmed(votes, self._here(query), place)
        return found.said

    def _here(self, query: Query) -> Answer:
        solver = z3.Solver()
        solver.from_string(query.text)
        return Answer(str(check(solver, rlimit=RLIMIT, deadline=self.deadline)))


def script(query: Query) -> Paper:
    """One question as a script, with the canary last: who calls everything `unsat` is found out."""
    body, _, _ = _renamed(plain(query.text)).rpartition("(check-sat)")
    lines = ["(push 1)", body, question(ASKED), "(check-sat)", "(pop 1)"]
    lines += ["(declare-const song Bool)", "(assert song)", question(CANARY), "(check-sat)"]
    return paper(query.name, lines)


def _renamed(text: str) -> str:
    """z3's text with its local names counted from 0: they are numbers of the process that wrote
    it.
    """
    numbers: dict[str, int] = {}
    return re.sub(r"[$?]x\d+\b", lambda m: f"?x{numbers.setdefault(m[0], len(numbers))}", text)


def written(
    folder: Path, asked: str, method: str, model: Model, instance: Instance,
    goals: Sequence[Property], fixed: Mapping[str, int] | None,
) -> int:  # fmt: skip
    """Write the questions about these properties; how many scripts these are. Raises `BadRule` for
    a rung without such questions.
    """
    if method != BY_K:
        raise BadRule(f"{method} has no questions that others could answer: it stays here")
    if not goals:
        raise BadRule("k-induction is about what always holds: none of these says that")
    queue = Queue(folder)
    for prop in goals:
        KInduction(model, instance, prop, fixed, ask=Written(queue)).prove()
    return queue.close(asked)
