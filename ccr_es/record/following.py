"""How far a file was read: its lines counted, and a hash over them, so that whoever reads on later
can see that what stands before is what stood there. Must not import the store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256

import msgspec

from ..errors_audit import ProgressStale


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of an audit put aside; `basis` is a hash of what it rests on."""

    basis: str = ""


class Place(msgspec.Struct, frozen=True):
    """How far a file was read: lines, bytes, a hash over them, and which of the lines brought in a
    model.
    """

    lines: int
    size: int
    digest: str
    brought: list[int]


class Lines:
    """The lines of a file as they are read, counted and hashed."""

    def __init__(self, raw: Iterable[bytes]) -> None:
        self._raw, self._hash = iter(raw), sha256()
        self.read = self.size = 0
        self._last = b""

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        text = next(self._raw)
        self._hash.update(self._last)
        self.read += 1
        self.size += len(text)
        self._last = text
        return text

    def place(self, brought: Iterable[int], *, but_last: bool = False) -> Place:
        """How far it was read, or how far before the newest line, given which lines brought in a
        model.
        """
        found, read, size = self._hash.copy(), self.read, self.size
        if but_last and read:
            read, size = read - 1, size - len(self._last)
        else:
            found.update(self._last)
        return Place(read, size, found.hexdigest(), [n for n in brought if n <= read])

    def go_to(self, place: Place, name: str, mind: Callable[[int, bytes], None]) -> None:
        """Read on after a place, once what stands before it is what stood there; `mind` is told of
        the first line and those that brought in a model. Raises `ProgressStale`.
        """
        minds = {1, *place.brought}
        while self.read < place.lines:
            text = next(self, None)
            if text is None:
                break
            if self.read in minds:
                mind(self.read, text)
        if self.place(place.brought) != place:
            raise ProgressStale(
                f"{name}: what stands before line {place.lines + 1} is not what was judged",
                "Audit it from the beginning, without --resume",
            )
