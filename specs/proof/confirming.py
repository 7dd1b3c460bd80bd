"""No verdict without its confirmation: what came back `unsat` is asked a second time.

Each goal is asked again with nothing assumed but what its first answer says it needed, in a session
of its own in the process that gives the verdict, with another seed and z3's older solver for
arithmetic. That finds what went wrong by accident: a worker that errs or lies, a solver that went
astray among all that it was told. What both get wrong, another program finds (`--recheck`).

What is not answered again is unknown. Two answers that contradict each other are an `EngineError`.
Imports the standard library only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ..verdict import EngineError
from .task import Answer, Task, assume

Reply = tuple[Task, list[Answer]]
"""A task with an answer per goal."""


def claims(replies: Iterable[Reply]) -> list[Reply]:
    """What is said to hold, task by task."""
    found = [(task, _claimed(task, answers)) for task, answers in replies]
    return [
        (task.only(by_number), list(by_number.values())) for task, by_number in found if by_number
    ]


def literals(claim: Reply) -> list[str]:
    """Each goal of a claim, with what its answer says it needed."""
    task, answers = claim
    pairs = zip(task.goals, answers, strict=True)
    return [" ".join([goal.literal, *map(assume, a.needed)]) for goal, a in pairs]


def agreed(replies: Iterable[Reply], second: Iterable[Reply]) -> Iterator[Reply]:
    """The answers, as far as the second ones to their claims confirm them. Raises `EngineError` if
    two contradict each other.
    """
    more = iter(second)
    for task, answers in replies:
        claimed = _claimed(task, answers)
        if claimed:
            asked, confirmed = next(more)
            for goal, answer in zip(asked.goals, confirmed, strict=True):
                claimed[goal.number] = _both(task, goal.number, claimed[goal.number], answer)
        pairs = zip(task.goals, answers, strict=True)
        yield task, [claimed.get(g.number, a) for g, a in pairs]


def _claimed(task: Task, answers: Sequence[Answer]) -> dict[str, Answer]:
    pairs = zip(task.goals, answers, strict=True)
    return {g.number: a for g, a in pairs if a.said == "unsat"}


def _both(task: Task, number: str, first: Answer, second: Answer) -> Answer:
    if second.said == "sat":
        raise EngineError(
            f"{number} at {task.label}: z3 says that it is kept and, asked again with nothing but "
            "what that needed, that it is not"
        )
    if second.said != "unsat":
        return Answer("unknown", why=f"not confirmed: {second.why}")
    return replace(first, seconds=first.seconds + second.seconds)
