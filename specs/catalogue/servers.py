"""Promises about servers outside the cluster: what their logs are kept for, and whose name a
standby server takes over; with what their proofs lean on.

The tracked generation is any: proofs leave the parameter free.
"""

from __future__ import annotations

from models.ccr.phrases_files import backup_after
from models.ccr.vocabulary import NEVER, SCHEMA
from models.ccr.vocabulary_files import Backup
from models.ccr.vocabulary_lcr import Base, Lcr, Local, Server
from models.ccr.vocabulary_standby import Standby, Target, Way
from models.language.model import ALWAYS, LEMMA, SOMETIMES, STEP, property_for
from models.language.terms import all_of, implies

from .files import after, upto

promise = property_for(SCHEMA)


def _reaches(s, mine):
    """The log of the tracked generation is in the server's live log directory."""
    return mine.low <= s.p.tracked_generation


@promise("P76", kind=STEP, source="S-169")
def a_name_is_taken_from_the_dead(s, u, t: Target, v: Server, h: Local):
    """A standby server takes over the name of a lost mailbox server only while no node is up that
    runs it or would fail over to run it: of a clustered one in a standby cluster (Setup
    /RecoverCMS), of any other on a server of its own (/m:RecoverServer).
    """
    mine, then, server = s.remote[t, v, h], u.remote[t, v, h], s.server[v]
    mounted = all_of(mine.state != Standby.ACTIVE, then.state == Standby.ACTIVE)
    named = all_of(mounted, then.way != Way.PORTABILITY)
    clustered = then.way == Way.RECOVER_CMS
    return implies(
        named,
        all_of(
            ~server.up,
            ~server.spare,
            server.clustered == clustered,
            s.target[t].cluster == clustered,
        ),
    )


@promise("P77", kind=ALWAYS, source="I12")
def server_keeps_what_is_needed(s, v: Server, h: Local):
    """A server's log is there as long as a crash recovery needs it, the local copy has not copied
    it, the next backup or a running one is to take it.
    """
    mine = s.local[v, h]
    end = upto(s, mine.top)
    taking = all_of(
        mine.backup == Backup.RUNNING,
        after(s, backup_after(mine, mine.backup_kind, mine.backup_to)),
        upto(s, mine.backup_to),
    )
    return all_of(
        implies(all_of(after(s, mine.checkpoint), end), _reaches(s, mine)),
        implies(all_of(mine.lcr == Lcr.HEALTHY, after(s, mine.copied), end), _reaches(s, mine)),
        implies(all_of(after(s, mine.backed), end), _reaches(s, mine)),
        implies(all_of(taking, mine.full >= 0), _reaches(s, mine)),
    )


@promise("P78", kind=ALWAYS, source="I12")
def server_chain_has_no_gap(s, v: Server, h: Local):
    """Every log of a server between its last full backup and the newest generation that its header
    calls backed up is in an incremental backup: the chain restores.
    """
    mine = s.local[v, h]
    chained = all_of(mine.full >= 0, after(s, mine.full), upto(s, mine.backed))
    return implies(chained, s.shelf[v, h].saved)


@promise("P79", kind=ALWAYS, source="S-167")
def single_copy_has_no_second_copy(s, v: Server, h: Local):
    """A storage group of a single copy cluster has one copy on one set of disks, whichever node
    runs it.
    """
    mine = s.local[v, h]
    return implies(s.server[v].clustered, all_of(mine.lcr == Lcr.OFF, mine.disks == 1))


@promise("L162", kind=LEMMA, source="design")
def server_files_are_sane(s, v: Server, h: Local):
    """Positions of a server's files are in order; nothing that is needed is deleted."""
    mine = s.local[v, h]
    running = mine.backup == Backup.RUNNING
    return all_of(
        mine.low >= 1,
        mine.low <= mine.checkpoint + 1,
        mine.low <= mine.backed + 1,
        mine.checkpoint <= mine.top,
        mine.backed <= mine.top,
        mine.full >= NEVER,
        mine.full <= mine.backed,
        implies(mine.lcr == Lcr.HEALTHY, mine.copy_low >= mine.low),
        implies(
            mine.lcr == Lcr.HEALTHY,
            all_of(mine.copy_low <= mine.inspected + 1, mine.low <= mine.replayed + 1),
        ),
        implies(running, all_of(mine.backup_to <= mine.top, mine.backed <= mine.backup_to)),
        implies(running, mine.backup_to >= 0),
    )


@promise("L163", kind=LEMMA, source="design")
def what_is_not_installed_is_not_there(s, v: Server, h: Local):
    """A server that was never installed runs nothing; only a clustered one has another node."""
    mine, server = s.local[v, h], s.server[v]
    nothing = all_of(mine.base == Base.ABSENT, mine.lcr == Lcr.OFF, mine.disks == 1)
    return all_of(
        implies(~server.installed, all_of(nothing, ~server.clustered)),
        implies(mine.base == Base.ABSENT, mine.lcr == Lcr.OFF),
        implies(server.spare, server.clustered),
    )


LOG = "write_local v=MBX h=SG1 records=100"
ALONE = ("install_server v=MBX", "create_local v=MBX h=SG1")
SHARED = ("install_scc v=MBX", "create_local v=MBX h=SG1")
TARGET = "enable_remote t=DR v=MBX h=SG1 lag=0 truncation=0 spacing=0"
BACKED_UP = ("begin_local_backup v=MBX h=SG1 kind=FULL", "wait 601000")


@promise(
    "S70",
    kind=SOMETIMES,
    source="S-169",
    story=(
        *SHARED,
        "form_standby_cluster t=DR",
        TARGET,
        *((LOG,) * 3),
        "wait 2000",
        "lose_local_disks v=MBX h=SG1",
        "fail_spare v=MBX",
        "fail_server v=MBX",
        "force_remote t=DR v=MBX h=SG1",
        "wait 1000",
        "recover_scc t=DR v=MBX h=SG1",
    ),
)
def lost_single_copy_is_recovered(s, t: Target, v: Server, h: Local):
    """The one copy of a single copy cluster is lost, and its mailbox server is recovered in a
    standby cluster with all that was inspected there.
    """
    mine = s.remote[t, v, h]
    return all_of(
        mine.state == Standby.ACTIVE,
        mine.way == Way.RECOVER_CMS,
        mine.replayed > 0,
        s.local[v, h].base == Base.BROKEN,
    )


@promise(
    "S71", kind=SOMETIMES, source="S-123", story=(*SHARED, LOG, "fail_server v=MBX", "wait 10000")
)
def single_copy_changes_nodes(s, v: Server, h: Local):
    """A node of a single copy cluster fails, and the other one runs the mailbox server on the same
    disks, with every log.
    """
    server, mine = s.server[v], s.local[v, h]
    return all_of(
        server.up, server.node == 2, ~server.spare, mine.base == Base.MOUNTED, mine.top > 0
    )


@promise(
    "S72",
    kind=SOMETIMES,
    source="T5",
    story=(
        *ALONE,
        "enable_lcr v=MBX h=SG1",
        "wait 70000",
        TARGET,
        *((LOG,) * 12),
        "wait 3000",
        *BACKED_UP,
    ),
)
def server_frees_its_logs(s, t: Target, v: Server, h: Local):
    """A server deletes logs that its local copy has replayed and a standby target inspected."""
    mine = s.local[v, h]
    following = all_of(s.remote[t, v, h].state == Standby.HEALTHY, s.remote[t, v, h].top > 0)
    return all_of(mine.lcr == Lcr.HEALTHY, mine.low > 1, mine.low <= mine.top, following)


@promise(
    "S73",
    kind=SOMETIMES,
    source="T5",
    story=(*ALONE, TARGET, "cut_line t=DR v=MBX", *((LOG,) * 12), *BACKED_UP),
)
def cut_off_target_pins_the_logs_of_a_server(s, t: Target, v: Server, h: Local):
    """Backed-up logs older than the checkpoint stay, because a standby target is cut off."""
    mine = s.local[v, h]
    return all_of(
        s.remote[t, v, h].state == Standby.HEALTHY,
        ~s.line[t, v].whole,
        mine.low == 1,
        mine.backed > 0,
        mine.checkpoint > 0,
    )


@promise(
    "S74",
    kind=SOMETIMES,
    source="T8",
    story=(
        *ALONE,
        *((LOG,) * 12),
        *BACKED_UP,
        TARGET,
        "begin_remote_seed t=DR v=MBX h=SG1 delete=false",
        "wait 61000",
        *((LOG,) * 3),
        "wait 2000",
    ),
)
def late_target_is_seeded(s, t: Target, v: Server, h: Local):
    """A target that came after the first logs were deleted is seeded, and follows."""
    mine = s.remote[t, v, h]
    following = all_of(mine.state == Standby.HEALTHY, mine.top > mine.base)
    return all_of(following, mine.base > 0, s.local[v, h].low > 1)
