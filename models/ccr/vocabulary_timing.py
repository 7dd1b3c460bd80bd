"""What a failover and a move cost besides the timers of the cluster: the durations of shutdown,
replay and mount, which differ between RTM and SP1.

The defaults are SP1 on a small server, where each is too short to count; `--release rtm` and
`--set` change them. Imported by `vocabulary`; no behaviour.
"""

from __future__ import annotations

from models.language.schema import Schema


def timing_parameters(schema: Schema) -> None:
    """Declare the durations. All are the same on both nodes (S-024)."""
    for name, default, about in (
        (
            "flush_time",
            0,
            "ms an orderly shutdown takes to flush the database cache (RTM); 0: it does not flush"
            " (SP1, S-165)",
        ),
        ("mount_time", 0, "ms from the last replayed log until a database is mounted"),
        (
            "cache_time",
            0,
            "ms to build a database cache before a batch of replay (RTM); 0: it persists (S-162)",
        ),
    ):
        schema.parameter(name, default, about)
