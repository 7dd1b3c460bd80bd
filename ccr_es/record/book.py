"""The book of models: those that a log was written under, by fingerprint, with their event classes.

A store keeps each model once, as data (the canonical terms, never Python), so that an old log is
read and judged by the rules it was written under. Sits above `events`; must not import the store:
it is given a function that fetches the data.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import msgspec

from models.language.canonical import fingerprint, from_data, to_data
from models.language.misuse import ModelError
from models.language.model import Model

from ..errors import EventMalformed, ModelMissing, ModelUnreadable
from .codec import Codec
from .events import Event

Fetch = Callable[[str], bytes | None]


class _Stamp(msgspec.Struct):
    """The one field that says which model's classes read an event."""

    model: str


def model_bytes(model: Model) -> bytes:
    """A model as the data that a store keeps: canonical JSON."""
    return msgspec.json.encode(to_data(model), order="sorted")


@lru_cache(maxsize=16)
def model_from_bytes(data: bytes, stamp: str) -> Model:
    """The model behind kept data; read once, for each part of a log brings the same along.

    Raises `ModelUnreadable` if it is not that of the fingerprint `stamp`.
    """
    try:
        model = from_data(msgspec.json.decode(data))
    except (msgspec.DecodeError, ModelError, KeyError, TypeError, ValueError) as error:
        raise ModelUnreadable(f"the model {stamp[:12]} cannot be read back: {error}") from None
    if fingerprint(model) != stamp:
        raise ModelUnreadable(
            f"the model kept as {stamp[:12]} has the fingerprint {fingerprint(model)[:12]}"
        )
    return model


class Book:
    """Models by fingerprint: those added, and those that `fetch` finds."""

    def __init__(self, fetch: Fetch = lambda stamp: None) -> None:
        self._fetch = fetch
        self._codecs: dict[str, Codec] = {}
        self._last: Codec | None = None

    def add(self, model: Model) -> Codec:
        """Put a model in, and give its event classes."""
        return self.put(fingerprint(model), model)

    def put(self, stamp: str, model: Model) -> Codec:
        """`add`, for a model whose fingerprint is known."""
        if stamp not in self._codecs:
            self._codecs[stamp] = Codec(model, stamp)
        return self._codecs[stamp]

    def codec(self, stamp: str) -> Codec:
        """The event classes of the model with this fingerprint.

        Raises `ModelMissing` or `ModelUnreadable`.
        """
        found = self._codecs.get(stamp)
        if found is None:
            data = self._fetch(stamp)
            if data is None:
                raise ModelMissing(
                    f"the model {stamp[:12]} is not kept here", "Import the log from a full export"
                )
            found = self._codecs[stamp] = Codec(model_from_bytes(data, stamp), stamp)
        return found

    def at_once(self, topic: str, state: bytes) -> Event[Any] | None:
        """The event behind stored bytes, if it is of the model of the one read before it."""
        if self._last is None:
            return None
        found = self._last.try_decode(topic, state)
        return found if found is not None and found.model == self._last.fingerprint else None

    def read(self, topic: str, state: bytes, where: str) -> Event[Any]:
        """The event behind stored bytes, by the classes of its own model.

        Raises what `Codec.decode` raises.
        """
        found = self.at_once(topic, state)
        if found is not None:
            return found
        self._last = self.codec(_stamp(state, where))
        return self._last.decode(topic, state, where)


def _stamp(state: bytes, where: str) -> str:
    try:
        return msgspec.json.decode(state, type=_Stamp).model
    except msgspec.DecodeError as error:
        raise EventMalformed(f"{where}: {error}") from None
