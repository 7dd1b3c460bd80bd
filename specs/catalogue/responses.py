"""What comes about once faults stop and all is repaired, within what time: liveness. V01 is proved
(`ranking`), the others are bounds.

See `specs.simulation.response` for what is assumed and how far each is tried.
"""

from __future__ import annotations

from models.ccr.phrases import mounted, serving
from models.ccr.vocabulary import SCHEMA, Copy, Group, Node
from models.ccr.vocabulary_copies import Trouble
from models.language.terms import all_of, any_of, each, one_of, some
from specs.simulation.response import Response

from .ranking import WITHIN

_s = SCHEMA.state
_p = _s.p

REPAIRS = ("thaw_node", "heal_network", "restore_share", "heal_share", "power_on", "put_log_back")
"""What somebody does who repairs everything. A wiped board is written again by the pair."""
PAIR = (
    "power_on n=A", "power_on n=B", "wait 20000", "write_records n=A g=SG1 records=100",
    "write_records n=A g=SG1 records=1", "wait 1000",
)  # fmt: skip
"""A pair that serves, with a closed log shipped and a record in the open one."""

ARBITRATED = (
    _p.peer_limit + _p.arbitration_max + _p.claim_defer + _p.head_start + _p.share_expiry
    + _p.lock_lease
)  # fmt: skip

V01 = Response(
    "V01",
    "service_returns",
    "When everything is repaired the clustered mailbox server is served again within the time that"
    " a lease that rests on nothing and a head start take, and stays so.",
    "S-045",
    some(Node, lambda n: serving(_s, n)),
    WITHIN,
    120_000,
    (*REPAIRS, "restart_failed"),
    PAIR,
    why="By a number that is read off each state. Where all is repaired, clients reach both nodes"
    " and nothing is under way (no quorum is forced, no move, no offer of control, no shutdown,"
    " no CMS that failed), nothing that a service does raises it (P170); it is at most"
    " the bound, and each millisecond that passes while nothing is due and nobody serves for"
    " good takes one off (P171); such a state stays one, and what serves for good goes on"
    " (P169). Where something of that is under way it is over before, within the longest of"
    " move_patience, flush_time and peer_limit (P177, P178, P179, in the same way; P180 says that"
    " no storage group holds a shutdown up), so the bound is that much longer. Assumed is that"
    " after the last repair nothing fails and nobody but clients asks for anything, that what a"
    " service has to do is done before time goes on, that an operator restarts a CMS that"
    " failed, and that the attestation of a forced quorum holds; the"
    " model leaves that open on purpose (no deadline on any timer). That it comes to an end is"
    " proved: in one instant the cluster services take at most 140,000 steps, and no other"
    " service gives them more to do (P172, P173; peer_limit and lock_renew at least 1 ms).",
    proved=("P169", "P170", "P171", "P172", "P173", "P177", "P178", "P179", "P180"),
)


def _settled(n, g):
    """The copy is healthy, or latched failed."""
    copy = _s.copy[n, g]
    healthy = all_of(
        one_of(copy.state, Copy.ACTIVE, Copy.HEALTHY), copy.trouble == Trouble.NONE, ~copy.checking
    )
    return any_of(healthy, copy.state == Copy.FAILED, copy.trouble != Trouble.NONE)


V02 = Response(
    "V02",
    "every_copy_comes_to_rest",
    "When everything is repaired and clients write, every copy ends healthy or latched failed, and"
    " does not go back and forth. (Where nobody writes, one that diverged waits: S-140.)",
    "S-143",
    each(Group, lambda g: each(Node, lambda n: _settled(n, g))),
    ARBITRATED + _p.log_roll_idle + _p.copy_retry + _p.resync_time + _p.network_discovery,
    600_000,
    REPAIRS,
    PAIR,
    traffic="write_records",
    why="Proved of runs of any length are its stages, each with its time. The nodes are a pair"
    " again within the longer of the two leases (P182, P183), which serves the CMS (V01). A storage"
    " group that is not mounted there is on its way, now or once its timers have run out, unless"
    " its copy failed, is suspended or seeded, or the dial holds it back for good (P181). The last"
    " logs of a source that is back come one by one: each is copied, inspected (as often as"
    " inspection_attempts says) and replayed in the time that this takes, then the storage group is"
    " mounted without loss, or its copy fails (P184, P185). Once it is mounted, a log that somebody"
    " wrote to is closed within log_roll_idle, and within that for each record that fits it if"
    " clients go on (P186, P187); a seed is done in the time that it takes over its network (P188,"
    " P189). From then on a copy that is neither suspended nor being seeded is healthy, or failed"
    " and latched, within resync_time (P174 to P176: a number that no step raises, and that each"
    " millisecond lowers while nothing is due; at most nine steps lead there), and it does not go"
    " back and forth: Failed is left only by an operator's order (P30). Assumed is, as for V01,"
    " that what is due is done. It stays a bound as a whole: there are as many last logs as there"
    " are, so no parameter bounds the sum; a copy that has to be compared or reseeded before it may"
    " be mounted is only known to be on its way; and that somebody writes (S-140) is no promise of"
    " the cluster.",
)

MAILED = (
    "power_on n=A", "power_on n=B", "wait 20000", "add_hub h=HUB1 skew=0",
    "submit_mail h=HUB1 m=m1 g=SG1 count=1 size=1000 records=1",
)  # fmt: skip
"""A pair that serves, with mail that is in the open log and in the dumpster of its hub alone."""

V12 = Response(
    "V12",
    "mail_is_there_again",
    "When everything is repaired, mail that a hub keeps is in every database that is served, within"
    " the time that a failover takes and until a hub is asked again. (That one is served is V01;"
    " where a copy latched failed an operator decides.)",
    "T7",
    each(Group, lambda g: each(Node, lambda n: any_of(
        ~serving(_s, n), ~mounted(_s, n, g), _s.letter[g].holds[n],
    ))),
    ARBITRATED + _p.dumpster_retry,
    120_000,
    (*REPAIRS, "start_hub"),
    MAILED,
    why="Proved of runs of any length are its stages: each step brings mail nearer and none takes"
    " it back (P150), what is next is due at once or within dumpster_retry (V10, V11). That the"
    " times of the stages add up to this is not proved.",
)  # fmt: skip

RESPONSES = (V01, V02, V12)
