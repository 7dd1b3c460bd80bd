"""The questions of k-induction as a work queue: about paths of different states, each a script of
its own, and their answers read.

They are asked of the properties by themselves, with nothing that is proved: which of them a proof
leaves open nobody knows when they are written. Each script ends with a canary, which must be `sat`;
without it its answer does not count, and what is missing is unknown. Spacer is no question that
another solver could answer, and a search for runs is z3's with the plain reader: both stay here.

Sits on `fanout`; imports z3 through `kinduction`, never `ccr_es` or `cli`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from models.language.misuse import BadRule
from models.language.model import Instance, Model, Property

from ..verdict import BY_K
from .certificate import plain
from .fanout import ANSWERS, CANARY, TASKS, listed, printed, told
from .kinduction import KInduction
from .task import Query, digest

ASKED = "asked"


@dataclass
class Written:
    """Writes each question to a folder. That no short run breaks the property is taken as if it
    were answered, and nothing else, so that every question is asked.
    """

    folder: Path
    names: list[str] = field(default_factory=list)

    def __call__(self, query: Query) -> str:
        """Write the script of a question."""
        text = script(query)
        name = f"{len(self.names):04d}-{digest(text)[:12]}"
        (self.folder / TASKS / f"{name}.smt2").write_text(text, encoding="utf-8")
        self.names.append(name)
        return "unsat" if query.name.startswith("no run") else "unknown"


@dataclass(frozen=True)
class Answered:
    """The answers in a folder, by the names of its scripts."""

    folder: Path
    names: Sequence[str]

    def __call__(self, query: Query) -> str:
        """The answer to a question; `unknown` if there is none, or no canary with it."""
        wanted = digest(script(query))[:12]
        name = next((n for n in self.names if n.rpartition("-")[2] == wanted), "")
        found = told(printed(self.folder, name), {ASKED, CANARY}) if name else {}
        return found.get(ASKED, "unknown") if found.get(CANARY) == "sat" else "unknown"


def script(query: Query) -> str:
    """One question as a script, with the canary last: who calls everything `unsat` is found out."""
    body, _, _ = _renamed(plain(query.text)).rpartition("(check-sat)")
    lines = [f"; {query.name}", "(set-logic ALL)", "(push 1)", body, f'(echo "{ASKED}")']
    lines += ["(check-sat)", "(pop 1)", "(declare-const song Bool)", "(assert song)"]
    return "\n".join([*lines, f'(echo "{CANARY}")', "(check-sat)"]) + "\n"


def _renamed(text: str) -> str:
    """z3's text with its local names counted from 0: they are numbers of the process that wrote
    it.
    """
    numbers: dict[str, int] = {}
    return re.sub(r"[$?]x\d+\b", lambda m: f"?x{numbers.setdefault(m[0], len(numbers))}", text)


def written(
    folder: Path, question: str, method: str, model: Model, instance: Instance,
    goals: Sequence[Property], fixed: Mapping[str, int] | None,
) -> int:  # fmt: skip
    """Write the questions about these properties; how many scripts these are. Raises `BadRule` for
    a rung without such questions.
    """
    if method != BY_K:
        raise BadRule(f"{method} has no questions that others could answer: it stays here")
    if not goals:
        raise BadRule("k-induction is about what always holds: none of these says that")
    (folder / TASKS).mkdir(parents=True, exist_ok=True)
    (folder / ANSWERS).mkdir(exist_ok=True)
    asked = Written(folder)
    for prop in goals:
        KInduction(model, instance, prop, fixed, ask=asked).prove()
    listed(folder, question, asked.names)
    return len(asked.names)
