"""The loss ledger, from the events: which logs a lossy mount left behind, what they held, and what
became of that.

One pass over the events; the model's own rules say where a log stream stands, so nothing about
behaviour is written here. Must not import the store: it is given events.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ccr_es.record.events import OF_THE_CLUSTER, Recorded
from models.plain.layout import State, Value
from models.plain.reader import Reader

LOSSY = ("mount_lossy", "mount_forced", "mount_overdue", "mount_restored", "restore_lcr")
ROWS = ("copy.", "transport", "queue.", "hub.", "intake.", "request.", "local.", "outbox.")
Stream = tuple[str, str, int, str]
"""Node or server, storage group (SERVER/SG for a server's), lineage and who forked it."""


@dataclass(frozen=True)
class Written:
    """Something in a log. `kind` is mail, draft, property, outgoing or records; `id` names mail."""

    generation: int
    kind: str
    id: str
    count: int
    event: int


@dataclass(frozen=True)
class Mount:
    """A mount that left something behind, or may have: of `node`, forked after log `fork`."""

    event: int
    time: int
    rule: str
    node: str
    group: str
    fork: int
    parent: tuple[int, str]
    lineage: int
    """The epoch of the failover, which names the new stream."""
    known: int


@dataclass
class Ledger:
    """What the events say of losses. Feed it with `take`, in order."""

    reader: Reader
    state: State
    written: dict[Stream, list[Written]] = field(default_factory=dict)
    mounts: list[Mount] = field(default_factory=list)
    counted: dict[tuple[str, str], int] = field(default_factory=dict)
    """Event of the newest LossCounted, by node and storage group."""
    deliveries: dict[str, list[int]] = field(default_factory=dict)
    dropped: list[tuple[int, str, str, int]] = field(default_factory=list)
    """Event, storage group, mail and messages."""
    unkept: dict[str, str] = field(default_factory=dict)
    """Why the hub did not keep mail when it was last delivered."""

    def take(self, events: Iterable[Recorded]) -> Ledger:
        """Take these events, and give back this ledger."""
        for recorded in events:
            event = recorded.event
            if event.event in OF_THE_CLUSTER or not event.row.startswith(ROWS):
                continue
            self.reader.fill(self.state)
            changes = self.reader.changes(self.state, event.step)
            self._note(event.number, event.step.rule, event.step.args)
            self.state.update(changes)
            if event.step.rule in LOSSY:
                self._mounted(event.number, event.time, event.step.rule, event.step.args)
        return self

    def later(self, number: int, rule: str, args: dict[str, Value]) -> None:
        """What a step tells of mail that is in the ledger already, or of what was counted."""
        if rule in ("deliver_mail", "deliver_post"):
            self.unkept.pop(str(args["m"]), None)
            self.deliveries.setdefault(str(args["m"]), []).append(number)
        elif rule in ("drop_duplicate", "drop_post_duplicate"):
            group = _place(args)[1]
            self.dropped.append((number, group, str(args["m"]), int(args["count"])))
        elif rule in ("pass_mail_on", "pass_post_on"):
            self.unkept[str(args["m"])] = self._why(int(args["size"]), args)
        elif rule == "count_loss":
            self.counted[str(args["n"]), str(args["g"])] = number

    def _note(self, number: int, rule: str, args: dict[str, Value]) -> None:
        """What a step writes, before it is applied."""
        self.later(number, rule, args)
        if rule in ("deliver_mail", "deliver_post"):
            mail = str(args["m"])
            row = f"mail.{mail}" if rule == "deliver_mail" else f"post.{mail}"
            self._write(args, "mail", mail, int(self.state[f"{row}.count"]), number)
        elif rule == "save_items":
            self._write(args, str(args["item"]).lower(), "", int(args["records"]), number)
        elif rule in ("write_records", "write_local"):
            self._write(args, "records", "", int(args["records"]), number)

    def _why(self, size: int, args: dict[str, Value]) -> str:
        if "v" in args and self.state[f"local.{args['v']}.{args['k']}.lcr"] == "OFF":
            return "its recipients' mailboxes have no local copy"
        limit, age = self.state["transport.size_max"], self.state["transport.age_max"]
        if not self.reader.layout.parameters["dumpster_eligible"]:
            return "its recipients' mailboxes are not eligible"
        if not limit or not age:
            return "the dumpster is disabled"
        return f"larger than the limit of {limit} bytes" if size > int(limit) else "it was not kept"

    def _write(self, args: dict[str, Value], kind: str, name: str, count: int, number: int) -> None:
        node, group, row = _place(args)
        top = int(self.state[f"{row}.top"])
        stream = (node, group, int(self.state[f"{row}.lineage"]), self._by(row, "lineage_by"))
        found = Written(top + 1, kind, name, count, number)
        self.written.setdefault(stream, []).append(found)

    def _by(self, row: str, name: str) -> str:
        """Who forked a stream; nobody for a server's, which has no epochs."""
        return str(self.state[f"{row}.{name}"]) if row.startswith("copy.") else ""

    def _mounted(self, number: int, time: int, rule: str, args: dict[str, Value]) -> None:
        node, group, row = _place(args)
        if rule == "restore_lcr" and not (
            self.state[f"{row}.lost"] or self.state[f"{row}.lost_open"]
        ):
            return
        lineage = int(self.state[f"{row}.lineage"])
        parent = int(self.state[f"{row}.parent"]) if row.startswith("copy.") else lineage - 1
        self.mounts.append(
            Mount(
                number, time, rule, node, group, int(self.state[f"{row}.fork"]),
                (parent, self._by(row, "parent_by")), lineage, int(self.state[f"{row}.lost"]),
            )
        )  # fmt: skip

    def left_behind(self, mount: Mount) -> list[Written]:
        """What lies in logs of the stream that `mount` forked from, on the other node, after the
        last log that came over, or on a server's lost disks; written before the mount or, by a node
        that did not know, later.
        """
        found = []
        for (node, group, *lineage), entries in self.written.items():
            other = (node != mount.node) != ("/" in group)
            if group == mount.group and other and tuple(lineage) == mount.parent:
                found += [x for x in entries if x.generation > mount.fork]
        return sorted(found, key=lambda x: x.event)

    def again(self, mail: str, after: int) -> int | None:
        """The event of the next delivery of mail after event `after`; None if there was none."""
        return next((e for e in self.deliveries.get(mail, ()) if e > after), None)

    def duplicates(self, mount: Mount) -> int:
        """Messages dropped as duplicates between this mount and the next one of its group."""
        ends = [x.event for x in self.mounts if x.group == mount.group and x.event > mount.event]
        end = min(ends, default=None)
        return sum(
            count
            for event, group, _, count in self.dropped
            if group == mount.group and event > mount.event and (end is None or event < end)
        )


def _place(args: dict[str, Value]) -> tuple[str, str, str]:
    """Node, storage group and row of the copy that a step is about; of a server outside the
    cluster: the server, SERVER/SG and the row there.
    """
    if "v" in args:
        server, name = str(args["v"]), str(args.get("k", args.get("h")))
        return server, f"{server}/{name}", f"local.{server}.{name}"
    node, group = str(args["n"]), str(args["g"])
    return node, group, f"copy.{node}.{group}"
