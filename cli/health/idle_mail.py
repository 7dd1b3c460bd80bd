"""A cluster without its idle mail: what one fault does to service and to the logs is the same
without it, and found much sooner where there are many thousand lots.

Mail is idle if nothing that goes on now delivers it into a log of the streams that there are. Once
a failover has mounted with a loss it may be asked for; then it is a duplicate, which is dropped, or
goes into a log of the new stream. What the old stream lost, which databases are mounted and who
serves do not depend on that: all that mail does to a cluster is to fill and close logs where it is
delivered. Pure. Sits above the plain reader.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from models.ccr.phrases_mail import lossy, rolled_back, unlisted, waits
from models.ccr.vocabulary import Group, Node
from models.ccr.vocabulary_mail import Hub, Mail, Stage
from models.language.terms import Term, all_of, any_of, negate
from models.plain.layout import State
from models.plain.openly import keys_if_false
from models.plain.reader import Reader, Step

_ARGS = {"n": Node, "g": Group, "m": Mail, "h": Hub}


def _may_be_written(s: Any, n: Term, g: Term, m: Term, h: Term) -> Term:
    """The store on `n` would accept the lot, if the storage group is or gets mounted there as it
    is; or its hub does not have it back yet.
    """
    request, copy = s.request[h, g], s.copy[n, g]
    due = all_of(lossy(copy), request.lineage < copy.lineage)
    asked = any_of(due, all_of(request.outstanding, request.lineage > s.queue[h, g].asked))
    accepted = any_of(unlisted(s, n, g, m), rolled_back(s, n, g, m))
    return any_of(
        s.mail[m].stage == Stage.TAKEN, all_of(accepted, any_of(waits(s, h, g, m), asked))
    )


def stirring(reader: Reader, state: State) -> set[str]:
    """The lots that are not idle."""
    term = _may_be_written(reader.model.state, *(Term("arg", x, value=n) for n, x in _ARGS.items()))
    stirs, peers = keys_if_false(reader.layout, [negate(term)], tuple(_ARGS))
    nodes = [(n, [reader.layout.peer(Node, n)] * len(peers)) for n in reader.layout.members(Node)]
    found = set[str]()
    for m in reader.layout.members(Mail):
        if state.get(f"mail.{m}.stage", "NONE") != "NONE":
            h, g = state[f"mail.{m}.hub"], state[f"mail.{m}.group"]
            if any(stirs(state, n, g, m, h, *peer) is not None for n, peer in nodes):
                found.add(m)
    return found


def without(reader: Reader, state: State, *, hubs: bool = False) -> tuple[Reader, State]:
    """A reader without the idle mail, and if all of it is, then without hubs unless these are
    wanted; and the part of the state that it knows.
    """
    needed = stirring(reader, state)
    made = Reader(reader.model, reader.instance)
    for sort, member in reader.layout.births:
        if member in needed if sort == Mail else hubs or needed or sort != Hub:
            made.join(sort, member)
    return made, {key: state.get(key, first) for key, first in made.layout.initial.items()}


def names_hubs(steps: Iterable[Step]) -> bool:
    """Whether one of these steps is about a hub."""
    return any("h" in s.args for s in steps)
