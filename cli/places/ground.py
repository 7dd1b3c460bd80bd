"""What the checks of `ccr plan check` look at, and how they answer.

A check yields what it finds, as (a result, what and where, what to do); nothing found is met. What
nobody described is unknown, never met. Pure. Sits above `places` and `views`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from cli.places.places import Places
from cli.session.views import Lens
from models.plain.layout import State

MET, ADVICE, UNKNOWN, NOT_HERE = "met", "advice", "unknown", "does not apply"
Found = Iterator[tuple[str, str, str]]


@dataclass(frozen=True)
class Ground:
    """A cluster as the checks see it.

    `facts` are what was described; `witness` is the path of the share; `others` are the other
    clusters of the store with the paths of theirs.
    """

    lens: Lens
    state: State
    facts: Mapping[str, str]
    places: Places
    witness: str
    others: Mapping[str, str] = field(default_factory=dict)

    @property
    def active(self) -> str:
        """The node that has, or last had, the CMS."""
        host = self.lens.cms(self.state)[1] or self.lens.controller(self.state)
        return host or self.lens.source(self.state, self.lens.groups[0])

    @property
    def passive(self) -> str:
        """The other node."""
        return self.lens.peer(self.active)

    @property
    def primary(self) -> str:
        """The site of the CMS; empty if no sites are described."""
        return self.places.nodes[self.active]

    @property
    def dispersed(self) -> bool:
        """The nodes stand in two sites."""
        return bool(self.places) and len(set(self.places.nodes.values())) > 1

    @property
    def at_third(self) -> bool:
        """The witness stands where no node does."""
        return bool(self.places) and self.places.witness not in self.places.nodes.values()

    def between(self, what: str, a: str, b: str) -> str | None:
        """A fact about the line between two sites, under either order of their names."""
        return self.facts.get(f"{what}.{a}.{b}") or self.facts.get(f"{what}.{b}.{a}")


@dataclass(frozen=True)
class Check:
    """One check: its name, the rows of the source, what is recommended, and how it is looked at."""

    name: str
    rows: tuple[str, ...]
    about: str
    find: Callable[[Ground], Found]
