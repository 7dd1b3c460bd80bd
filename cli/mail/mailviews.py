"""Mail in plain states: the lots there are, what each hub keeps of them, what is asked of it.

The definitions are the model's phrases, compiled once and filled in for each lot. Sits above
`session`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cli.frame.errors import UnknownMember
from cli.frame.output import clock
from cli.session.session import Seen, Session
from models.ccr import phrases_mail
from models.ccr.vocabulary import Group
from models.ccr.vocabulary_lcr import Local, Server
from models.ccr.vocabulary_mail import Hub, Mail
from models.language.terms import Term
from models.plain.layout import State
from models.plain.openly import Function, values

_OWN = {"h": Hub, "g": Group, "m": Mail}
_FAR = {"h": Hub, "v": Server, "k": Local, "m": Mail}
_PHRASES = {"kept": _OWN, "waits": _OWN, "kept_post": _FAR, "waits_post": _FAR}


def queue_row(hub: str, group: str) -> str:
    """The row of a hub's queue for a storage group, written SERVER/SG if it is a server's."""
    server, slash, name = group.partition("/")
    return f"outbox.{hub}.{server}.{name}" if slash else f"queue.{hub}.{group}"


def lot_row(state: State, lot: str) -> str:
    """The row of a lot of mail: `mail`, or `post` for a server outside the cluster."""
    return f"post.{lot}" if state.get(f"post.{lot}.stage", "NONE") != "NONE" else f"mail.{lot}"


def addressee(state: State, row: str) -> str:
    """The storage group of a lot's recipients; SERVER/SG if it is a server's."""
    if row.startswith("post."):
        return f"{state[f'{row}.server']}/{state[f'{row}.place']}"
    return str(state[f"{row}.group"])


def far_groups(session: Seen) -> list[str]:
    """SERVER/SG of every storage group outside the cluster that a hub had mail or a request for."""
    found: dict[str, None] = {}
    outside = session.reader.layout.members(Server)
    for key, value in session.state.items() if outside else ():
        if key.startswith("outbox.") and key.endswith((".submitted", ".round")) and value:
            _, _, server, name, _ = key.split(".")
            found[f"{server}/{name}"] = None
    return list(found)


@dataclass(frozen=True)
class Lot:
    """One lot of messages as a state has it. `size` is bytes in all; `delivered` is ms since the
    cluster was created.
    """

    id: str
    hub: str
    group: str
    count: int
    size: int
    stage: str
    delivered: int
    kept: bool
    waits: bool

    @property
    def place(self) -> str:
        """Where it is, in words."""
        if self.stage == "QUEUED":
            return "queued"
        if self.waits:
            return "to be redelivered"
        return "in the dumpster" if self.kept else "delivered"


class Mailroom:
    """The mail of one session's state."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.layout = session.reader.layout
        self._code: dict[str, Function] = {}

    def _asked(self, name: str) -> Function:
        """A phrase, compiled when it is first asked: an older model may lack what it is about."""
        found = self._code.get(name)
        if found is None:
            args = [Term("arg", sort, value=n) for n, sort in _PHRASES[name].items()]
            term = getattr(phrases_mail, name)(self.session.reader.model.state, *args)
            found = self._code[name] = values(self.layout, [term], tuple(_PHRASES[name]))
        return found

    def _says(self, name: str, state: State, hub: str, group: str, lot: str) -> bool:
        server, slash, place = group.partition("/")
        to = (server, place) if slash else (group,)
        (found,) = self._asked(f"{name}_post" if slash else name)(state, hub, *to, lot) or ("",)
        return bool(found)

    def lots(self) -> Iterator[Lot]:
        """Every lot that was submitted, in the order of submission."""
        state = self.session.state
        for lot in self.layout.members(Mail):
            row = lot_row(state, lot)
            if state.get(f"{row}.stage", "NONE") == "NONE":
                continue
            hub, group = str(state[f"{row}.hub"]), addressee(state, row)
            yield Lot(
                lot, hub, group, int(state[f"{row}.count"]), int(state[f"{row}.bytes"]),
                str(state[f"{row}.stage"]),
                int(state[f"{row}.stamp"]) - int(state[f"hub.{hub}.skew"]),
                self._says("kept", state, hub, group, lot),
                self._says("waits", state, hub, group, lot),
            )  # fmt: skip


def hubs(session: Seen) -> list[str]:
    """The hubs of the site, in order of installation."""
    state = session.state
    return [h for h in session.reader.layout.members(Hub) if state.get(f"hub.{h}.known")]


def hub_named(session: Session, name: str) -> str:
    """`name`, if it is a hub of the site. Raises `UnknownMember`."""
    known = hubs(session)
    if name not in known:
        raise UnknownMember(
            f"cluster {session.cluster.name} has no hub {name}",
            f"It has {', '.join(known)}" if known else f"Add it with: ccr hub add {name}",
        )
    return name


def requests(session: Seen) -> list[dict[str, Any]]:
    """Every redelivery request that was made, the newest per hub and storage group."""
    state = session.state
    life = session.reader.layout.parameters["dumpster_lifetime"] or int(state["transport.age_max"])
    found: list[dict[str, Any]] = []
    for hub in hubs(session):
        asked = [_request(state, hub, g) for g in session.lens.groups]
        asked += [_restore(session, hub, g, life) for g in far_groups(session)]
        for x in asked:
            if x is not None:
                expires = x["recorded"] + life if x["outstanding"] else None
                found.append({**x, "expires": expires, "hub_available": state[f"hub.{hub}.up"]})
    return found


def _request(state: State, hub: str, group: str) -> dict[str, Any] | None:
    """What a lossy mount asked of a hub."""
    row = f"request.{hub}.{group}"
    if not state[f"{row}.lineage"]:
        return None
    accepted = state[f"queue.{hub}.{group}.asked"] == state[f"{row}.lineage"]
    outstanding = bool(state[f"{row}.outstanding"])
    over = "acknowledged" if accepted else "expired"
    return {
        "hub": hub, "storage_group": group, "outstanding": outstanding,
        "state": "outstanding" if outstanding else over,
        "since": int(state[f"{row}.since"]), "until": int(state[f"{row}.until"]),
        "recorded": int(state[f"{row}.recorded_at"]),
    }  # fmt: skip


def _restore(session: Seen, hub: str, group: str, life: int) -> dict[str, Any] | None:
    """What the restore of a server's storage group to its local copy asked of a hub."""
    state, slack = session.state, session.reader.layout.parameters["dumpster_slack"]
    row = f"local.{group.replace('/', '.')}"
    recorded = int(state[f"{row}.request_to"])
    if recorded < 0:
        return None
    accepted = state[f"{queue_row(hub, group)}.asked"] == state[f"{row}.lineage"]
    late = session.fold.time - recorded >= life
    return {
        "hub": hub, "storage_group": group, "outstanding": not accepted and not late,
        "state": "acknowledged" if accepted else "expired" if late else "outstanding",
        "since": int(state[f"{row}.request_from"]) - slack, "until": recorded + slack,
        "recorded": recorded,
    }  # fmt: skip


def held(session: Session, group: str | None = None) -> list[dict[str, Any]]:
    """Per hub and storage group what its dumpster holds: the loss window that it covers (S-139)."""
    state, room = session.state, Mailroom(session)
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for hub in hubs(session):
        for g in (*session.lens.groups, *far_groups(session)) if group is None else (group,):
            rows[hub, g] = {
                "hub": hub, "storage_group": g, "messages": 0, "bytes": 0, "oldest": None,
                "queued": 0, "resubmitted": 0,
                "evicted_bytes": int(state[f"{queue_row(hub, g)}.floor"]),
            }  # fmt: skip
    for lot in room.lots():
        row = rows.get((lot.hub, lot.group))
        if row is None:
            continue
        if lot.stage == "QUEUED":
            row["queued"] += lot.count
        elif lot.kept:
            row["messages"] += lot.count
            row["bytes"] += lot.size
            row["resubmitted"] += lot.count if lot.waits else 0
            row["oldest"] = (
                lot.delivered if row["oldest"] is None else min(row["oldest"], lot.delivered)
            )
    return list(rows.values())


def dumpster_fields(session: Session, group: str, *, statistics: bool) -> dict[str, list[str]]:
    """What Get-StorageGroupCopyStatus says of the dumpster: outstanding requests with their window,
    hubs that could not be asked and, with the switch, what each hub holds. Nothing without a hub.
    """
    if not hubs(session):
        return {}
    asked = [r for r in requests(session) if r["storage_group"] == group and r["outstanding"]]
    found = {
        "OutstandingDumpsterRequests": [
            f"{r['hub']} {clock(max(r['since'], 0))} to {clock(r['until'])}" for r in asked
        ],
        "DumpsterServersNotAvailable": [r["hub"] for r in asked if not r["hub_available"]],
    }
    if statistics:
        found["DumpsterStatistics"] = [
            f"{r['hub']}: {r['messages']} messages, {r['bytes']} bytes"
            + (f", oldest {clock(r['oldest'])}" if r["oldest"] is not None else "")
            for r in held(session, group)
        ]
    return found
