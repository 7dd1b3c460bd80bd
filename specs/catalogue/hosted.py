"""Why a storage group is not mounted where the clustered mailbox server is served: it is on its
way, or held back for a reason that only an operator, or a source that returns, can end.

With `unfinished` and `ranking` before it and `settling` after it this is what V02 rests on. What is
due is read off the rules themselves, as in `progress`. Imports no z3.
"""

from __future__ import annotations

from models.ccr.model import CCR as RULES
from models.ccr.phrases import echoed, mounted
from models.ccr.phrases_networks import operational, whole
from models.ccr.vocabulary import SCHEMA, Cms, Copy, Group, Network, Node
from models.ccr.vocabulary_copies import Trouble
from models.language.model import LEMMA, SOMETIMES, STEP, property_for
from models.language.terms import all_of, any_of, implies, one_of, peer

from .data import attested
from .possible import FORMED
from .progress import due
from .ranking import undisturbed

promise = property_for(SCHEMA)

HERE = (
    "mount_own", "mount_lossless", "mount_lossy", "mount_forced", "mount_overdue", "mount_restored",
    "learn_final", "notice_log", "copy_log", "inspect_log", "replay_log", "retry_inspection",
    "give_up_inspection", "find_log_missing", "fail_replay", "step_down", "resume_stream",
    "detect_divergence", "begin_incremental_reseed", "finish_incremental_reseed", "hold_back",
    "verify_stream",
)  # fmt: skip
"""What leads to a mount, or says why there is none, on the node that hosts."""
THERE = ("recover_old_stream", "close_last_log", "count_loss")
"""What the other node does for it."""


def leads(s, n, w):
    """The network `w` leads to the source of a copy on `n`."""
    public = all_of(s.interface[w].public, whole(s, n, w))
    return any_of(public, all_of(s.p.redundant_networks == 1, operational(s, n, w)))


def hosts(s, n):
    """All is repaired, nothing is under way, and the pair serves the CMS on `n`."""
    return all_of(attested(s), undisturbed(s), s.node[n].cms == Cms.ONLINE, echoed(s, n))


def held_back(s, n, g):
    """The copy that would be mounted failed, is suspended or seeded, or held back by the dial."""
    copy = s.copy[n, g]
    dial = all_of(
        copy.waits_epoch == s.node[n].open, copy.restored != s.node[n].open,
        s.p.forced_mount_after == 0,
    )  # fmt: skip
    return any_of(
        one_of(copy.state, Copy.FAILED, Copy.SEEDING),
        copy.trouble != Trouble.NONE,
        copy.suspended,
        dial,
    )


def comes(model, s, n, g, w):
    """Something is due, by the rules of a model, that leads to a mount."""
    here = any_of(*(due(model, name, n, g) for name in HERE))
    there = any_of(*(due(model, name, peer(n), g) for name in THERE))
    on_its_way = any_of(mounted(s, n, g), held_back(s, n, g), here, there)
    return implies(all_of(hosts(s, n), leads(s, n, w)), on_its_way)


@promise("P181", kind=STEP, source="S-083", at=("tick",))
def a_storage_group_does_not_stand_still(s, t, n: Node, g: Group, w: Network):
    """Whenever time passes where all is repaired, the pair serves the clustered mailbox server and
    a network leads to the other node, a storage group is mounted; or something is due that leads
    to it, now or once its timers have run out; or its copy failed, is suspended or seeded, or is
    held back by the dial.
    """
    return comes(RULES, s, n, g, w)


@promise(
    "S84",
    kind=SOMETIMES,
    source="S-083",
    story=(*FORMED, "write_records n=A g=SG1 records=7", "fail_cms n=A", "wait 50"),
)
def a_storage_group_waits_for_its_last_log(s, n: Node, g: Group):
    """The pair serves the clustered mailbox server, and a storage group is on its way: the last log
    of the other node is being fetched.
    """
    waits = all_of(hosts(s, n), ~mounted(s, n, g), ~held_back(s, n, g))
    return all_of(waits, s.copy[n, g].copied < s.copy[n, g].notified)


@promise("L138", kind=LEMMA, source="design")
def no_epoch_is_forced_and_accepted(s, n: Node):
    """No epoch that was forced here was accepted from the peer."""
    node = s.node[n]
    return any_of(node.others != node.forced_at, node.others == 0)
