"""Promises about conduct: who acts at all, that what is done takes its time, and that what is over
leaves no mark.

They are about every field of a machine, not about a rule: a rule that forgot its part breaks them.
"""

from __future__ import annotations

from models.ccr.model import CCR as RULES
from models.ccr.phrases import alive, mounted
from models.ccr.vocabulary import CLUSTER, SCHEMA, STORAGE, Cms, Copy, Group, Network, Node, Power
from models.ccr.vocabulary_copies import Trouble
from models.language.model import ALWAYS, STEP, property_for
from models.language.terms import all_of, any_of, implies

promise = property_for(SCHEMA)

STAMPS = ("started_at", "joined_at", "echoed_at", "lost_at", "asked_at", "lock_at", "watch_since",
          "checked_at", "moved_at")  # fmt: skip
COPY_STAMPS = ("written_at", "copy_from", "inspect_from", "failed_from", "seed_from",
               "resync_from", "waits_from", "backup_at")  # fmt: skip
SERVICES = tuple(r.name for r in RULES.rules.values() if r.actor.on == Node)
"""The rules of the services that run on nodes; the others are the world's."""


def _changed(s, t, record, keys, *indexes):
    """Some field of this row, owned by a service of its node, has another value."""
    declared = SCHEMA.records[record].fields
    owned = {n: f for n, f in declared.items() if f.owner in (CLUSTER.name, STORAGE.name)}
    rows = [getattr(state, record)[keys] for state in (s, t)]
    found = []
    for name, field in owned.items():
        before, after = (getattr(row, name) for row in rows)
        if field.index is None:
            found.append(before != after)
        else:
            found += [before[i] != after[i] for i in indexes if i.sort == field.index]
    return any_of(*found)


@promise("P90", kind=STEP, source="S-045", at=SERVICES)
def nobody_acts_while_down(s, t, n: Node, g: Group, w: Network):
    """No service changes anything of its own, takes the lock or writes the board while its node is
    down or frozen.
    """
    changed = any_of(
        _changed(s, t, "node", n),
        _changed(s, t, "copy", (n, g)),
        _changed(s, t, "shipping", n, w),
        _changed(s, t, "intake", (n, g)),
        all_of(t.witness.holder == n, s.witness.holder != n),
        all_of(t.witness.by == n, t.witness.epoch != s.witness.epoch),
    )
    return implies(changed, alive(s, n))


@promise("P91", kind=ALWAYS, source="S-040")
def a_mounted_copy_bears_no_mark_of_a_passive_one(s, n: Node, g: Group):
    """A storage group that is mounted is not failed, not suspended, not waiting to be compared, and
    has no failed inspections behind it.
    """
    copy = s.copy[n, g]
    return implies(
        mounted(s, n, g),
        all_of(
            copy.state == Copy.ACTIVE,
            copy.trouble == Trouble.NONE,
            ~copy.suspended,
            ~copy.checking,
            copy.attempts == 0,
        ),
    )


@promise("P92", kind=ALWAYS, source="D-17")
def no_stamp_is_of_the_future(s, n: Node, g: Group):
    """Every stamp that a service keeps is of now or earlier.

    But for the one from which replay counts: where a new cache is built for each batch (S-163), it
    is of when that is done.
    """
    node, copy = s.node[n], s.copy[n, g]
    return all_of(
        *(getattr(node, name) <= s.now for name in STAMPS),
        *(getattr(copy, name) <= s.now for name in COPY_STAMPS),
    )


@promise("P93", kind=ALWAYS, source="S-056")
def a_stopped_node_claims_nothing(s, n: Node):
    """A node whose cluster service does not run echoes nothing, renews no lock, offers no control
    and runs no clustered mailbox server.
    """
    node = s.node[n]
    idle = all_of(
        ~node.asks, ~node.echoes, ~node.renews, ~node.move, node.cms == Cms.OFFLINE,
    )  # fmt: skip
    return implies(~node.running, idle)


@promise("P94", kind=ALWAYS, source="design")
def only_a_node_with_power_is_frozen(s, n: Node):
    """A node that is frozen has power: what stands still is not off."""
    return implies(s.node[n].frozen, s.node[n].power == Power.UP)
