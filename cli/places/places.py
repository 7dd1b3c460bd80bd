"""Sites: where each node, the witness host and other servers stand, and which faults a site or a
line between two sites is made of.

A site has no state of its own. Its loss is what the world does to all that stands in it, a cut line
what it does to every path across; each of these is a rule already. Whether a site is lost or a line
cut is read back from the same facts. A line carries the cluster networks and the paths to the share
between its two sites; nothing is routed round over a third. Pure. Sits above `views`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from cli.session.views import Lens
from models.plain.layout import State
from models.plain.reader import Step

NODE_KEY, WITNESS_KEY = "site.", "witness.site"
WITNESS = "witness"

Line = tuple[str, str]


@dataclass(frozen=True)
class Kind:
    """What the loss of a site does to one kind of server, and what brings it back; whether each
    node has a path of its own to it.
    """

    arg: str
    fails: str
    starts: str
    up: str
    paths: bool = False


NODE = Kind("n", "fail_node", "power_on", "node.{}.power")
SERVERS = (
    Kind("t", "fail_target", "start_target", "target.{}.up", paths=True),
    Kind("h", "fail_hub", "start_hub", "hub.{}.up"),
)
"""The kinds of servers beside the nodes: standby servers, and hubs."""


@dataclass(frozen=True)
class Places:
    """The site of each node, and of the witness host; empty where nobody said.

    `others` are servers beside them that have a site, with the kind of each.
    """

    nodes: Mapping[str, str]
    witness: str
    others: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, Kind] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.witness) and all(self.nodes.values())

    @property
    def sites(self) -> tuple[str, ...]:
        """The sites, those of the nodes first."""
        found = [*self.nodes.values(), self.witness, *self.others.values()]
        return tuple(dict.fromkeys(found)) if self else ()

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines between sites that something of the cluster crosses."""
        ends = [tuple(self.nodes.values())]
        for far in (self.witness, *self.linked.values()):
            ends += [(at, far) for at in self.nodes.values()]
        found = (self.line(a, b) for a, b in ends if a != b) if self else ()
        return tuple(dict.fromkeys(found))

    def line(self, a: str, b: str) -> Line:
        """The line between two sites, as it is written: the end that comes first in `sites`."""
        first, second = sorted((a, b), key=self.sites.index)
        return first, second

    def members(self, site: str) -> tuple[str, ...]:
        """What stands in a site: nodes, `witness`, and other servers."""
        nodes = [n for n, at in self.nodes.items() if at == site]
        witness = [WITNESS] if self.witness == site else []
        return (*nodes, *witness, *(m for m, at in self.others.items() if at == site))

    @property
    def linked(self) -> dict[str, str]:
        """The other servers to which the nodes have paths, with their sites."""
        return {m: at for m, at in self.others.items() if self.kind(m).paths}

    def kind(self, member: str) -> Kind:
        """What kind of server a member is."""
        return self.kinds.get(member, NODE)

    def moved(self, witness: str) -> Places:
        """The same with the witness host in another site."""
        return replace(self, witness=witness)


def places_of(lens: Lens, facts: Mapping[str, str], state: State) -> Places:
    """Where things stand, by what was described."""
    nodes = {n: facts.get(NODE_KEY + n, "") for n in lens.nodes}
    named = (k.removeprefix(NODE_KEY) for k in facts if k.startswith(NODE_KEY))
    kinds = {m: k for m in named if (k := kind_of(state, m)) is not None}
    others = {m: facts[NODE_KEY + m] for m in kinds}
    return Places(nodes, facts.get(WITNESS_KEY, ""), others, kinds)


def kind_of(state: State, name: str) -> Kind | None:
    """What kind of server beside the nodes this is; None if the cluster has heard of none."""
    return next((kind for kind in SERVERS if kind.up.format(name) in state), None)


def loses(places: Places, site: str) -> list[Step]:
    """What the loss of a site is: every server in it fails, and the witness host with them."""
    return [
        Step("fail_share", {})
        if member == WITNESS
        else Step(places.kind(member).fails, {places.kind(member).arg: member})
        for member in places.members(site)
    ]


def restores(places: Places, site: str) -> list[Step]:
    """The repair of `loses`: the witness host first, then the servers."""
    found = [
        Step("restore_share", {})
        if member == WITNESS
        else Step(places.kind(member).starts, {places.kind(member).arg: member})
        for member in places.members(site)
    ]
    return sorted(found, key=lambda step: step.rule != "restore_share")


def cuts(lens: Lens, places: Places, line: Line) -> list[Step]:
    """What a cut line is: every cluster network between its nodes, and every path over it to the
    share or to a standby server.
    """
    return _across(lens, places, line, "cut")


def heals(lens: Lens, places: Places, line: Line) -> list[Step]:
    """The repair of `cuts`."""
    return _across(lens, places, line, "heal")


def _across(lens: Lens, places: Places, line: Line, do: str) -> list[Step]:
    ends = set(line)
    found = []
    if set(places.nodes.values()) == ends:
        found += [
            Step(f"{do}_network", {"w": w, "n": n}) for w in lens.networks for n in lens.nodes
        ]
    for n, at in places.nodes.items():
        if {at, places.witness} == ends:
            found.append(Step(f"{do}_share", {"n": n}))
        for m, far in places.linked.items():
            if {at, far} == ends:
                found.append(Step(f"{do}_target", {"t": m, "n": n}))
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
    up = [is_up(state, places, m) for m in places.members(site)]
    return "up" if all(up) else "partly down" if any(up) else "down"


def is_up(state: State, places: Places, member: str) -> bool:
    """Whether a server, or the witness host, is up."""
    key = "share.up" if member == WITNESS else places.kind(member).up.format(member)
    return state[key] in (True, "UP")


def line_state(lens: Lens, state: State, places: Places, line: Line) -> str:
    """`up`, `cut` (nothing passes), or `partly cut`."""
    paths = [bool(state[_path(step)]) for step in cuts(lens, places, line)]
    return "up" if all(paths) else "partly cut" if any(paths) else "cut"


def _path(step: Step) -> str:
    """The key that says whether the path that a step cuts is whole."""
    args = step.args
    if "t" in args:
        return f"target.{args['t']}.reach.{args['n']}"
    if "w" in args:
        return f"network.{args['w']}.carries.{args['n']}"
    return f"share.reach.{args['n']}"
