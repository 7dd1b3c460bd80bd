"""A work queue: every obligation as files that any scheduler can hand out.

A folder has a script per rule in `tasks/`, and `queue.json`, which says what was asked of which
model. Whoever answers runs a solver on each script and keeps what it prints in `answers/`, in files
of any name:

    ls tasks | xargs -P 8 -I{} sh -c 'cvc5 --incremental tasks/{} > answers/cvc5-{}.out'

A script has the solver say who it is, and names itself in each question, so that an answer counts
for no other. It ends with a canary that must be `sat`: without it none of its answers counts.
`collecting` reads them.

Sits on `proving`; imports z3 through it, never `ccr_es` or `cli`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from models.language.model import ALWAYS, LEMMA, Model, Property

from .confirming import Reply
from .pool import SONG, Asker, Inline, Question, Setup
from .proving import Prover
from .task import Answer, Task, assume, digest

FORMAT, VERSION = "ccr-queue", 2
MANIFEST, TASKS, ANSWERS = "queue.json", "tasks", "answers"
CANARY = "canary"
_ITSELF = "(this script)"


class QueueUnusable(Exception):
    """A folder that is no queue, or one of another question."""


@dataclass(frozen=True)
class Paper:
    """A script of a queue. `name` is what it calls itself in its questions: a hash of it."""

    name: str
    text: str


def paper(label: str, lines: Sequence[str]) -> Paper:
    """A script of these lines, which has the solver say who it is first."""
    who = "(get-info :name)\n(get-info :version)"
    text = "\n".join([f"; {label}", "(set-logic ALL)", who, *lines]) + "\n"
    name = digest(text)[:12]
    return Paper(name, text.replace(_ITSELF, name))


def question(number: str) -> str:
    """The line before a question: what is answered next."""
    return f'(echo "{_ITSELF} {number}")'


def script(setup: Setup, task: Task, assumed: Sequence[str]) -> Paper:
    """One task as a script, with the canary last."""
    literals = " ".join(assume(n) for n in assumed)
    lines = [setup.preamble, "(push 1)", task.text]
    for goal in task.goals:
        lines += [question(goal.number), f"(check-sat-assuming ({goal.literal} {literals}))"]
    first, kept = setup.canary
    lines += ["(pop 1)", first, f"(declare-const {SONG} Bool)", question(CANARY)]
    return paper(task.label, [*lines, f"(check-sat-assuming ({SONG} {kept}))"])


@dataclass
class Queue:
    """A folder that is being filled with scripts; `names` are theirs."""

    folder: Path
    names: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        (self.folder / TASKS).mkdir(parents=True, exist_ok=True)
        (self.folder / ANSWERS).mkdir(exist_ok=True)

    def put(self, found: Paper) -> None:
        """Write a script."""
        path = self.folder / TASKS / f"{len(self.names):04d}-{found.name}.smt2"
        path.write_text(found.text, encoding="utf-8")
        self.names.append(found.name)

    def close(self, asked: str) -> int:
        """Say what is asked, and by which scripts; how many these are."""
        found = {"format": FORMAT, "version": VERSION, "question": asked, "tasks": self.names}
        text = json.dumps(found, indent=1)
        (self.folder / MANIFEST).write_text(text + "\n", encoding="utf-8")
        return len(self.names)


@dataclass
class Emitted:
    """Writes what it is asked to a queue, and answers nothing."""

    queue: Queue
    setup: Setup
    inline: Asker

    def ask(self, questions: Sequence[Question]) -> Iterator[Reply]:
        """Write a script per task; every answer is unknown. Whether a step that changes nothing
        has a step property is asked inline: which questions there are depends on it.
        """
        for task, assumed in questions:
            if task.method == "still":
                yield from self.inline.ask([(task, assumed)])
                continue
            self.queue.put(script(self.setup, task, assumed))
            yield task, [Answer("unknown", why="emitted") for _ in task.goals]

    def close(self) -> None:
        """Nothing to do."""


def written(folder: Path, setup: Setup, prover: Prover, safety: list[Property], asked: str) -> int:
    """Write every obligation of these properties; how many scripts these are."""
    queue = Queue(folder)
    prover.asker, prover.cache = Emitted(queue, setup, Inline(setup)), None
    for _ in prover.first_pass(safety):
        pass
    return queue.close(asked)


def all_of(model: Model, safety: list[Property]) -> list[Property]:
    """These, and all that may be assumed: without cores, everything leans on everything."""
    others = [p for p in model.properties if p.kind in (ALWAYS, LEMMA)]
    return [*safety, *(p for p in others if p not in safety)]


def opened(folder: Path, asked: str) -> frozenset[str]:
    """The names of a queue's scripts. Raises `QueueUnusable` if it is none, or asks another
    thing.
    """
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if (found["format"], found["version"]) != (FORMAT, VERSION):
            raise QueueUnusable(f"{folder / MANIFEST} is not a {FORMAT} of version {VERSION}")
        if found["question"] != asked:
            raise QueueUnusable(f"{folder} asks something else: the model or the options differ")
        return frozenset(found["tasks"])
    except OSError as error:
        raise QueueUnusable(f"{folder / MANIFEST}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise QueueUnusable(f"{folder / MANIFEST} cannot be read: {error}") from None
