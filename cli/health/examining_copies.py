"""The tests of Test-ReplicationHealth for copies that are no part of a cluster: standby copies
(SCR) and local ones (LCR).

Pure functions of a plain state. Sits below `examining`, above `standbystate` and `localstate`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cli.session.views import Lens
from cli.standby import localstate, standbystate
from models.plain.layout import State


@dataclass(frozen=True)
class Copy:
    """A copy outside the cluster: what to call it, its status, and its copy queue in logs."""

    name: str
    status: str
    queue: int


def copies(kind: str, lens: Lens, state: State) -> Iterator[Copy]:
    """Every enabled copy of a kind, `scr` or `lcr`. An activated one replicates no more."""
    if kind == "scr":
        for target, group in standbystate.held(state):
            found = standbystate.copy(lens, state, target, group)
            if found["status"] not in ("Mounted", "Restored"):
                name = f"the standby copy of {group} at {target}"
                yield Copy(name, found["status"], found["copy_queue"] or 0)
        for target, server, group in standbystate.remotes(state):
            found = standbystate.remote(lens, state, target, server, group)
            if found["status"] not in ("Mounted", "Restored"):
                name = f"the standby copy of {group} of {server} at {target}"
                yield Copy(name, found["status"], found["copy_queue"] or 0)
        return
    for server, group in localstate.held(state):
        here = localstate.copy(state, server, group)
        if here["status"] != "Disabled":
            name = f"the local copy of {group} on {server}"
            yield Copy(name, here["status"], here["copy_queue"] or 0)


def findings(
    test: str, kind: str, lens: Lens, state: State, limits: tuple[int, int]
) -> Iterator[tuple[bool, str]]:
    """What a test finds wrong: whether it fails (or warns), and the words. `limits` are the queues
    from which it warns and fails.
    """
    words = {"ReplayService": "ServiceDown", "SGCopySuspended": "Suspended"}
    words["SGCopyFailed"] = "Failed"
    for copy in copies(kind, lens, state):
        if test == "SGCopyQueueLength" and copy.queue >= limits[0]:
            yield copy.queue >= limits[1], f"{copy.queue} logs wait to be inspected: {copy.name}"
        if words.get(test) == copy.status == "ServiceDown":
            yield True, f"the server of {copy.name} does not answer"
        elif words.get(test) == copy.status:
            yield True, f"{copy.name} is {copy.status.lower()}"
