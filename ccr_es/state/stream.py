"""One cluster's stream as a reader sees it: its events, checked as they are read, and their fold.

Every event read is hashed again and, when folded, its link to the one before is followed: whoever
changed the file is found out by the first command that reads past the change. Kept states save
folding from the start; one that is damaged is passed over for an older one. Sits above `store`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from models.language.model import Model

from ..record.codec import Codec
from ..record.events import Recorded
from ..store.recorder import Head
from ..store.store import Store
from . import keeping
from .fold import Fold
from .replaying import Row, recorded_from, replay

NEAR = 5_000
"""Events that are sooner folded than passed over with a kept state."""
FAR = 500
"""Events whose fold is remembered, since somebody may ask for it again."""
REMEMBERED = 4
"""Past folds that are remembered: what happened is often told of two of them, each with the kept
state before it."""


class Stream:
    """The events of one cluster, read under a model. `fold` is the newest state that was read.

    In a `trial` it goes on from what was decided and not saved, and reads no more.
    """

    def __init__(self, store: Store, name: str, model: Model, *, trial: bool = False) -> None:
        self.store, self.name, self.trial = store, name, trial
        self.passed_over: dict[int, str] = {}
        """Kept states from which nobody can go on, by their event, and why."""
        self.codec: Codec = store.book.add(model)
        self._met: dict[int, Fold] = {}
        """Past folds that were read, the one used last at the end; handed out as copies."""
        head = store.head(name).number
        self.fold = self._today(self._folded(self._begin(head), head))

    @property
    def model(self) -> Model:
        """Today's model: the one that is decided under."""
        return self.codec.model

    @property
    def head(self) -> Head:
        """Where the stream ends, as far as it has been read."""
        return Head(self.fold.number, self.fold.hash)

    def events(self, start: int = 1, stop: int | None = None) -> Iterator[Recorded]:
        """The recorded events from number `start` to `stop`, both included."""
        for chunk in self.store.chunks(self.name, start, stop):
            for row in chunk:
                yield recorded_from(self.store.book, Row(*row))

    def of_row(self, row: str, first: int, last: int) -> list[Recorded]:
        """The recorded events of an aggregate from version `first` to `last`, both included."""
        rows = self.store.of_row(self.name, row, first, last)
        return [recorded_from(self.store.book, r) for r in rows]

    def of_topics(self, topics: Sequence[str], start: int, stop: int) -> Iterator[Recorded]:
        """The recorded events of some topics from number `start` to `stop`, both included."""
        for row in self.store.of_topics(self.name, topics, start, stop):
            yield recorded_from(self.store.book, row)

    def fold_to(self, number: int) -> Fold:
        """The fold of the events up to `number`, from the newest kept state before it, or from
        what was read after that.
        """
        fold = self._begin(number)
        begin = fold.number
        self._folded(fold, number)
        if number - begin >= FAR:
            self._remember(fold)
        return fold

    def _folded(self, fold: Fold, number: int) -> Fold:
        """This fold, after the events up to `number`."""
        return replay(fold, self.store.chunks(self.name, fold.number + 1, number))

    def folds_at(self, numbers: Iterable[int]) -> Iterator[Fold]:
        """The fold after each of these events, which are in order; one fold, that moves on."""
        fold: Fold | None = None
        for number in numbers:
            if fold is None or number - fold.number > NEAR:
                fold = self.fold_to(number)
            else:
                self._folded(fold, number)
            yield fold

    def _begin(self, upto: int) -> Fold:
        """The newest fold at or before event `upto` from which one can go on, kept or remembered.

        The event after which a kept state holds is read, too: it must be the one that is on
        record, and of the model of which the state is.
        """
        last = upto
        while (found := self.store.kept(self.name, upto)) is not None:
            number, head, data = found
            if (met := self._remembered(number, last)) is not None:
                return met
            try:
                fold = keeping.from_bytes(self.store.book, number, head, data)
            except keeping.NotKept as reason:
                self.passed_over[number] = str(reason)
                upto = number - 1
                continue
            (event,) = (recorded.event for recorded in self.events(number, number))
            if event.model == fold.written:
                self._remember(fold)
                return fold
            self.passed_over[number] = "it is of another model than its event"
            upto = number - 1
        return self._remembered(1, last) or Fold(self.store.book)

    def _remember(self, fold: Fold) -> None:
        """Have this fold again when somebody asks for it, or for one soon after."""
        self._met[fold.number] = fold.apart()
        while len(self._met) > REMEMBERED:
            del self._met[next(iter(self._met))]

    def _remembered(self, first: int, last: int) -> Fold | None:
        """The newest remembered fold after an event from `first` to `last`, to go on from."""
        number = max((n for n in self._met if first <= n <= last), default=0)
        if not number:
            return None
        found = self._met[number] = self._met.pop(number)
        return found.apart()

    def keep_again(self, every: int) -> tuple[int, ...]:
        """Read the whole log, and keep its states anew at intervals; the numbers of their events.

        Raises as reading does; then what was kept stays.
        """
        head, numbers = self.store.head(self.name), list[int]()
        fold = Fold(self.store.book)

        def states() -> Iterator[tuple[int, str, bytes]]:
            for begin in range(1, head.number + 1, every):
                end = min(begin + every - 1, head.number)
                replay(fold, self.store.chunks(self.name, begin, end))
                if keeping.is_due(fold, every):
                    fold.kept = fold.number
                    numbers.append(fold.number)
                    yield fold.number, fold.hash, keeping.to_bytes(fold)

        self.store.keep(self.name, head.number, states())
        return tuple(numbers)

    def catch_up(self) -> Fold:
        """Read what other writers have added since; the newest state."""
        fold = self.fold
        if not self.trial and self.store.head(self.name) != Head(fold.number, fold.hash):
            rows = self.store.chunks(self.name, fold.number + 1)
            self.fold = self._today(replay(fold.copy(), rows))
        return self.fold

    def _today(self, fold: Fold) -> Fold:
        if fold.model != self.codec.fingerprint:
            fold.under(self.codec.fingerprint)
        return fold
