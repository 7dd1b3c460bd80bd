"""`ccr plan check`: every recommendation of the source document as a check with advice.

Exit code 0 when all are met, 1 when one is not, 3 when none is broken but something was not
described. Sits above the modules of advice and `session`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import click

from cli.frame.output import answer, document, table
from cli.places import advice_data as data
from cli.places import advice_witness as witness
from cli.places.ground import ADVICE, MET, NOT_HERE, UNKNOWN, Check, Ground
from cli.places.siting import places
from cli.session.session import Session, reading

CHECKS = (
    Check("WitnessPlacement", ("S-070",), "in the primary or at a third site", witness.placement),
    Check("WitnessHost", ("S-049", "S-071", "S-075", "S-076"),
          "a Hub Transport server in the CMS's site, or a managed server at a third",
          witness.host_role),
    Check("WitnessSystem", ("S-047", "S-048"), "any Windows Server", witness.system),
    Check("WitnessNotInDfs", ("S-050",), "the share is not in DFS", witness.not_dfs),
    Check("OwnShare", ("S-066", "S-067"), "a folder and share of its own", witness.own_share),
    Check("ThirdSiteNetwork", ("S-077",), "fast and reliable lines to a third site",
          witness.third_site),
    Check("MixedNetworks", ("S-101",), "networks for logs and seeding are mixed", data.mixed),
    Check("NotRegisteredInDns", ("S-102",), "replication adapters have static names", data.names),
    Check("NamesResolve", ("S-103",), "both nodes find the names there", data.resolution),
    Check("NetBios", ("S-104",), "NetBIOS on Windows Server 2008", data.netbios),
    Check("LogTraffic", ("S-090",), "logs are encrypted or on a network apart", data.logs_secured),
    Check("SeedTraffic", ("S-091",), "seeding is encrypted where needed", data.seeding_secured),
    Check("Dumpster", ("S-119", "S-135"), "on, and large enough for 1.5 messages", data.dumpster),
    Check("Backup", ("S-031", "S-033"), "a backup as the second defence", data.backups),
    Check("CopyElsewhere", ("S-034", "S-069"), "a copy at a second site", data.elsewhere),
)  # fmt: skip


@dataclass(frozen=True)
class Advised:
    """What a check says, the worst that it found, and each thing found."""

    check: Check
    result: str
    found: tuple[tuple[str, str, str], ...]


def advise(ground: Ground) -> list[Advised]:
    """Every check's result; the worst that it found."""
    made = []
    for check in CHECKS:
        found = tuple(check.find(ground))
        results = [result for result, _, _ in found] or [MET]
        made.append(Advised(check, min(results, key=_WORST_FIRST.index), found))
    return made


_WORST_FIRST = (ADVICE, UNKNOWN, MET, NOT_HERE)
_EXIT = {ADVICE: 1, UNKNOWN: 3}


def ground_of(session: Session) -> Ground:
    """The cluster as the checks see it."""
    return Ground(
        session.lens, session.state, session.fold.described, places(session),
        session.created.witness, dict(_others(session)),
    )  # fmt: skip


def _others(session: Session) -> Iterator[tuple[str, str]]:
    """The other clusters of the store, with the paths of their witness shares."""
    store = session.cluster.store
    for name in store.clusters():
        if name != session.cluster.name:
            for stored in store.read(name, 1, 1):
                created = store.book.read(stored.topic, stored.state, f"event 1 of {name}")
                yield name, created.args.witness


def check_plan(as_of: str | None, as_json: bool) -> None:
    """`ccr plan check`."""
    with reading(as_of) as session:
        found = advise(ground_of(session))
        cluster = session.cluster.name
    worst = min((a.result for a in found), key=_WORST_FIRST.index)
    if as_json:
        document("plan.check", {"cluster": cluster, "result": worst, "checks": _json(found)})
    else:
        table(("check", "result", "found"), list(_rows(found)))
        for text in _advice(found):
            answer(text)
    if worst in _EXIT:
        raise click.exceptions.Exit(_EXIT[worst])


def _json(found: Sequence[Advised]) -> list[dict[str, Any]]:
    keys = ("result", "detail", "advice")
    return [
        {
            "name": a.check.name,
            "rows": list(a.check.rows),
            "about": a.check.about,
            "result": a.result,
            "found": [dict(zip(keys, x, strict=True)) for x in a.found],
        }
        for a in found
    ]


def _rows(found: Sequence[Advised]) -> Iterator[tuple[str, str, str]]:
    for a in found:
        first, *more = [detail for _, detail, _ in a.found] or [a.check.about]
        yield a.check.name, a.result, first
        yield from (("", "", detail) for detail in more)


def _advice(found: Sequence[Advised]) -> Iterator[str]:
    """What to do, one line for each thing found."""
    todo = [(a.check.name, text) for a in found for _, _, text in a.found if text]
    if todo:
        yield ""
        yield "What to do:"
    for name, text in todo:
        yield f"  {name}: {text}"
