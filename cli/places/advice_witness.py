"""Recommendations on the witness: which host, where it stands, and its share (S-047 to S-050, S-066
to S-077). Pure. Sits above `ground`.
"""

from __future__ import annotations

from cli.places.ground import ADVICE, NOT_HERE, UNKNOWN, Found, Ground

MANAGED = ("hub", "managed")
LATENCY_MAX_MS = 100
"""The source says "low latency" without a number; a tenth of the heartbeat interval is taken."""

DESCRIBE = "ccr cluster describe"


def placement(g: Ground) -> Found:
    """In a dispersed cluster: in the site of the CMS, or at a third one."""
    if not g.places:
        yield UNKNOWN, "no sites are described", "ccr site set A=SITE B=SITE witness=SITE"
    elif g.dispersed and g.places.witness == g.places.nodes[g.passive]:
        said = f"the witness stands in {g.places.witness}, with the passive node {g.passive}"
        yield ADVICE, said, f"put it into {g.primary} or at a third site; compare with ccr plan"


def host_role(g: Ground) -> Found:
    """A Hub Transport server in the site of the CMS; at a third site any managed server."""
    role = g.facts.get("witness.role")
    wanted = "a managed server" if g.at_third else "a Hub Transport server"
    if role is None:
        yield UNKNOWN, "nobody said what the witness host is", f"{DESCRIBE} witness.role=hub"
    elif role not in (MANAGED if g.at_third else MANAGED[:1]):
        yield ADVICE, f"the witness host is described as {role!r}", f"use {wanted}"
    if g.places and not g.at_third and g.places.witness != g.primary:
        said = f"the witness host is in {g.places.witness}, the CMS in {g.primary}"
        yield ADVICE, said, f"use a Hub Transport server in {g.primary}"


def system(g: Ground) -> Found:
    """Any Windows Server; it need not be the version of the nodes."""
    found = g.facts.get("witness.os")
    if found is None:
        advice = f"{DESCRIBE} witness.os='Windows Server 2003'"
        yield UNKNOWN, "nobody said what the witness host runs", advice
    elif found.lower().split()[:2] != ["windows", "server"]:
        yield ADVICE, f"the witness host runs {found}", "use a computer with Windows Server"


def not_dfs(g: Ground) -> Found:
    """The share is not in a Distributed File System."""
    found = g.facts.get("witness.dfs")
    if found is None:
        yield UNKNOWN, "nobody said whether the share is in DFS", f"{DESCRIBE} witness.dfs=no"
    elif found == "yes":
        yield ADVICE, f"the share {g.witness} is in DFS", "use an ordinary share, outside DFS"


def own_share(g: Ground) -> Found:
    """A folder and a share of its own; one server may hold those of many clusters."""
    if not g.witness:
        yield UNKNOWN, "the cluster was created without --witness", "create it with one"
        return
    for other, path in g.others.items():
        if share_of(path) == share_of(g.witness):
            advice = "a folder and a share for each cluster; they may be on one server"
            yield ADVICE, f"cluster {other} uses the share {path} too", advice


def share_of(path: str) -> tuple[str, ...]:
    """Host and share of `//HUB/MAIL`; Windows does not tell `HUB` from `hub`."""
    return tuple(part for part in path.lower().replace("\\", "/").split("/") if part)[:2]


def third_site(g: Ground) -> Found:
    """Low latency and high reliability from the third site to both datacenters."""
    if not g.at_third:
        yield NOT_HERE, "the witness is not at a third site", ""
        return
    third = g.places.witness
    for site in dict.fromkeys(g.places.nodes.values()):
        latency, reliable = (g.between(what, site, third) for what in ("latency", "reliable"))
        if latency is None:
            advice = f"{DESCRIBE} latency.{site}.{third}=MS"
            yield UNKNOWN, f"the round trip {site}-{third} is not described", advice
        elif int(latency) > LATENCY_MAX_MS:
            advice = f"have one of at most {LATENCY_MAX_MS} ms"
            yield ADVICE, f"the round trip {site}-{third} takes {latency} ms", advice
        if reliable is None:
            advice = f"{DESCRIBE} reliable.{site}.{third}=yes"
            yield UNKNOWN, f"nobody said whether the line {site}-{third} is reliable", advice
        elif reliable == "no":
            yield ADVICE, f"the line {site}-{third} is not highly reliable", "have one that is"
