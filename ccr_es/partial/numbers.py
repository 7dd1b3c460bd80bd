"""Numbers by their place: what is so of a frontier whatever the time is.

A rule that writes down when it happened gives the possible states numbers that never come back,
though everything else about them does. So where numbers stand is kept apart from which they are: a
`Slot` stands for one, the same slot for the same number and another slot for another one. What is
found out about slots holds for any numbers that are alike and different where these were. Pure
data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from models.plain.layout import State, Value


class Slot:
    """Stands for the number at a place of a list. There is one of each: see `slot`."""

    __slots__ = ("at",)

    def __init__(self, at: int) -> None:
        self.at = at

    def __repr__(self) -> str:
        return f"<{self.at}>"


Held = Value | Slot
Patch = Mapping[str, Held]
"""Facts whose numbers stand elsewhere."""

_SLOTS: list[Slot] = []


def slot(at: int) -> Slot:
    """The slot of a place."""
    while len(_SLOTS) <= at:
        _SLOTS.append(Slot(len(_SLOTS)))
    return _SLOTS[at]


def apart(facts: Mapping[str, Value], places: dict[int, int]) -> dict[str, Held]:
    """Facts with slots instead of numbers; `places` says where each number stands, and is added
    to.
    """
    return {
        k: slot(places.setdefault(v, len(places))) if type(v) is int else v
        for k, v in facts.items()
    }


def filled(patch: Patch, numbers: Sequence[int]) -> State:
    """Facts with their numbers again."""
    return {k: numbers[v.at] if isinstance(v, Slot) else v for k, v in patch.items()}


def alike(numbers: Iterable[int]) -> tuple[int, ...]:
    """Which of these numbers are the same: for each the place of the first that is."""
    first: dict[int, int] = {}
    return tuple([first.setdefault(v, i) for i, v in enumerate(numbers)])
