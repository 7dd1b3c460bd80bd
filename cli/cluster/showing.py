"""What the reading commands show of a state: the cluster, the witness, the CMS, the copies.

Each answer is built once, as the `--json` document; the tables print the same facts. Sits above
`session` and `views`.
"""

from __future__ import annotations

from textwrap import wrap
from typing import Any

from ccr_es.cluster.cluster import Cluster
from ccr_es.errors import PointNotFound
from ccr_es.store.store import Store
from cli.cluster.waysback import pointer
from cli.frame.base import settings
from cli.frame.output import answer, clock, document, strong, table, tint
from cli.health.foresight import Outlook, line
from cli.health.healing import foreseen
from cli.network.hosts import host_names
from cli.places.siting import lines_json, site_tables, sites_json
from cli.session import views
from cli.session.session import Session, reading
from cli.standby import standbystate
from models.ccr.model import CCR

_POSITIONS = ("generated", "copied", "inspected", "replayed")
"""Positions of the log pipeline, as columns; `notified` is in `--json`."""


def cluster_document(session: Session, ahead: list[Outlook]) -> dict[str, Any]:
    """Everything `ccr cluster show --json` has; `ahead` is the next failure."""
    lens, state, fold = session.lens, session.state, session.fold
    serving = lens.serving(state)
    status, host = lens.cms(state)
    return {
        "cluster": session.cluster.name,
        "event": fold.number,
        "time": fold.time,
        "serving": serving[0] if serving else None,
        "serving_nodes": serving,
        "controller": lens.controller(state),
        "cms": {"state": status, "host": host, "stopped": lens.intent_stopped(state)},
        "nodes": views.nodes(lens, state),
        "networks": views.networks(lens, state),
        "sites": sites_json(session),
        "lines": lines_json(session),
        "witness": {"path": session.created.witness, **views.witness(lens, state)},
        "storage_groups": views.storage_groups(lens, state),
        "warnings": [
            *views.warnings(lens, state),
            *standbystate.warnings(lens, state),
            *pointer(session.stand),
        ],
        "next_failure": [o.json for o in ahead],
    }


def show_cluster(as_of: str | None, as_json: bool) -> None:
    """`ccr cluster show`."""
    with reading(as_of) as session:
        ahead = foreseen(session)
        body = cluster_document(session, ahead)
    if as_json:
        document("cluster", body)
        return
    answer(strong(f"Cluster {body['cluster']}") + f"  event {body['event']}, {clock(body['time'])}")
    answer(f"  serving     {' and '.join(body['serving_nodes']) or 'nobody'}")
    answer(f"  controller  {body['controller'] or 'nobody'}")
    answer(f"  CMS         {_cms(body)}")
    answer()
    table(
        ("node", "power", "cluster", "role", "votes", "epoch"),
        [
            (n, _power(x), x["cluster"], x["role"], x["votes"], x["epoch"])
            for n, x in body["nodes"].items()
        ],
    )
    answer()
    table(
        ("network", "state", "role", "lost from"),
        [(w, _network(x), x["role"], _lost(x)) for w, x in body["networks"].items()],
    )
    answer()
    _witness_table(body["witness"])
    if body["sites"]:
        answer()
        site_tables(body["sites"], body["lines"])
    answer()
    _groups_table(body["storage_groups"])
    if body["warnings"]:
        answer()
    for warning in body["warnings"]:
        answer(f"! {warning}")
    answer()
    _next_failure(ahead)


def _next_failure(ahead: list[Outlook]) -> None:
    """What each single further fault would do, on a line that goes on below itself."""
    head = "next failure  "
    text = wrap(line(ahead) or "nothing is left to fail", 79 - len(head))
    answer(strong(head) + f"\n{'':{len(head)}}".join(text))


def _cms(body: dict[str, Any]) -> str:
    cms = body["cms"]
    where = f" on {cms['host']}" if cms["host"] else ""
    intent = ", stopped by intent" if cms["stopped"] else ""
    return f"{tint(cms['state'])}{where}{intent}"


def _power(node: dict[str, Any]) -> str:
    if not node["up"]:
        return "down"
    return "frozen" if node["frozen"] else "paused" if node["paused"] else "up"


def _network(network: dict[str, Any]) -> str:
    ways = set(network["carries"].values())
    return "up" if ways == {True} else "cut" if ways == {False} else "one-way"


def _lost(network: dict[str, Any]) -> str:
    return ", ".join(n for n, carried in network["carries"].items() if not carried)


def _witness_table(body: dict[str, Any]) -> None:
    reach = ", ".join(n for n, ok in body["reach"].items() if ok) or "nobody"
    board = (
        f"{body['controller'] or 'nobody'}, epoch {body['epoch']}" if body["recorded"] else "wiped"
    )
    table(
        ("witness", "state", "reached by", "lock", "note board"),
        [
            (
                body["path"] or "-",
                "up" if body["up"] else "down",
                reach,
                body["holder"] or "free",
                board,
            )
        ],
    )


def _groups_table(groups: dict[str, dict[str, Any]]) -> None:
    table(
        ("group", "mounted", "copy", "status", *_POSITIONS, "lost"),
        [
            (
                g, x["mounted_on"] or "no", x["target"], x["status"], x["generated"], x["copied"],
                x["inspected"], x["replayed"], views.loss(x),
            )
            for g, x in groups.items()
        ],
    )  # fmt: skip


def list_clusters(as_of: str | None, as_json: bool) -> None:
    """`ccr cluster list`; as of a point, those that had got there."""
    with Store.open(settings().store) as store:
        counts = {name: _count(store, name, as_of) for name in store.clusters()}
    found = [{"cluster": name, "events": n} for name, n in counts.items() if n]
    if as_json:
        document("clusters", {"clusters": found})
    else:
        table(("cluster", "events"), [(x["cluster"], x["events"]) for x in found])


def _count(store: Store, name: str, as_of: str | None) -> int:
    if as_of is None:
        return store.head(name).number
    try:
        return Cluster.open(store, name, CCR).number(as_of)
    except PointNotFound:
        return 0


def show_witness(as_of: str | None, as_json: bool) -> None:
    """`ccr witness show`."""
    with reading(as_of) as session:
        body = {"path": session.created.witness, **views.witness(session.lens, session.state)}
        checks = {n: bool(session.state[f"node.{n}.share_seen"]) for n in session.lens.nodes}
    if as_json:
        document("witness", {**body, "check_passed": checks})
        return
    _witness_table(body)
    answer()
    table(
        ("node", "newest access check"),
        [(n, "passed" if ok else "failed") for n, ok in checks.items()],
    )


def show_cms(as_of: str | None, as_json: bool) -> None:
    """`ccr cms status`."""
    with reading(as_of) as session:
        lens, state = session.lens, session.state
        status, host = lens.cms(state)
        body: dict[str, Any] = {
            "identity": session.cluster.name,
            "state": status,
            "host": host,
            "stopped": lens.intent_stopped(state),
            "machines": {n: x["role"] for n, x in views.nodes(lens, state).items() if x["up"]},
            "quorum_owner": lens.controller(state),
            "dismounted": [
                g for g, x in views.storage_groups(lens, state).items() if not x["mounted_on"]
            ],
            **host_names(lens, state),
        }
    if as_json:
        document("cms", body)
        return
    marks = [
        n
        + (" <Active>" if r == "active" else "")
        + (" <Quorum Owner>" if n == body["quorum_owner"] else "")
        for n, r in body["machines"].items()
    ]
    answer(f"Identity             {body['identity']}")
    answer(f"State                {tint(status)}{', stopped by intent' if body['stopped'] else ''}")
    answer(f"OperationalMachines  {', '.join(marks) or 'none'}")
    answer(f"FailedResources      {', '.join(body['dismounted']) or 'none'}")
    for kind in ("Operational", "Failed", "InUse"):
        names = body[f"{kind[0].lower()}{kind[1:]}ReplicationHostNames"]
        answer(f"{kind}ReplicationHostNames".ljust(33) + (", ".join(names) or "none"))
