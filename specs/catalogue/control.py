"""Promises of the control plane: who serves, who may take control, how epochs grow.

`excused` is the one assumption: no forced epoch is unsettled. P02 states never-two-serving under
the operator's attestation.
"""

from __future__ import annotations

from models.ccr.phrases import controls, serving
from models.ccr.vocabulary import SCHEMA, Cms, Group, Node, View
from models.language.model import ALWAYS, STEP, property_for
from models.language.terms import all_of, any_of, implies, one_of, peer

promise = property_for(SCHEMA)


def excused(s, n):
    """A forced epoch is not yet on the board as the highest of all: nothing is promised but what
    the operator attested.
    """
    return any_of(s.history.unsettled[n], s.history.unsettled[peer(n)])


@promise("P01", kind=ALWAYS, source="S-045")
def never_two_serving(s, n: Node):
    """The two nodes never serve at the same instant, unless a forced epoch is missing from the
    board.
    """
    return any_of(excused(s, n), ~all_of(serving(s, n), serving(s, peer(n))))


@promise("P02", kind=ALWAYS, source="D-16")
def never_two_serving_as_attested(s, n: Node):
    """The two nodes never serve at the same instant as long as the operator's attestation holds:
    the peer of a forced node is off and acts only after it has rejoined.
    """
    return any_of(s.history.attestation_broken, ~all_of(serving(s, n), serving(s, peer(n))))


@promise("P03", kind=ALWAYS, source="S-045")
def serving_in_an_open_epoch(s, n: Node):
    """A serving node controls an epoch that the peer accepted or the board holds (two of three), or
    one that was forced.
    """
    two = any_of(
        s.node[peer(n)].others >= s.node[n].open,
        ~s.witness.recorded,
        s.witness.epoch >= s.node[n].open,
    )
    return implies(serving(s, n), all_of(controls(s, n), any_of(excused(s, n), two)))


@promise("P04", kind=STEP, source="S-058", at=("claim_lock", "seize_lock", "write_board"))
def stale_node_never_takes_control(s, t, n: Node):
    """A node that takes the lock or writes the board without being forced has written down the
    newest epoch there ever was.

    First worded: a serving node is in the newest epoch. Refuted by: a claim_defer below
    arbitration_max; the owner loses the share and its peer; the other writes the board while the
    owner still has a lease. Both cannot serve, because the other one waits its head start.
    """
    took = any_of(
        all_of(t.witness.holder == n, s.witness.holder != n),
        all_of(t.witness.by == n, t.witness.epoch != s.witness.epoch),
    )
    return implies(
        all_of(took, ~s.node[n].forced, ~excused(s, n)), s.node[n].stored >= s.history.newest
    )


@promise("P05", kind=STEP, source="I15")
def board_epoch_grows(s, t):
    """The epoch on the board never decreases within one incarnation of the board."""
    return implies(
        t.witness.incarnation == s.witness.incarnation, t.witness.epoch >= s.witness.epoch
    )


@promise("P06", kind=STEP, source="I15")
def node_epochs_grow(s, t, n: Node):
    """What a node wrote down, and what it knows to be open, never goes back, whatever crashes."""
    return all_of(t.node[n].stored >= s.node[n].stored, t.node[n].open >= s.node[n].open)


@promise("P07", kind=STEP, source="D-11", at=("bring_online",))
def stopped_stays_stopped(s, t, n: Node):
    """Once a stop is confirmed no failover, return or move begins to bring the CMS up until it is
    started again (a forced quorum ends the promise).

    First worded: once a stop is confirmed the CMS is up nowhere. Refuted by: the owner freezes; its
    peer takes over and its CMS is stopped; the frozen node still thinks its own CMS is online.
    """
    began = all_of(t.node[n].cms == Cms.ONLINE_PENDING, s.node[n].cms != Cms.ONLINE_PENDING)
    return implies(began, ~s.history.stop_acked)


@promise("P08", kind=ALWAYS, source="A8")
def host_follows_control(s, n: Node):
    """The CMS is up only on a node that controls, as far as that node knows; a node that is down
    hosts nothing.
    """
    up = one_of(s.node[n].cms, Cms.ONLINE_PENDING, Cms.ONLINE)
    return implies(up, all_of(controls(s, n), s.node[n].view != View.STOPPED))


@promise("P20", kind=STEP, source="S-045", at=("write_records", "save_items", "deliver_mail"))
def writes_only_on_the_serving_node(s, t, n: Node, g: Group):
    """A record is acknowledged on a node only while the other one does not serve: the lease is
    checked with the write.
    """
    wrote = t.copy[n, g].open_records > s.copy[n, g].open_records
    return any_of(excused(s, n), ~wrote, ~serving(s, peer(n)))
