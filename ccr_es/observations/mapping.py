"""The shape of a mapping: how one system's record is read into our vocabulary. Data only, no
behaviour.

A mapping says which keys of a line hold the time, the party, the kind and the source, and for
each of the system's kinds which kind of ours it is and where its facts go. Imports the standard
library only. Sits above `vocabulary`; `reading` applies it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .vocabulary import MILLISECOND, Kind

Sort = Literal["text", "whole", "seconds", "truth", "tag", "members"]


@dataclass(frozen=True)
class FieldMapping:
    """A key of the line, the attribute of `Observation` that it fills, and what its value must
    be.
    """

    key: str
    into: str
    sort: Sort = "text"
    required: bool = True


@dataclass(frozen=True)
class KindMapping:
    """A kind of ours with its facts; `resolution` in microseconds where it is coarser than the
    record's.
    """

    kind: Kind
    fields: tuple[FieldMapping, ...] = ()
    resolution: int | None = None


@dataclass(frozen=True)
class RecordMapping:
    """How the lines of one system's record are read.

    `told` names the sources that are a person's words, with the resolution of their times.
    `serving` names the roles in which a party serves.
    """

    system: str
    kinds: Mapping[str, KindMapping]
    serving: frozenset[str]
    told: Mapping[str, int] = field(default_factory=dict)
    resolution: int = MILLISECOND
    time: str = "ts"
    party: str = "node"
    kind: str = "kind"
    source: str = "source"
