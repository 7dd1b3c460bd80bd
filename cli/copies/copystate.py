"""The status of a storage group copy: independent flags, and the one summary word that they make.

Pure functions of a plain state. The order in which one flag outranks another is written once, here.
Sits above `models`, below `views`.
"""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

from models.plain.layout import State

PRECEDENCE = (
    "NotSupported",
    "NotConfigured",
    "Disabled",
    "ServiceDown",
    "Seeding",
    "Suspended",
    "Failed",
    "Initializing",
    "Synchronizing",
)
"""The first of these flags that is set is the summary; none: Healthy."""

SP1_STATES = ("ServiceDown", "Initializing", "Synchronizing")
"""States that RTM tools do not know; they show each as Failed (S-148)."""

_WORDS = {
    "NONE": "",
    "DIVERGED": "it holds logs or records that the newer stream never had, and they may be in its"
    " database file; a full reseed is required",
    "SEED_INTERRUPTED": "seeding was interrupted; the partial database was discarded",
}


def flags(state: State, node: str, group: str, *, reachable: bool, leads: bool) -> dict[str, bool]:
    """Every flag of the copy on `node`; only ServiceDown if whoever asks cannot reach its service.

    `leads`: this copy is the source, which is no passive copy and has none of a passive one's
    flags. A copy that was active, and has not compared itself with the newer stream, initializes.
    """
    found = dict.fromkeys(PRECEDENCE, False)
    if not reachable:
        return {**found, "ServiceDown": True}
    copy = f"copy.{node}.{group}"
    role = str(state[f"{copy}.state"])
    joining = state[f"node.{node}.view"] == "SEEKING"
    comparing = role == "HEALTHY" and bool(state[f"{copy}.checking"])
    found["Failed"] = role == "FAILED" or state[f"{copy}.trouble"] != "NONE"
    found["Seeding"] = role == "SEEDING"
    found["Suspended"] = bool(state[f"{copy}.suspended"])
    found["Synchronizing"] = role == "SYNCHRONIZING"
    found["Initializing"] = (
        joining or comparing or role == "INITIALIZING" or (role == "ACTIVE" and not leads)
    )
    return found


def summary(found: dict[str, bool], tools: str = "sp1") -> str:
    """SummaryCopyStatus: the first flag that is set; RTM tools show states of SP1 as Failed."""
    word = next((name for name in PRECEDENCE if found[name]), "Healthy")
    return "Failed" if tools == "rtm" and word in SP1_STATES else word


def failed_message(state: State, node: str, group: str, base: int) -> str:
    """Why the copy is Failed, with the file at fault; empty if it is not."""
    copy = f"copy.{node}.{group}"
    trouble = str(state[f"{copy}.trouble"])
    after_inspected = log_file(base, int(state[f"{copy}.top"]) + 1)
    after_replayed = log_file(base, int(state[f"{copy}.replayed"]) + 1)
    if trouble == "INSPECTION_FAILED":
        times = state[f"{copy}.attempts"]
        return f"{after_inspected} failed inspection {times} times; it is not tried again"
    if trouble == "LOG_MISSING":
        return f"{after_inspected} is missing at the source"
    if trouble == "REPLAY_FAILED":
        return f"{after_replayed} passed inspection and cannot be replayed"
    return _WORDS[trouble]


def log_file(base: int, generation: int) -> str:
    """The name of a closed log: its stream's base, and the generation in eight hex digits.

    Generation 161 of the first storage group is E00000000A1.log. The open log is `E00.log`.
    """
    return f"E{base:02X}{generation:08X}.log"


def share(cluster: str, group: str, node: str) -> str:
    """The share of a storage group's log folder on a node: its GUID and a dollar sign (S-087)."""
    return rf"\\{node}\{uuid5(NAMESPACE_URL, f'{cluster}/{group}')}$"


def seeding_finished(state: State, node: str, group: str, seed_time: int) -> int:
    """Seeding Finished %, 0 to 99, of the seed that runs and takes `seed_time` ms in all."""
    passed = int(state["clock.now"]) - int(state[f"copy.{node}.{group}.seed_from"])
    return min(99, passed * 100 // max(1, seed_time))
