"""Where the witness should stand: what each single and double fault does under each placement.

Nothing here knows a quorum rule. Every fault really happens to a copy of the state, and the rules
take it from there. Two faults strike at once, and each after the other has had its effect; the
worst of the three is told, because the order matters: a node that missed an epoch may not take
control. Pure. Sits above `foresight` and `places`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from cli.health.foresight import CONTINUES, FAILS_OVER, INTERRUPTED, Outlook, Stand, faults
from cli.places.places import Places
from models.plain.reader import Step

_BEST_FIRST = (CONTINUES, INTERRUPTED, FAILS_OVER)
AT_ONCE, IN_ORDER = "at once", "in this order"
PRIMARY, SECONDARY, THIRD = "primary", "secondary", "third"

Fault = tuple[str, list[Step]]


@dataclass(frozen=True)
class Placement:
    """Where the witness stands in one plan: a short name, what it says, and whether it is so."""

    name: str
    about: str
    places: Places
    present: bool


@dataclass(frozen=True)
class Double:
    """Two faults, whether they are worst at once or one after the other as they stand here, and
    what comes of them then.
    """

    faults: tuple[str, str]
    order: str
    outlook: Outlook


@dataclass(frozen=True)
class Survey:
    """What comes of every single fault, and of every two, under one placement."""

    placement: Placement
    single: list[Outlook]
    double: list[Double]
    same: list[list[str]]
    """Faults that are one and the same thing here; among two it goes by its first name."""

    @property
    def json(self) -> dict[str, Any]:
        """For a `--json` document."""
        placement = self.placement
        return {
            "name": placement.name,
            "about": placement.about,
            "present": placement.present,
            "sites": dict(placement.places.nodes),
            "witness_site": placement.places.witness,
            "single": [{**o.json, "survived": survived(o)} for o in self.single],
            "same": self.same,
            "double": [
                {
                    "faults": list(d.faults),
                    "worst": d.order,
                    "service": d.outlook.service,
                    "serving": d.outlook.serving,
                    "lost_logs": d.outlook.lost_logs,
                    "survived": survived(d.outlook),
                }
                for d in self.double
            ],
        }


def survived(outlook: Outlook) -> bool:
    """Somebody serves in the end, by itself, with everything mounted that was mounted before."""
    return outlook.service in _BEST_FIRST and not outlook.dismounted


def placements(stand: Stand, places: Places) -> list[Placement]:
    """Option 1 and option 2 of the source document, and the present placement if it is neither.

    Where no sites are described the nodes are taken to stand in two.
    """
    lens, state = stand.lens, stand.state
    first = lens.controller(state) or lens.nodes[0]
    other = lens.peer(first)
    known = bool(places)
    if not known:
        places = Places({first: PRIMARY, other: SECONDARY}, "")
    primary = places.nodes[first]
    third = places.witness if places.witness not in ("", *places.nodes.values()) else THIRD
    found = [
        Placement("option 1", f"in {primary}, with {first}", places.moved(primary), False),
        Placement("option 2", _at_third(third), places.moved(third), False),
    ]
    if known and places.witness not in (primary, third):
        found.append(Placement("neither", f"in {places.witness}, with {other}", places, False))
    return [replace(p, present=known and p.places.witness == places.witness) for p in found]


def _at_third(site: str) -> str:
    return "at a third site" if site == THIRD else f"at a third site, {site}"


def what_if(places: Places, site: str) -> list[Placement]:
    """The present placement, and the witness at another site."""
    found = [Placement("present", f"in {places.witness}", places, True)]
    if site != places.witness:
        found.append(Placement("what if", f"in {site}", places.moved(site), False))
    return found


def survey(stand: Stand, placement: Placement) -> Survey:
    """Every fault, and every two, of one placement."""
    tried = list(faults(stand.lens, placement.places))
    single = [stand.after(name, steps) for name, steps in tried]
    distinct, same = _distinct(tried)
    double = list(_doubles(stand, distinct))
    return Survey(placement, [o for o in single if o is not None], double, same)


def _distinct(tried: Sequence[Fault]) -> tuple[list[Fault], list[list[str]]]:
    """The faults, one of each kind, and the names of those that are the same."""
    found: list[tuple[Fault, list[str]]] = []
    for name, steps in tried:
        for (_, others), names in found:
            if _within(steps, others) and _within(others, steps):
                names.append(name)
                break
        else:
            found.append(((name, steps), [name]))
    return [fault for fault, _ in found], [names for _, names in found if len(names) > 1]


def _doubles(stand: Stand, distinct: Sequence[Fault]) -> Iterator[Double]:
    """Every two faults neither of which contains the other."""
    for one, other in combinations(distinct, 2):
        if _within(one[1], other[1]) or _within(other[1], one[1]):
            continue
        found = list(_orders(stand, one, other))
        if found:
            yield max(found, key=lambda d: _badness(d.outlook))


def _within(steps: Sequence[Step], others: Sequence[Step]) -> bool:
    return all(step in others for step in steps)


def _orders(stand: Stand, one: Fault, other: Fault) -> Iterator[Double]:
    """Both at once, and each first; an order in which nothing is left to break is none."""
    for order, first, then, blows in (
        (AT_ONCE, one, other, ([*one[1], *other[1]],)),
        (IN_ORDER, one, other, (one[1], other[1])),
        (IN_ORDER, other, one, (other[1], one[1])),
    ):
        outlook = stand.after(f"{first[0]} and {then[0]}", *blows)
        if outlook is not None:
            yield Double((first[0], then[0]), order, outlook)


def _badness(outlook: Outlook) -> tuple[bool, int, int, int]:
    service = outlook.service
    rank = _BEST_FIRST.index(service) if service in _BEST_FIRST else len(_BEST_FIRST)
    return not survived(outlook), rank, outlook.lost_logs, outlook.lost_records
