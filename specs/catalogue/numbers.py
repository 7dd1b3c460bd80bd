"""The defaults of the parameters, and the row that each is from: what a default is held against.

Written down apart from the vocabulary on purpose. "design" is a decision where the source document
has no number.
"""

from __future__ import annotations

NUMBERS = {
    "heartbeat_interval": (1_000, "T6"),
    "peer_limit": (5_000, "T6"),
    "arbitration_max": (3_000, "design"),
    "claim_defer": (3_000, "Q4"),
    "head_start": (10_000, "Q6"),
    "lock_lease": (6_000, "design"),
    "lock_renew": (2_000, "design"),
    "share_expiry": (10_000, "Q6"),
    "witness_check": (240_000, "S-065"),
    "log_roll_idle": (90_000, "T2"),
    "log_capacity": (100, "S-078"),
    "copy_time": (100, "design"),
    "inspect_time": (20, "design"),
    "replay_time": (50, "design"),
    "copy_retry": (30_000, "T5"),
    "seed_time": (60_000, "design"),
    "force_step": (1_000_000, "D-16"),
    "dial": (6, "S-125"),
    "move_queue_max": (5, "D-07"),
    "move_patience": (120_000, "D-06"),
    "tracked_record": (1, "ghost"),
    "inspection_attempts": (3, "D-09"),
    "llr_depth": (10, "T2"),
    "resync_time": (5_000, "design"),
    "forced_mount_after": (0, "T2"),
    "backup_full_time": (600_000, "design"),
    "backup_logs_time": (60_000, "design"),
    "tracked_generation": (1, "ghost"),
    "flush_time": (0, "S-165"),
    "mount_time": (0, "design"),
    "cache_time": (0, "S-162"),
    "network_discovery": (300_000, "S-109"),
    "redundant_networks": (1, "S-098"),
    "dumpster_retry": (3_600_000, "T7"),
    "dumpster_slack": (120_000, "D-04"),
    "dumpster_lifetime": (0, "S-128"),
    "dumpster_eligible": (1, "S-124"),
    "hub_skew_max": (60_000, "D-04"),
    "tracked_mail": (1, "ghost"),
    "scr_floor": (50, "T8"),
}
