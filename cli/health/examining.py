"""The eleven tests of Test-ReplicationHealth, as pure functions of a plain state (S-150 to S-161).

A test yields what it finds wrong, as (WARN or FAIL, what and where); nothing found is a pass. The
six tests of the cluster are run for CCR only; the others for any server with continuous
replication. Must not import an engine other than the plain reader. Sits above `views`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cli.health.examining_copies import findings
from cli.session import views
from cli.session.views import Lens
from models.ccr import phrases
from models.plain.layout import State

PASS, WARN, FAIL, SKIP = "pass", "warn", "fail", "skip"
QUEUE_WARN, QUEUE_FAIL = 3, 6
"""Logs in the copy queue from which a test warns, and fails (S-160)."""

KINDS = ("ccr", "lcr", "scr")
"""What a server replicates by: a cluster, to itself, or to a standby."""

Found = Iterator[tuple[str, str]]


@dataclass(frozen=True)
class Check:
    """One test: its name in Exchange's output, the row of the source, and what it looks at."""

    name: str
    row: str
    about: str
    find: Callable[[Lens, State], Found]
    ccr_only: bool = False


@dataclass(frozen=True)
class Result:
    """What a test says: pass, warn, fail or skip, and why."""

    check: Check
    result: str
    detail: str


def examine(lens: Lens, state: State, kind: str = "ccr") -> list[Result]:
    """Every test's result, in Exchange's order."""
    return [_judged(check, lens, state, kind) for check in CHECKS]


def worst(results: list[Result]) -> str:
    """The worst of the results; a skipped test counts for nothing."""
    return max((r.result for r in results), key=(SKIP, PASS, WARN, FAIL).index, default=PASS)


def _judged(check: Check, lens: Lens, state: State, kind: str) -> Result:
    if check.ccr_only and kind != "ccr":
        return Result(check, SKIP, "for a cluster (CCR) only")
    found = list(check.find(lens, state) if kind == "ccr" else _outside(check, lens, state, kind))
    level = max((level for level, _ in found), key=(WARN, FAIL).index, default=PASS)
    return Result(check, level, "; ".join(text for _, text in found))


def _outside(check: Check, lens: Lens, state: State, kind: str) -> Found:
    """The same test on standby or local copies; no failover dismounts their databases."""
    for fails, text in findings(check.name, kind, lens, state, (QUEUE_WARN, QUEUE_FAIL)):
        yield FAIL if fails else WARN, text


def _up(lens: Lens, state: State) -> list[str]:
    return [n for n in lens.nodes if lens.says(phrases.alive, state, n)]


def _networks(lens: Lens, state: State) -> Found:
    for w in lens.networks:
        lost = [n for n in _up(lens, state) if not state[f"network.{w}.carries.{n}"]]
        if lost:
            yield FAIL, f"{w} loses what {' and '.join(lost)} send{'s' * (len(lost) == 1)}"


def _quorum(lens: Lens, state: State) -> Found:
    if not any(_majority(lens, state, n) for n in lens.nodes):
        yield FAIL, "no node has a majority: the quorum group is not online"
    for n in lens.nodes:
        if lens.says(phrases.alive, state, n) and state[f"node.{n}.view"] == "FORCED":
            yield WARN, f"{n} runs on a forced quorum that the note board does not hold yet"


def _majority(lens: Lens, state: State, node: str) -> bool:
    if not lens.says(phrases.alive, state, node):
        return False
    view = state[f"node.{node}.view"]
    return view == "FORCED" or (
        view in ("JOINED", "LOST", "ALONE") and lens.says(phrases.leased, state, node)
    )


def _share(lens: Lens, state: State) -> Found:
    for n in _up(lens, state):
        if not lens.says(phrases.reaches_share, state, n):
            yield FAIL, f"{n} cannot reach the file share witness"


def _cms(lens: Lens, state: State) -> Found:
    status, _ = lens.cms(state)
    if status == "PartiallyOnline":
        away = [g for g in lens.groups if lens.mounted_on(state, g) is None]
        yield FAIL, f"{' and '.join(away)} not mounted"
    elif status != "Online":
        why = ", stopped by intent" if lens.intent_stopped(state) else ""
        yield FAIL, f"the clustered mailbox server is {status}{why}"


def _paused(lens: Lens, state: State) -> Found:
    for n in lens.nodes:
        if state[f"node.{n}.paused"]:
            yield FAIL, f"{n} is paused"


def _dns(lens: Lens, state: State) -> Found:
    for w in lens.networks:
        for n in _up(lens, state):
            if state[f"interface.{w}.public"] and not state[f"interface.{w}.registered.{n}"]:
                yield FAIL, f"the adapter of {n} on {w} is not registered in DNS"


def _service(lens: Lens, state: State) -> Found:
    for n in lens.nodes:
        if n not in _up(lens, state) or state[f"node.{n}.view"] == "STOPPED":
            yield FAIL, f"the Replication service on {n} does not answer"


def _status_is(word: str) -> Callable[[Lens, State], Found]:
    def find(lens: Lens, state: State) -> Found:
        for g, copy in views.storage_groups(lens, state).items():
            if word in copy["status"]:
                yield FAIL, f"the copy of {g} on {copy['target']} is {word.lower()}"

    return find


def _queue(lens: Lens, state: State) -> Found:
    for g, copy in views.storage_groups(lens, state).items():
        logs = copy["copy_queue"]
        if logs >= QUEUE_WARN:
            level = FAIL if logs >= QUEUE_FAIL else WARN
            yield level, f"{logs} logs of {g} wait to be inspected on {copy['target']}"


def _dismounted(lens: Lens, state: State) -> Found:
    for g in lens.groups:
        node = failed_over(lens, state, g)
        if node is not None:
            queue = int(state[f"copy.{node}.{g}.notified"]) - int(state[f"copy.{node}.{g}.top"])
            behind = f", which lacks {queue} logs" if queue > 0 else ""
            yield FAIL, f"{g} was mounted on {lens.peer(node)} until the failover to {node}{behind}"


def failed_over(lens: Lens, state: State, group: str) -> str | None:
    """The node that a failover brought the CMS to without mounting `group`, which was mounted
    before; None if there is none.

    A database that was not mounted when the CMS left, or that was mounted here since, is dismounted
    for another cause (S-161).
    """
    node = lens.controller(state)
    if node is None or state[f"node.{node}.cms"] != "ONLINE":
        return None
    if lens.mounted_on(state, group) is not None or state[f"node.{node}.taken"] != "FAILOVER":
        return None
    there = f"copy.{lens.peer(node)}.{group}"
    in_last_run = state[f"{there}.mounted_run"] == state[f"node.{lens.peer(node)}.run"]
    newest = int(state[f"{there}.active_epoch"]) > int(state[f"copy.{node}.{group}.active_epoch"])
    return node if newest and in_last_run else None


CHECKS = (
    Check("ClusterNetwork", "S-150", "every cluster network runs", _networks, True),
    Check("QuorumGroup", "S-151", "the quorum group is healthy", _quorum, True),
    Check("FileShareQuorum", "S-152", "the file share witness is reachable", _share, True),
    Check("CmsGroup", "S-153", "every resource of the CMS is online", _cms, True),
    Check("NodePaused", "S-154", "no node is paused", _paused, True),
    Check("DnsRegistrationStatus", "S-155", "the public adapters are registered", _dns, True),
    Check("ReplayService", "S-156", "the Replication service answers", _service),
    Check("SGCopySuspended", "S-157", "no copy is suspended", _status_is("Suspended")),
    Check("SGCopyFailed", "S-158", "no copy is failed", _status_is("Failed")),
    Check("SGCopyQueueLength", "S-159", "the copy queues are short", _queue),
    Check("DBMountedFailover", "S-161", "no database is dismounted by a failover", _dismounted),
)  # fmt: skip
"""In the order of the source."""
