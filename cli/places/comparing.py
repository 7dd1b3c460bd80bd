"""What `ccr plan` shows: placements of the witness side by side, fault by fault.

Sits above `planning` and `session`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cli.frame.output import answer, document, strong, table
from cli.places.planning import Double, Placement, Survey, placements, survey, survived, what_if
from cli.places.siting import places, sites_known
from cli.session.session import Session, reading


def compare(site: str | None, double: bool, as_of: str | None, as_json: bool) -> None:
    """`ccr plan`. Raises `NoSuchSite` for a what-if without sites."""
    with reading(as_of) as session:
        found = [survey(session.stand, p) for p in _wanted(session, site)]
        assumed, serving = not places(session), session.lens.serving(session.state)
        cluster = session.cluster.name
    if as_json:
        body = {"cluster": cluster, "assumed_sites": assumed}
        document("plan", {**body, "placements": [s.json for s in found]})
        return
    for s in found:
        answer(_said(s.placement))
    if assumed:
        answer("No sites are described (ccr site set): the nodes are taken to stand in two.")
    if not serving:
        answer(
            "Nobody serves now, so that no fault can be survived; --as-of takes an earlier point."
        )
    answer()
    _singles(found)
    answer()
    for s in found:
        answer(_count(s))
    for s in found if double else ():
        answer()
        _doubles(s)


def _wanted(session: Session, site: str | None) -> list[Placement]:
    at = places(session)
    return placements(session.stand, at) if site is None else what_if(sites_known(at), site)


def _said(placement: Placement) -> str:
    so = ", as it is" if placement.present else ""
    return f"{strong(placement.name)}: the witness {placement.about}{so}"


def _singles(found: Sequence[Survey]) -> None:
    """A row a fault, a column a placement; a fault that a placement does not have is blank."""
    words = [{o.fault: o.words for o in s.single} for s in found]
    faults = sorted(dict.fromkeys(f for w in words for f in w), key=_kind)
    names = [s.placement.name for s in found]
    table(("fault", *names), [(f, *(w.get(f, "") for w in words)) for f in faults])


def _kind(fault: str) -> int:
    """Nodes, witness and networks, then sites, then lines."""
    return ("site", "line").index(fault.split()[0]) + 1 if " " in fault else 0


def _count(s: Survey) -> str:
    kept = sum(map(survived, s.single))
    both = sum(survived(d.outlook) for d in s.double)
    return (
        f"{strong(s.placement.name)} survives {kept} of {len(s.single)} single faults,"
        f" {both} of {len(s.double)} double faults"
    )


def _doubles(s: Survey) -> None:
    answer(_said(s.placement))
    if s.same:
        answer(f"the same here: {'; '.join(' = '.join(names) for names in s.same)}")
    table(("double fault", "worst", "service"), list(_rows(s.double)))


def _rows(found: Sequence[Double]) -> Iterator[tuple[str, str, str]]:
    for d in found:
        yield " + ".join(d.faults), d.order, d.outlook.without_outage
