"""What a plain state means to a person: who serves, who controls, each node's role and votes, the
witness, the copies.

Pure functions. Who serves, which lease is valid and what is mounted are the model's own phrases,
evaluated here on plain values, so that no definition is written twice. Must not import an engine
other than the plain reader.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cli.copies.copystate import flags, summary
from models.ccr import phrases
from models.ccr.vocabulary import Group, Node
from models.ccr.vocabulary_lcr import Local, Server
from models.ccr.vocabulary_standby import Target
from models.language.terms import Term
from models.plain.compile import function, reads, source
from models.plain.layout import State, Value
from models.plain.reader import Reader

_MEMBER = ("JOINED", "LOST", "ALONE", "FORCED")
_ACTIVE = ("ONLINE_PENDING", "ONLINE", "OFFLINE_PENDING")
_NODE, _GROUP = Term("arg", Node, value="n"), Term("arg", Group, value="g")


class Lens:
    """A model's phrases, evaluated on plain states of one instance."""

    def __init__(self, reader: Reader) -> None:
        self.model, self.layout = reader.model, reader.layout
        members = reader.instance.members
        self.nodes, self.networks, self.groups = (members[x] for x in ("Node", "Network", "Group"))
        self._compiled: dict[tuple[str, ...], Callable[[State], Any]] = {}

    def peer(self, node: str) -> str:
        """The other node."""
        return next(m for m in self.nodes if m != node)

    def says(self, phrase: Callable[..., Term], state: State, *members: str) -> bool:
        """Whether a phrase (`serving`, `mounted` ...) holds of these members in `state`."""
        key = (phrase.__name__, *members, str(len(self.layout.births)))
        if key not in self._compiled:
            term = phrase(self.model.state, *(_NODE, _GROUP)[: len(members)])
            binding = dict(zip(("n", "g"), members, strict=False))
            self._compiled[key] = function(source(term, self.layout, binding), ())
        return bool(self._compiled[key](state))

    def reads(self, phrase: Callable[..., Term], *members: str) -> set[str]:
        """The flat keys on which it depends whether a phrase holds of these members."""
        term = phrase(self.model.state, *(_NODE, _GROUP)[: len(members)])
        return reads(term, self.layout, dict(zip(("n", "g"), members, strict=False)))

    def says_of(self, phrase: Callable[..., Term], state: State, **members: str) -> bool:
        """Whether a phrase holds of members named as its arguments (`t`, `n`, `g`)."""
        key = (phrase.__name__, *members.values(), str(len(self.layout.births)))
        if key not in self._compiled:
            sorts = {"n": Node, "g": Group, "t": Target, "v": Server, "h": Local}
            term = phrase(self.model.state, **{n: Term("arg", sorts[n], value=n) for n in members})
            self._compiled[key] = function(source(term, self.layout, members), ())
        return bool(self._compiled[key](state))

    def serving(self, state: State) -> list[str]:
        """Every node that serves clients at this instant; more than one is a split brain."""
        return [n for n in self.nodes if self.says(phrases.serving, state, n)]

    def controller(self, state: State) -> str | None:
        """The node that proposed the newest open epoch and has the votes to act on it.

        One that lost its peer controls only as long as a lease is left.
        """
        found = [n for n in self.nodes if self._controls(state, n)]
        return max(found, key=lambda n: int(state[f"node.{n}.open"]), default=None)

    def _controls(self, state: State, node: str) -> bool:
        view = state[f"node.{node}.view"]
        acts = view in ("JOINED", "ALONE", "FORCED") or (
            view == "LOST" and self.says(phrases.leased, state, node)
        )
        return acts and self.says(phrases.controls, state, node)

    def role(self, state: State, node: str) -> str:
        """`active` (the CMS is up or coming up or going down here), `passive` (a member without
        it), or `none`.
        """
        if state[f"node.{node}.power"] != "UP":
            return "none"
        if state[f"node.{node}.cms"] in _ACTIVE:
            return "active"
        return "passive" if state[f"node.{node}.view"] in _MEMBER else "none"

    def votes(self, state: State, node: str) -> int:
        """How many of {node, node, share} are with this node; 0 when its cluster service does
        not run.
        """
        view = state[f"node.{node}.view"]
        if view == "STOPPED" or state[f"node.{node}.power"] != "UP":
            return 0
        if view == "JOINED":
            pair = 2 if self.says(phrases.talks, state, node) else 1
            return pair + int(self.says(phrases.reaches_share, state, node))
        return 1 + int(self.says(phrases.renewing, state, node))

    def cms(self, state: State) -> tuple[str, str | None]:
        """State of the clustered mailbox server and its host, in Exchange's words (Online,
        PartiallyOnline ...).
        """
        hosts = [n for n in self.nodes if self.role(state, n) == "active"]
        if hosts:
            host = max(
                hosts,
                key=lambda n: (state[f"node.{n}.cms"] == "ONLINE", int(state[f"node.{n}.open"])),
            )
            word = "".join(w.capitalize() for w in str(state[f"node.{host}.cms"]).split("_"))
            up = all(self.says(phrases.mounted, state, host, g) for g in self.groups)
            return ("PartiallyOnline" if word == "Online" and not up else word), host
        failed = any(state[f"node.{n}.cms"] == "FAILED" for n in self.nodes)
        return ("Failed" if failed else "Offline"), None

    def intent_stopped(self, state: State) -> bool:
        """The durable Stopped intent, as the controller (or else any node) has it."""
        node = self.controller(state)
        return any(bool(state[f"node.{n}.stopped"]) for n in ([node] if node else self.nodes))

    def mounted_on(self, state: State, group: str) -> str | None:
        """The node on which a storage group is mounted: the later one, if a frozen node does not
        know yet that it is mounted elsewhere.
        """
        found = [n for n in self.nodes if self.says(phrases.mounted, state, n, group)]
        return self._latest(state, group, found) if found else None

    def source(self, state: State, group: str) -> str:
        """The node whose log stream leads: where it is mounted, else where it was mounted last."""
        return self.mounted_on(state, group) or self._latest(state, group, self.nodes)

    def _latest(self, state: State, group: str, among: Sequence[str]) -> str:
        return max(among, key=lambda n: int(state[f"copy.{n}.{group}.active_epoch"]))


def nodes(lens: Lens, state: State) -> dict[str, dict[str, Value]]:
    """Node name to up, frozen, paused, cluster (the service's view), role and votes."""
    return {
        n: {
            "up": state[f"node.{n}.power"] == "UP",
            "frozen": state[f"node.{n}.frozen"],
            "paused": state[f"node.{n}.paused"],
            "cluster": str(state[f"node.{n}.view"]).lower(),
            "cms": str(state[f"node.{n}.cms"]).lower(),
            "role": lens.role(state, n),
            "votes": lens.votes(state, n),
            "epoch": state[f"node.{n}.open"],
        }
        for n in lens.nodes
    }


def networks(lens: Lens, state: State) -> dict[str, dict[str, Any]]:
    """Network name to up (both directions), role, and the directions in which packets arrive."""
    found: dict[str, dict[str, Any]] = {}
    for w in lens.networks:
        carries = {n: bool(state[f"network.{w}.carries.{n}"]) for n in lens.nodes}
        role = str(state[f"interface.{w}.role"]).lower()
        found[w] = {"up": all(carries.values()), "role": role, "carries": carries}
    return found


def witness(lens: Lens, state: State) -> dict[str, Any]:
    """The share and what lies on it: reachable from whom, lock holder, recorded controller and
    epoch.
    """
    return {
        "up": state["share.up"],
        "reach": {
            n: bool(state["share.up"]) and bool(state[f"share.reach.{n}"]) for n in lens.nodes
        },
        "holder": state["witness.holder"] or None,
        "controller": state["witness.by"] or None,
        "epoch": state["witness.epoch"],
        "recorded": state["witness.recorded"],
        "incarnation": state["witness.incarnation"],
    }


def storage_groups(lens: Lens, state: State) -> dict[str, dict[str, Any]]:
    """Storage group name to where it is mounted, the passive copy's status, the pipeline
    positions, queues and loss.
    """
    return {g: storage_group(lens, state, g) for g in lens.groups}


def storage_group(lens: Lens, state: State, group: str) -> dict[str, Any]:
    """One storage group: the columns of Get-StorageGroupCopyStatus, and what the last failover
    lost (null: none yet).
    """
    at = lens.source(state, group)
    to = lens.peer(at)
    here, there = f"copy.{at}.{group}", f"copy.{to}.{group}"
    generated = int(state[f"{here}.top"])
    inspected = _shared(state, here, there)
    replayed = min(int(state[f"{there}.replayed"]), inspected)
    lost = int(state[f"{here}.lost"])
    return {
        "mounted_on": lens.mounted_on(state, group),
        "source": at,
        "target": to,
        "status": status(lens, state, to, group),
        "generated": generated,
        "notified": max(int(state[f"{there}.notified"]), inspected),
        "copied": max(int(state[f"{there}.copied"]), inspected),
        "inspected": inspected,
        "replayed": replayed,
        "copy_queue": max(0, generated - inspected),
        "replay_queue": inspected - replayed,
        "lost": None if lost < 0 else lost,
        "lost_exact": state[f"{here}.loss_exact"],
    }


def _shared(state: State, here: str, there: str) -> int:
    """The newest log of the stream at `here` that is in the log directory at `there`.

    A former active that has not come back yet may hold logs of its own above the fork; they are not
    of this stream.
    """
    top = int(state[f"{there}.top"])
    if state[f"{there}.lineage"] == state[f"{here}.lineage"]:
        return top
    return min(top, int(state[f"{here}.fork"]))


def status(lens: Lens, state: State, node: str, group: str) -> str:
    """SummaryCopyStatus of the copy on `node`: ServiceDown outranks what nobody can ask (S-145)."""
    runs = lens.says(phrases.alive, state, node) and state[f"node.{node}.view"] != "STOPPED"
    leads = lens.source(state, group) == node
    return summary(flags(state, node, group, reachable=runs, leads=leads))


def loss(group: Mapping[str, Any]) -> str:
    """What the last failover lost, in logs: `2`, or `>=2` until the old active's files are read."""
    if group["lost"] is None:
        return ""
    return str(group["lost"]) if group["lost_exact"] else f">={group['lost']}"


def warnings(lens: Lens, state: State) -> list[str]:
    """What an operator must know though nothing has failed yet: lost redundancy, possible split
    brain.
    """
    found = []
    serving = lens.serving(state)
    if len(serving) > 1:
        found.append(f"SPLIT BRAIN: {' and '.join(serving)} both serve")
    for n in lens.nodes:
        if state[f"node.{n}.view"] == "FORCED":
            found.append(
                f"{n} was forced and the note board does not hold its epoch yet:"
                f" keep {lens.peer(n)} off, or both may serve"
            )
    blind = [n for n in lens.nodes if not state[f"node.{n}.share_seen"]]
    if blind:
        found.append(
            f"{' and '.join(blind)} cannot reach the witness: one more failure may stop the CMS"
        )
    return found
