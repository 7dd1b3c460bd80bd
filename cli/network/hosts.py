"""Replication host names and the networks they are on: what is operational, failed, in use, and
what an adapter lacks (S-101 to S-104, S-115).

Pure functions of a plain state. Sits above `views`.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address
from typing import Any

from cli.session.views import Lens
from models.plain.layout import State


def host_name(node: str, network: str) -> str:
    """The name that a node has on a replication network."""
    return f"{node}-{network}"


def host_names(lens: Lens, state: State) -> dict[str, list[str]]:
    """The three lists of Get-ClusteredMailboxServerStatus.

    Operational and failed names are all that were enabled; those in use are the names on both ends
    of the network over which a passive copy fetches its logs.
    """
    found: dict[str, list[str]] = {"operational": [], "failed": [], "inUse": []}
    for w in lens.networks:
        for n in lens.nodes:
            if state[f"interface.{w}.host.{n}"] != "NONE":
                good = name_works(lens, state, w, n)
                found["operational" if good else "failed"].append(host_name(n, w))
                if good and any(_uses(lens, state, m, w) for m in lens.nodes):
                    found["inUse"].append(host_name(n, w))
    return {f"{kind}ReplicationHostNames": names for kind, names in found.items()}


def name_works(lens: Lens, state: State, network: str, node: str) -> bool:
    """The node's name on the network is online, reachable, and found by the other node."""
    peer = lens.peer(node)
    return bool(
        state[f"interface.{network}.host.{node}"] == "ONLINE"
        and state[f"interface.{network}.resolves.{peer}"]
        and state[f"node.{node}.power"] == "UP"
        and _whole(lens, state, network)
    )


def _uses(lens: Lens, state: State, node: str, network: str) -> bool:
    passive = state[f"node.{node}.cms"] == "OFFLINE" and state[f"node.{node}.power"] == "UP"
    return bool(passive and state[f"shipping.{node}.uses.{network}"])


def in_use(lens: Lens, state: State, node: str) -> str:
    """The network over which a node fetches logs: its name, or `public`, or `none`."""
    for w in lens.networks:
        if state[f"shipping.{node}.uses.{w}"]:
            return w
    return "public" if state[f"shipping.{node}.public"] else "none"


def seeds_over(lens: Lens, state: State, node: str, group: str) -> list[str]:
    """The networks that carry a seed of the copy on `node` now: those that were named for it and
    work, or, if none was named, the public one.
    """
    copy = f"copy.{node}.{group}"
    if not state[f"{copy}.seed_names"]:
        return [
            w for w in lens.networks if state[f"interface.{w}.public"] and _whole(lens, state, w)
        ]
    named = [w for w in lens.networks if state[f"{copy}.seeds_over.{w}"]]
    return [w for w in named if operational(lens, state, w)]


def operational(lens: Lens, state: State, network: str) -> bool:
    """Logs and seeds may pass over it: both nodes' replication host names work."""
    return all(name_works(lens, state, network, n) for n in lens.nodes)


def _whole(lens: Lens, state: State, network: str) -> bool:
    return all(state[f"network.{network}.carries.{n}"] for n in lens.nodes)


def rows(lens: Lens, state: State) -> list[dict[str, Any]]:
    """Each node's adapter on each network, with its replication host name and address."""
    found = []
    for w in lens.networks:
        for n in lens.nodes:
            at = f"interface.{w}"
            has = state[f"{at}.host.{n}"] != "NONE"
            address = int(state[f"{at}.address.{n}"])
            found.append(
                {
                    "network": w,
                    "node": n,
                    "role": str(state[f"{at}.role"]).lower(),
                    "public": state[f"{at}.public"],
                    "host_name": host_name(n, w) if has else None,
                    "address": str(IPv4Address(address)) if has else None,
                    "operational": has and name_works(lens, state, w, n),
                    "used": _uses(lens, state, n, w),
                }
            )
    return found


def lacking(lens: Lens, state: State) -> Iterator[tuple[str, str, str]]:
    """What stands against log shipping over a network that has a host name: network, what, and what
    to do.
    """
    for w in lens.networks:
        at = f"interface.{w}"
        named = [n for n in lens.nodes if state[f"{at}.host.{n}"] != "NONE"]
        if not named:
            continue
        for n in lens.nodes:
            if n not in named:
                yield w, f"{n} has no replication host name", f"ccr network enable {w} {n} --ip IP"
            if not state[f"{at}.resolves.{n}"]:
                advice = "use static DNS or a Hosts file on the node"
                yield w, f"{n} does not find the other node's name", advice
            if not state[f"{at}.netbios.{n}"]:
                yield w, f"NetBIOS is off on the adapter of {n}", "enable NetBIOS"
            if state[f"{at}.host.{n}"] == "FAILED":
                advice = "enable NetBIOS, then disable the name and enable it again"
                yield w, f"{host_name(n, w)} did not come online", advice
