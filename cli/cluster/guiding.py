"""`ccr quorum advice`: what to do when nobody has a majority, after the loss of a site say.

Sits above `waysback` and `session`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import fill
from typing import Any

from cli.cluster.waysback import WayBack, forced, stuck, ways_back
from cli.explain.wording import WIDTH
from cli.frame.output import answer, document, table
from cli.places.places import Places, is_up
from cli.places.siting import places
from cli.session.session import Session, reading


def show_advice(as_of: str | None, as_json: bool) -> None:
    """`ccr quorum advice`."""
    with reading(as_of) as session:
        stand, found = session.stand, places(session)
        needed = stuck(stand) or bool(forced(stand))
        ways = ways_back(stand, found) if needed else []
        why = list(_why(session, found)) if needed else []
        steps = list(_before_forcing(session, found, ways)) if needed else []
        cluster = session.cluster.name
    if as_json:
        told = [dict(zip(("when", "what"), x, strict=True)) for x in steps]
        body: dict[str, Any] = {"cluster": cluster, "needed": needed, "why": why}
        document("quorum.advice", {**body, "ways_back": [w.json for w in ways], "steps": told})
    elif not needed:
        answer("nothing to do: the cluster has a majority, or gets one by itself, or was stopped")
    else:
        _tell(why, ways, steps)


def _tell(why: Sequence[str], ways: Sequence[WayBack], steps: Sequence[tuple[str, str]]) -> None:
    for text in why:
        answer(text)
    answer()
    table(("way back", "service", "logs lost"), [(w.command, w.words, w.loss) for w in ways])
    answer()
    for when, what in steps:
        answer(fill(f"{when:<9}{what}", WIDTH, subsequent_indent=" " * 9))


def _why(session: Session, found: Places) -> Iterator[str]:
    """Which votes there are, and what is lost."""
    lens, state = session.lens, session.state
    for n in forced(session.stand):
        yield f"{n} acts on an operator's word; the note board does not hold that yet"
    for n in lens.nodes:
        if state[f"node.{n}.power"] == "UP":
            yield f"{n} has {lens.votes(state, n)} of 3 votes"
        else:
            yield f"{n} is down"
    if not state["share.up"]:
        yield "the witness is down"
    for n in lens.nodes:
        if state["share.up"] and not state[f"share.reach.{n}"]:
            yield f"{n} does not reach the witness"
    for site in found.sites:
        members = found.members(site)
        if not any(is_up(state, found, m) for m in members):
            yield f"site {site} is down: {' and '.join(members)}"


def _before_forcing(
    session: Session, found: Places, ways: Sequence[WayBack]
) -> Iterator[tuple[str, str]]:
    """What not to do, what to verify first, what forcing loses, and how to get back."""
    for way in ways:
        if way.split:
            yield "never", f"{way.command} as things stand: then both nodes serve"
    nodes = [w.forces for w in ways if w.forces]
    for n in nodes:
        other = session.lens.peer(n)
        where = f" in {found.nodes[other]}" if found else ""
        runs = session.state[f"node.{other}.power"] == "UP"
        now = f" {other} runs now: switch it off first." if runs else ""
        yield (
            "verify",
            f"before you force {n}: that {other}{where} is off and stays off. Ask somebody there;"
            f" from {n} a cut line looks the same, and then {other} may be serving.{now}",
        )
    if nodes:
        yield (
            "loss",
            "what the new active was told of is counted; what the old one wrote after that is"
            " known when its files are read. Repairs that lose nothing are above.",
        )
    for n in [*nodes, *forced(session.stand)]:
        other = session.lens.peer(n)
        yield (
            "back",
            f"the witness first, so that the note board holds the forced epoch, or the line"
            f" between the nodes; {other} last, with the line whole. It rejoins as the passive,"
            " and its copy is resumed, synchronized or seeded again.",
        )
