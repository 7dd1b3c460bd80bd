"""Sites: where each node and the witness host stand, and which faults a site or a line between two
sites is made of.

A site has no state of its own. Its loss is what the world does to all that stands in it, a cut line
what it does to every path across; each of these is a rule already. Whether a site is lost or a line
cut is read back from the same facts. A line carries the cluster networks and the paths to the share
between its two sites; nothing is routed round over a third. Pure. Sits above `views`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cli.views import Lens
from models.plain.layout import State
from models.plain.reader import Step

NODE_KEY, WITNESS_KEY = "site.", "witness.site"
WITNESS = "witness"

Line = tuple[str, str]


@dataclass(frozen=True)
class Places:
    """The site of each node, and of the witness host; empty where nobody said."""

    nodes: Mapping[str, str]
    witness: str

    def __bool__(self) -> bool:
        return bool(self.witness) and all(self.nodes.values())

    @property
    def sites(self) -> tuple[str, ...]:
        """The sites, those of the nodes first."""
        return tuple(dict.fromkeys([*self.nodes.values(), self.witness])) if self else ()

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines between sites that something of the cluster crosses."""
        ends = [tuple(self.nodes.values()), *((at, self.witness) for at in self.nodes.values())]
        found = (self.line(a, b) for a, b in ends if a != b) if self else ()
        return tuple(dict.fromkeys(found))

    def line(self, a: str, b: str) -> Line:
        """The line between two sites, as it is written: the end that comes first in `sites`."""
        first, second = sorted((a, b), key=self.sites.index)
        return first, second

    def members(self, site: str) -> tuple[str, ...]:
        """What stands in a site: nodes, and `witness`."""
        here = [n for n, at in self.nodes.items() if at == site]
        return (*here, WITNESS) if self.witness == site else tuple(here)

    def moved(self, witness: str) -> Places:
        """The same with the witness host in another site."""
        return Places(self.nodes, witness)


def places_of(lens: Lens, facts: Mapping[str, str]) -> Places:
    """Where things stand, by what was described."""
    nodes = {n: facts.get(NODE_KEY + n, "") for n in lens.nodes}
    return Places(nodes, facts.get(WITNESS_KEY, ""))


def loses(places: Places, site: str) -> list[Step]:
    """What the loss of a site is: every node in it fails, and the witness host with them."""
    return [
        Step("fail_share", {}) if member == WITNESS else Step("fail_node", {"n": member})
        for member in places.members(site)
    ]


def restores(places: Places, site: str) -> list[Step]:
    """The repair of `loses`: the witness host first, then the nodes get power."""
    found = [
        Step("restore_share", {}) if member == WITNESS else Step("power_on", {"n": member})
        for member in places.members(site)
    ]
    return sorted(found, key=lambda step: step.rule != "restore_share")


def cuts(lens: Lens, places: Places, line: Line) -> list[Step]:
    """What a cut line is: every cluster network between its nodes, and every path to the share
    over it.
    """
    return _across(lens, places, line, "cut_network", "cut_share")


def heals(lens: Lens, places: Places, line: Line) -> list[Step]:
    """The repair of `cuts`."""
    return _across(lens, places, line, "heal_network", "heal_share")


def _across(lens: Lens, places: Places, line: Line, network: str, share: str) -> list[Step]:
    ends = set(line)
    found = []
    if set(places.nodes.values()) == ends:
        found += [Step(network, {"w": w, "n": n}) for w in lens.networks for n in lens.nodes]
    for n, at in places.nodes.items():
        if {at, places.witness} == ends:
            found.append(Step(share, {"n": n}))
    return found


def faults(lens: Lens, places: Places) -> Iterator[tuple[str, list[Step]]]:
    """Every site lost and every line cut, each as one fault."""
    for site in places.sites:
        yield f"site {site}", loses(places, site)
    for line in places.lines:
        yield f"line {spelled(line)}", cuts(lens, places, line)


def spelled(line: Line) -> str:
    """`HQ-DR`."""
    return "-".join(line)


def site_state(state: State, places: Places, site: str) -> str:
    """`up`, `down` (all that stands there is down), or `partly down`."""
    here = places.members(site)
    up = [state["share.up"] if m == WITNESS else state[f"node.{m}.power"] == "UP" for m in here]
    return "up" if all(up) else "partly down" if any(up) else "down"


def line_state(lens: Lens, state: State, places: Places, line: Line) -> str:
    """`up`, `cut` (nothing passes), or `partly cut`."""
    paths = [bool(state[_path(step)]) for step in cuts(lens, places, line)]
    return "up" if all(paths) else "partly cut" if any(paths) else "cut"


def _path(step: Step) -> str:
    """The key that says whether the path that a step cuts is whole."""
    n = step.args["n"]
    return f"share.reach.{n}" if "share" in step.rule else f"network.{step.args['w']}.carries.{n}"
