"""A work queue: every obligation as files that any scheduler can hand out, and their answers read.

A folder has a script per rule in `tasks/`, and `queue.json`, which says what was asked of which
model. Whoever answers runs any solver on each script and puts what it prints into `answers/`, under
the script's name and `.out`:

    ls tasks | xargs -P 8 -I{} sh -c 'cvc5 --incremental tasks/{} > answers/{}.out'

`Collected` reads the answers as another solver's: an answer that is missing, cut off or not an
answer is unknown. Each script ends with a canary that must be `sat`; without it none of its answers
counts. An `unsat` is taken to have needed all that was assumed. What leans on something unproved is
asked again inline, and so is whether a step that changes nothing has a step property: which
questions there are depends on it.

Sits on `proving`; imports z3 through it, never `ccr_es` or `cli`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from models.language.model import ALWAYS, LEMMA, Model, Property

from .pool import SONG, Asker, Inline, Question, Reply, Setup
from .proving import Prover
from .task import Answer, Task, assume, digest

FORMAT, VERSION = "ccr-queue", 1
MANIFEST, TASKS, ANSWERS = "queue.json", "tasks", "answers"
CANARY = "canary"
SAID = ("sat", "unsat", "unknown")


class QueueUnusable(Exception):
    """A folder that is no queue, or one of another question."""


@dataclass
class Emitted:
    """Writes what it is asked to files, and answers nothing."""

    folder: Path
    setup: Setup
    inline: Asker
    names: list[str] = field(default_factory=list)

    def ask(self, questions: Sequence[Question]) -> Iterator[Reply]:
        """Write a script per task; every answer is unknown."""
        (self.folder / TASKS).mkdir(parents=True, exist_ok=True)
        (self.folder / ANSWERS).mkdir(exist_ok=True)
        for task, assumed in questions:
            if task.method == "still":
                yield from self.inline.ask([(task, assumed)])
                continue
            text = script(self.setup, task, assumed)
            name = f"{len(self.names):04d}-{digest(text)[:12]}"
            (self.folder / TASKS / f"{name}.smt2").write_text(text, encoding="utf-8")
            self.names.append(name)
            yield task, [Answer("unknown", why="emitted") for _ in task.goals]

    def close(self) -> None:
        """Nothing to do."""


def script(setup: Setup, task: Task, assumed: Sequence[str]) -> str:
    """One task as a script, with the canary last."""
    literals = " ".join(assume(n) for n in assumed)
    lines = [f"; {task.label}", "(set-logic ALL)", setup.preamble, "(push 1)", task.text]
    for goal in task.goals:
        lines += [f'(echo "{goal.number}")', f"(check-sat-assuming ({goal.literal} {literals}))"]
    first, kept = setup.canary
    lines += ["(pop 1)", first, f"(declare-const {SONG} Bool)", f'(echo "{CANARY}")']
    lines.append(f"(check-sat-assuming ({SONG} {kept}))")
    return "\n".join(lines) + "\n"


def written(
    folder: Path, setup: Setup, prover: Prover, safety: list[Property], question: str
) -> int:
    """Write every obligation of these properties; how many scripts these are."""
    emitted = Emitted(folder, setup, Inline(setup))
    prover.asker, prover.cache = emitted, None
    for _ in prover.first_pass(safety):
        pass
    listed(folder, question, emitted.names)
    return len(emitted.names)


def listed(folder: Path, question: str, names: list[str]) -> None:
    """Say what is asked, and by which scripts."""
    manifest = {"format": FORMAT, "version": VERSION, "question": question, "tasks": names}
    text = json.dumps(manifest, indent=1)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def all_of(model: Model, safety: list[Property]) -> list[Property]:
    """These, and all that may be assumed: without cores, everything leans on everything."""
    others = [p for p in model.properties if p.kind in (ALWAYS, LEMMA)]
    return [*safety, *(p for p in others if p not in safety)]


def opened(folder: Path, question: str) -> list[str]:
    """The names of a queue's tasks. Raises `QueueUnusable` if it is none, or asks another thing."""
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if (found["format"], found["version"]) != (FORMAT, VERSION):
            raise QueueUnusable(f"{folder / MANIFEST} is not a {FORMAT} of version {VERSION}")
        if found["question"] != question:
            raise QueueUnusable(f"{folder} asks something else: the model or the options differ")
        return list(found["tasks"])
    except OSError as error:
        raise QueueUnusable(f"{folder / MANIFEST}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise QueueUnusable(f"{folder / MANIFEST} cannot be read: {error}") from None


@dataclass
class Collected:
    """Answers from a folder, by the `names` of its tasks; what is not there is unknown."""

    folder: Path
    setup: Setup
    inline: Asker
    listed: Sequence[str]

    def __post_init__(self) -> None:
        self.names = {n.rpartition("-")[2]: n for n in self.listed}

    def ask(self, questions: Sequence[Question]) -> Iterator[Reply]:
        """What was answered to each task."""
        for task, assumed in questions:
            name = self.names.get(digest(script(self.setup, task, assumed))[:12])
            if name is None:
                yield from self.inline.ask([(task, assumed)])
            else:
                yield task, answered(task, assumed, printed(self.folder, name))

    def close(self) -> None:
        """Nothing to do."""


def printed(folder: Path, name: str) -> str:
    """What a solver printed about a script; empty if nothing was collected."""
    for ending in (".out", ".smt2.out"):
        path = folder / ANSWERS / f"{name}{ending}"
        if path.is_file():
            return path.read_text(encoding="utf-8", errors="replace")
    return ""


def told(said: str, wanted: set[str]) -> dict[str, str]:
    """The answer to each question that is wanted, in what a solver printed."""
    found: dict[str, str] = {}
    current = ""
    for line in said.splitlines():
        word = line.strip().strip('"')
        if word in wanted:
            current = word
        elif word in SAID and current:
            found[current] = word
            current = ""
    return found


def answered(task: Task, assumed: Sequence[str], said: str) -> list[Answer]:
    """The answers in what a solver printed about a script."""
    found = told(said, {g.number for g in task.goals} | {CANARY})
    if found.get(CANARY) != "sat":
        why = "no canary" if said else "no answer was collected"
        return [Answer("unknown", why=why) for _ in task.goals]
    return [
        Answer(
            found.get(g.number, "unknown"),
            tuple(assumed) if found.get(g.number) == "unsat" else (),
            why="" if g.number in found else "no answer was collected",
        )
        for g in task.goals
    ]
