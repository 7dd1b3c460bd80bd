"""Who stands in which column of a timeline, and how each stands: serving, down, frozen, cut off.

The words are those of `cli.session.views`; here they only get a place.
"""

from __future__ import annotations

from collections.abc import Iterable

from cli.session import views
from cli.session.views import Lens
from models.plain.layout import State

SERVES, DOWN, FROZEN, CUT, WELL = "serves", "down", "frozen", "cut", ""
WORDS = {SERVES: "serves", DOWN: "is down", FROZEN: "is frozen", CUT: "is cut"}
WITNESS, NETWORKS, OTHERS = "witness", "networks", "clients and others"
_BOARD = ("witness", "share")
_WIRES = ("network", "interface")
_MATTERS = ("node", "share", "network", "clock", "witness")


class Parties:
    """The columns of one cluster."""

    def __init__(self, lens: Lens) -> None:
        self.lens = lens
        self.names = (*lens.nodes, WITNESS, NETWORKS, OTHERS)
        self._standing: tuple[str, ...] = ()

    def column(self, row: str) -> int:
        """Where an event of an aggregate stands."""
        parts = row.split(".")
        if parts[0] in _BOARD:
            return self.names.index(WITNESS)
        if parts[0] in _WIRES:
            return self.names.index(NETWORKS)
        if len(parts) > 1 and parts[1] in self.lens.nodes:
            return self.names.index(parts[1])
        return self.names.index(OTHERS)

    def standing(self, state: State, changed: Iterable[str]) -> tuple[str, ...]:
        """How each party stands; computed again where something that matters changed."""
        if not self._standing or any(k.split(".", 1)[0] in _MATTERS for k in changed):
            self._standing = self._found(state)
        return self._standing

    def _found(self, state: State) -> tuple[str, ...]:
        lens = self.lens
        serving, witness = lens.serving(state), views.witness(lens, state)
        found = [_node(state, n, n in serving) for n in lens.nodes]
        found.append(WELL if witness["up"] else DOWN)
        if witness["up"] and not all(witness["reach"].values()):
            found[-1] = CUT
        wires = views.networks(lens, state)
        found.append(WELL if all(w["up"] for w in wires.values()) else CUT)
        return (*found, WELL)


def _node(state: State, node: str, serves: bool) -> str:
    if state[f"node.{node}.power"] != "UP":
        return DOWN
    if state[f"node.{node}.frozen"]:
        return FROZEN
    return SERVES if serves else WELL
