"""Recommendations on what moves and keeps the data: replication networks, encryption, backups, a
copy elsewhere, the dumpster (S-031 to S-036, S-090, S-091, S-101 to S-104, S-119, S-135).

Pure. Sits above `ground`, `hosts` and `standbystate`.
"""

from __future__ import annotations

from cli.network import hosts
from cli.places.ground import ADVICE, NOT_HERE, UNKNOWN, Found, Ground
from cli.standby import standbystate

DAY_MS = 86_400_000
DESCRIBE = "ccr cluster describe"


def mixed(g: Ground) -> Found:
    """Networks for log shipping and seeding are mixed."""
    if g.lens.layout.parameters["redundant_networks"] == 0:
        yield NOT_HERE, "RTM ships logs over the public network only", ""
        return
    found = [w for w in g.lens.networks if not g.state[f"interface.{w}.public"]]
    if not found:
        yield NOT_HERE, "there is no network beside the public one", ""
    for w in found:
        role = str(g.state[f"interface.{w}.role"]).lower()
        if role != "mixed":
            said = f"{w} is {role}: no logs can be shipped over it"
            yield ADVICE, said, f"ccr network role {w} mixed --not-public"


def names(g: Ground) -> Found:
    """Static names: not registered in DNS, found by static DNS or a Hosts file."""
    named = _named(g)
    if not named:
        yield NOT_HERE, "no replication host name is enabled", ""
    for w in named:
        for n in g.lens.nodes:
            at = f"interface.{w}"
            if g.state[f"{at}.registered.{n}"] and not g.state[f"{at}.public"]:
                advice = f"clear the setting: ccr network adapter {w} {n} --not-registered"
                yield ADVICE, f"the adapter of {n} on {w} registers in DNS", advice


def resolution(g: Ground) -> Found:
    """Both nodes reach a DNS server or have a Hosts file: each finds the other's name."""
    named = _named(g)
    if not named:
        yield NOT_HERE, "no replication host name is enabled", ""
    for w in named:
        for n in g.lens.nodes:
            if not g.state[f"interface.{w}.resolves.{n}"]:
                advice = "use static DNS, reached from both nodes, or a Hosts file"
                yield ADVICE, f"on {w} {n} does not find the other node's name", advice


def netbios(g: Ground) -> Found:
    """On Windows Server 2008 such an adapter has NetBIOS enabled."""
    system = g.facts.get("nodes.os", "")
    if not _named(g):
        yield NOT_HERE, "no replication host name is enabled", ""
    elif system and "2008" not in system:
        yield NOT_HERE, f"the nodes run {system}", ""
    else:
        for w in _named(g):
            for n in g.lens.nodes:
                if not g.state[f"interface.{w}.netbios.{n}"]:
                    advice = "enable it, then disable the host name and enable that again"
                    yield ADVICE, f"NetBIOS is off on the adapter of {n} on {w}", advice


def _named(g: Ground) -> list[str]:
    """The networks with a replication host name of either node."""
    return [
        w
        for w in g.lens.networks
        if any(g.state[f"interface.{w}.host.{n}"] != "NONE" for n in g.lens.nodes)
    ]


def logs_secured(g: Ground) -> Found:
    """Log files go over SMB unencrypted: IPsec, or a network apart, where that matters."""
    apart = hosts.in_use(g.lens, g.state, g.passive) not in ("public", "none")
    said = g.facts.get("ipsec.logs")
    if said in ("yes", "not-needed") or (apart and said != "no"):
        return
    result = ADVICE if said == "no" else UNKNOWN
    advice = f"IPsec, or a replication network apart; then {DESCRIBE} ipsec.logs=yes"
    yield result, "log files go unencrypted over the network that clients use", advice


def seeding_secured(g: Ground) -> Found:
    """Seeding goes through the backup interface unencrypted: IPsec where that matters."""
    said = g.facts.get("ipsec.seeding")
    if said in ("yes", "not-needed"):
        return
    advice = f"IPsec; then {DESCRIBE} ipsec.seeding=yes (or not-needed)"
    yield (ADVICE if said == "no" else UNKNOWN), "seeding is not encrypted by itself", advice


def backups(g: Ground) -> Found:
    """A backup exists: the passive copy is the first defence, a backup the second."""
    for group in g.lens.groups:
        at = g.lens.source(g.state, group)
        if int(g.state[f"copy.{at}.{group}.full"]) < 0:
            advice = f"ccr backup run {group}: weekly full and daily incremental backups will do"
            yield ADVICE, f"{group} has no full backup", advice


def elsewhere(g: Ground) -> Found:
    """A copy at another site: the passive in a second datacenter, or a standby copy there."""
    held = {t for t, _ in standbystate.held(g.state)}
    away = [t for t in held if g.places.others.get(t, g.primary) != g.primary] if g.places else []
    if not g.places:
        yield UNKNOWN, "no sites are described", "ccr site set A=SITE B=SITE witness=SITE"
    elif not g.dispersed and not away:
        if unplaced := sorted(held - g.places.others.keys()):
            said = f"nobody said where {', '.join(unplaced)} stands"
            yield UNKNOWN, said, f"ccr site set {unplaced[0]}=SITE"
            return
        advice = "a passive node in a second datacenter, or a standby copy (SCR) there"
        yield ADVICE, f"both copies stand in {g.primary}: they are lost together", advice


def dumpster(g: Ground) -> Found:
    """The transport dumpster is on, with hubs, and 1.5 times the largest message fits into it."""
    size, age = int(g.state["transport.size_max"]), int(g.state["transport.age_max"])
    if not size or not age:
        said = "the transport dumpster is disabled: mail that a lossy failover loses is lost"
        yield ADVICE, said, "ccr dumpster set --size 18MB --time 7d"
        return
    if not any(k.startswith("hub.") and k.endswith(".known") and v for k, v in g.state.items()):
        yield UNKNOWN, "the cluster has heard of no Hub Transport server", "ccr hub add HUB"
    largest = g.facts.get("mail.largest")
    if largest is None:
        yield UNKNOWN, "nobody said how large a message may be", f"{DESCRIBE} mail.largest=10240"
        return
    wanted = -(-int(largest) * 3 // 2 // 1024)
    if size < wanted * 1_048_576:
        said = f"it holds {size // 1_048_576} MB, the largest message has {int(largest)} KB"
        yield ADVICE, said, f"ccr dumpster set --size {wanted}MB: 1.5 times the largest message"
