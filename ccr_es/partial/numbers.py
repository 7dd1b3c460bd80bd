"""Numbers by their place: what is so of a frontier whatever the time is.

A rule that writes down when it happened gives the possible states numbers that never come back,
though everything else about them does. So where numbers stand is kept apart from which they are: a
`Slot` stands for one, the same slot for the same number and another slot for another one. What is
found out about slots holds for any numbers that are alike and different where these were. Pure
data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

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
"""Facts whose numbers stand elsewhere; a `Slotted` if there are any."""


class Slotted(dict[str, Held]):
    """Facts with slots among them: which ones, and the places. Never changed."""

    __slots__ = ("places",)

    def __init__(self, facts: Mapping[str, Held]) -> None:
        super().__init__(facts)
        self.places = [(k, v.at) for k, v in facts.items() if isinstance(v, Slot)]


_SLOTS: list[Slot] = []


def slot(at: int) -> Slot:
    """The slot of a place."""
    while len(_SLOTS) <= at:
        _SLOTS.append(Slot(len(_SLOTS)))
    return _SLOTS[at]


def held(facts: dict[str, Held]) -> Patch:
    """Facts, slots among them or not, as a patch."""
    return Slotted(facts) if any(isinstance(v, Slot) for v in facts.values()) else facts


def apart(facts: Mapping[str, Value], places: dict[int, int]) -> Patch:
    """Facts with slots instead of numbers; `places` says where each number stands, and is added
    to.
    """
    found: dict[str, Held] = dict(facts)
    numbers = [k for k, v in facts.items() if type(v) is int]
    if not numbers:
        return found
    for key in numbers:
        found[key] = slot(places.setdefault(int(facts[key]), len(places)))
    return Slotted(found)


def filled(patch: Patch, numbers: Sequence[int]) -> State:
    """Facts with their numbers again; to be read only."""
    if not isinstance(patch, Slotted):
        return cast(State, patch)
    found = dict(patch)
    for key, at in patch.places:
        found[key] = numbers[at]
    return cast(State, found)


def alike(numbers: Iterable[int]) -> tuple[int, ...]:
    """Which of these numbers are the same: for each the place of the first that is."""
    first: dict[int, int] = {}
    return tuple([first.setdefault(v, i) for i, v in enumerate(numbers)])


def are_alike(numbers: list[int], places: tuple[int, ...]) -> bool:
    """Whether `alike` of these numbers is this."""
    return [numbers[i] for i in places] == numbers and len(set(numbers)) == len(set(places))
