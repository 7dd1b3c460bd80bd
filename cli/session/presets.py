"""Named sets of parameters for `ccr cluster create --preset`, `--release` and `ccr verify
--preset`.

The defaults of the model are Exchange 2007 SP1 with timers that satisfy the two inequalities of the
proof. The Windows sets are what was shipped; they do not, and `ccr verify --preset` shows the run
in which two nodes serve. Imports nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping

DIALS: Mapping[str, int] = {"lossless": 0, "good": 3, "best": 6}
"""AutoDatabaseMountDial: lost closed logs with which a database still mounts by itself."""

IDLE_MS = 900_000
"""Ms that, divided by the depth of lost log resilience, let an idle log be closed (T2)."""

PRESETS: Mapping[str, Mapping[str, int]] = {
    "sp1": {},
    "rtm": {
        "redundant_networks": 0,
        "llr_depth": 7,
        "log_roll_idle": IDLE_MS // 7,
        "flush_time": 120_000,
        "move_patience": 300_000,
        "cache_time": 100,
        "dumpster_lifetime": 604_800_000,
    },
    "windows2003": {"heartbeat_interval": 1_200, "peer_limit": 7_200, "head_start": 4_000},
    "windows2008": {"heartbeat_interval": 1_000, "peer_limit": 5_000, "head_start": 6_000},
}
"""`rtm` is with the default mount dial; `release` fits it to another one. Its flush makes a
scheduled outage 2 minutes longer than a failover (S-025 to S-027); its cache costs a batch of one
log three times the work of replaying it (S-163).
"""

RELEASES = ("sp1", "rtm")


def release(name: str, dial: int | None) -> dict[str, int]:
    """The parameters of a release of Exchange 2007 with a mount dial (None: the default).

    SP1 holds back 10 logs whatever the dial; RTM one more than the dial tolerates, the open one
    (T2).
    """
    found = dict(PRESETS[name])
    if name == "rtm" and dial is not None:
        found["llr_depth"] = dial + 1
        found["log_roll_idle"] = IDLE_MS // (dial + 1)
    return found


def release_of(parameters: Mapping[str, int]) -> str:
    """Which release a cluster with these parameters is: RTM has no redundant networks."""
    return "sp1" if parameters["redundant_networks"] else "rtm"
