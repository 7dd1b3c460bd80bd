"""The facts about a cluster's surroundings that may be described, and what values they take.

They are recorded (`ClusterDescribed`); no rule reads them. Sites make faults (`places`), the rest
is what `ccr plan check` gives advice on. Must not import an engine. Sits beside `places`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from cli.frame.errors import BadFact, UnknownMember
from cli.places.places import NODE_KEY, WITNESS_KEY

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}\Z")
_YES_NO = ("yes", "no")
_SECURED = ("yes", "no", "not-needed")
ROLES = ("hub", "managed", "other")


def _number(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= 9


@dataclass(frozen=True)
class Fact:
    """A fact: its key with capitals for what varies, what it says, and the values it takes."""

    key: str
    about: str
    values: tuple[str, ...] = ()
    fits: Callable[[str], object] = bool

    @property
    def shape(self) -> str:
        """The values in words."""
        return " | ".join(self.values) or ("number" if self.fits is _number else "text")


FACTS = (
    Fact("site.SERVER", "where a node, a hub or a standby server stands", fits=_NAME.match),
    Fact(WITNESS_KEY, "where the witness host stands", fits=_NAME.match),
    Fact("witness.role", "a Hub Transport server, one managed like it, or neither", ROLES),
    Fact("witness.os", "the operating system of the witness host"),
    Fact("witness.dfs", "the share is in a Distributed File System", _YES_NO),
    Fact("nodes.os", "the operating system of the nodes"),
    Fact("latency.SITE.SITE", "round trip between two sites, in ms", fits=_number),
    Fact("reliable.SITE.SITE", "the line between two sites is highly reliable", _YES_NO),
    Fact("ipsec.logs", "IPsec encrypts the log files under way", _SECURED),
    Fact("ipsec.seeding", "IPsec encrypts seeding", _SECURED),
    Fact("mail.largest", "the largest message that is allowed, in KB", fits=_number),
)  # fmt: skip


def checked(
    facts: Mapping[str, str],
    before: Mapping[str, str],
    nodes: Sequence[str],
    servers: Collection[str] = (),
) -> None:
    """Refuse what is no fact, and places that leave something without a site.

    `facts` are new, `before` those known; `servers` may have a site, the nodes have one or none
    has. Raises `BadFact` or `UnknownMember`.
    """
    for key, value in facts.items():
        fact = _fact(key, (*nodes, *servers))
        if value and (value not in fact.values if fact.values else not fact.fits(value)):
            raise BadFact(f"{key}={value} is not {fact.shape}", f"It says {fact.about}")
    told = {**before, **facts}
    keys = [WITNESS_KEY, *(NODE_KEY + n for n in nodes)]
    away = [key for key in keys if not told.get(key)]
    if away and any(told.get(k) for k in (*keys, *(NODE_KEY + m for m in servers))):
        raise BadFact(f"no site is given for {', '.join(away)}", "Place both nodes and the witness")


def _fact(key: str, known: Sequence[str]) -> Fact:
    """The fact that a key names. Raises `BadFact` or `UnknownMember`."""
    if key.startswith(NODE_KEY):
        if key.removeprefix(NODE_KEY) not in known:
            server = key.removeprefix(NODE_KEY)
            raise UnknownMember(
                f"there is no server {server} to place", f"There are {', '.join(known)}"
            )
        return FACTS[0]
    parts = key.split(".")
    for fact in FACTS[1:]:
        like = fact.key.split(".")
        same = zip(like, parts, strict=False)
        if len(like) == len(parts) and all(a == b or (a == "SITE" and b) for a, b in same):
            return fact
    raise BadFact(f"there is no fact {key}", f"There are {', '.join(f.key for f in FACTS)}")
