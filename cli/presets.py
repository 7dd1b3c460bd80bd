"""Named sets of parameters for `ccr cluster create --preset` and `ccr verify --preset`. Data only.

The defaults of the model are Exchange 2007 SP1 with timers that satisfy the two inequalities of the
proof. The Windows sets are what was shipped; they do not, and `ccr verify --preset` shows the run
in which two nodes serve.
"""

from __future__ import annotations

from collections.abc import Mapping

DIALS: Mapping[str, int] = {"lossless": 0, "good": 3, "best": 6}
"""AutoDatabaseMountDial: lost closed logs with which a database still mounts by itself."""

PRESETS: Mapping[str, Mapping[str, int]] = {
    "sp1": {},
    "rtm": {"log_roll_idle": 128_571, "redundant_networks": 0},
    "windows2003": {"heartbeat_interval": 1_200, "peer_limit": 7_200, "head_start": 4_000},
    "windows2008": {"heartbeat_interval": 1_000, "peer_limit": 5_000, "head_start": 6_000},
}
