"""The mapping of Windows failover cluster records: two nodes, a file share witness, availability
roles.

The cluster logs stamp to the millisecond; roles, restarts and the author's own timeline to the
second. Sits above `mapping`.
"""

from __future__ import annotations

from pathlib import Path

from .mapping import FieldMapping, KindMapping, RecordMapping
from .vocabulary import SECOND, Kind

INCIDENT_2020 = Path(__file__).with_name("wsfc_2020.jsonl")
"""A real incident of 2020, shipped with the package."""

_PEER = FieldMapping("peer", "peer")
_TAG = FieldMapping("tag", "tag", "tag")

WSFC = RecordMapping(
    system="Windows failover cluster",
    serving=frozenset({"PRIMARY"}),
    told={"author timeline": SECOND},
    kinds={
        "nic_removed": KindMapping(Kind.LINK_CUT),
        "heartbeat_missed": KindMapping(Kind.HEARTBEATS_MISSED, (_PEER,)),
        "peer_connect": KindMapping(Kind.PEER_CONTACTED, (_PEER,)),
        "route_down": KindMapping(Kind.PEER_LOST, (_PEER,)),
        "join_ok": KindMapping(Kind.PEER_JOINED, (_PEER,)),
        "view": KindMapping(Kind.VIEW, (FieldMapping("members", "members", "members"),)),
        "one_off_quorum": KindMapping(Kind.MAJORITY_MISSING),
        "quorum_gained": KindMapping(Kind.MAJORITY_GAINED),
        "quorum_lost": KindMapping(Kind.MAJORITY_LOST),
        "witness_arbitrate_begin": KindMapping(Kind.ARBITRATION_BEGUN),
        "witness_lock_ok": KindMapping(Kind.LOCK_GRANTED),
        "witness_lock_release": KindMapping(
            Kind.LOCK_RELEASED, (FieldMapping("seconds", "span", "seconds", required=False),)
        ),
        "witness_cas": KindMapping(
            Kind.BOARD_ACCESS,
            (
                FieldMapping("seen", "seen", "tag"),
                FieldMapping("proposed", "proposed", "tag"),
                FieldMapping("ok", "accepted", "truth"),
            ),
        ),
        "quorum_tag_local": KindMapping(Kind.EPOCH_HELD, (_TAG,)),
        "epoch_next": KindMapping(
            Kind.EPOCH_PROPOSED, (FieldMapping("value", "epoch", "whole"), _TAG)
        ),
        "death_timer_start": KindMapping(
            Kind.SELF_STOP_SET, (FieldMapping("seconds", "span", "seconds"),)
        ),
        "death_timer_stop": KindMapping(Kind.SELF_STOP_CLEARED),
        "shutdown_requested": KindMapping(Kind.RESTART_REQUESTED),
        "reboot": KindMapping(Kind.RESTARTED, resolution=SECOND),
        "cluster_service_stop": KindMapping(Kind.SERVICE_STOPPED),
        "role": KindMapping(
            Kind.ROLE,
            (FieldMapping("frm", "role_from", required=False), FieldMapping("to", "role_to")),
            resolution=SECOND,
        ),
        "database_online": KindMapping(Kind.DATABASE_ONLINE, resolution=SECOND),
    },
)
