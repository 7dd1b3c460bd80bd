"""The world outside: time, power, freezes, cables, the witness host. Faults and their repairs; no
node decides here.
"""

from __future__ import annotations

from models.language.rule import Body, Move, rule_for
from models.language.terms import NOBODY, Int

from ..vocabulary import SCHEMA, TIME, WORLD, Network, Node, Power

rule = rule_for(SCHEMA, "environment")


@rule(1, trigger="time", actor=TIME, source="D-17")
def tick(s, dt: Int):
    """Time passes.

    Why: all timers read one clock; there is no deadline on it, so any watchdog may be late (design
    of the proofs).
    """
    return Body(
        "TimePassed", requires={"time goes forward": dt > 0}, sets={s.clock.now: s.clock.now + dt}
    )


@rule(2, trigger="fault", actor=WORLD, source="S-083")
def fail_node(s, n: Node):
    """A node loses power: what it kept in memory is gone."""
    return Body(
        "NodeFailed",
        moves=Move(s.node[n].power, Power.UP, Power.DOWN),
        resets=s.node[n],
        sets={s.node[n].frozen: False},
    )


@rule(3, trigger="command", actor=WORLD, source="S-083")
def power_on(s, n: Node):
    """A node gets power; its cluster service will start."""
    return Body("NodeStarted", moves=Move(s.node[n].power, Power.DOWN, Power.UP))


@rule(4, trigger="fault", actor=WORLD, source="T6")
def freeze_node(s, n: Node):
    """A node stops in its tracks, as a stalled virtual machine does; its memory stays and its clock
    goes on.
    """
    node = s.node[n]
    return Body(
        "NodeFrozen",
        requires={"node is up": node.power == Power.UP, "node is not frozen": ~node.frozen},
        sets={node.frozen: True},
    )


@rule(5, trigger="command", actor=WORLD, source="T6")
def thaw_node(s, n: Node):
    """A frozen node goes on where it stopped, not knowing that time has passed."""
    return Body(
        "NodeThawed", requires={"node is frozen": s.node[n].frozen}, sets={s.node[n].frozen: False}
    )


@rule(6, trigger="fault", actor=WORLD, source="S-044")
def cut_network(s, w: Network, n: Node):
    """Packets from one node are lost on one network; cutting both directions takes two of these."""
    carries = s.network[w].carries[n]
    return Body(
        "NetworkCut",
        requires={"network carries packets from that node": carries},
        sets={carries: False},
    )


@rule(7, trigger="command", actor=WORLD, source="S-044")
def heal_network(s, w: Network, n: Node):
    """Packets from one node pass again on one network."""
    carries = s.network[w].carries[n]
    return Body(
        "NetworkHealed",
        requires={"network loses packets from that node": ~carries},
        sets={carries: True},
    )


@rule(8, trigger="fault", actor=WORLD, source="S-056")
def fail_share(s):
    """The witness host is down; what is on its disk stays."""
    return Body(
        "WitnessFailed", requires={"witness host is up": s.share.up}, sets={s.share.up: False}
    )


@rule(9, trigger="command", actor=WORLD, source="S-055")
def restore_share(s):
    """The witness host is back."""
    return Body(
        "WitnessRestored", requires={"witness host is down": ~s.share.up}, sets={s.share.up: True}
    )


@rule(10, trigger="fault", actor=WORLD, source="S-063")
def cut_share(s, n: Node):
    """The path from one node to the share breaks."""
    return Body(
        "SharePathCut", requires={"path is whole": s.share.reach[n]}, sets={s.share.reach[n]: False}
    )


@rule(11, trigger="command", actor=WORLD, source="S-063")
def heal_share(s, n: Node):
    """The path from one node to the share is whole again."""
    return Body(
        "SharePathHealed",
        requires={"path is broken": ~s.share.reach[n]},
        sets={s.share.reach[n]: True},
    )


@rule(12, trigger="fault", actor=WORLD, source="A7")
def wipe_share(s):
    """The files on the share are gone: no lock, no board. A new incarnation begins.

    Why: a wiped board looks like a first formation; forming alone then needs a forced quorum.
    """
    w = s.witness
    return Body(
        "WitnessWiped",
        requires={"board is recorded": w.recorded},
        sets={
            w.recorded: False,
            w.holder: NOBODY,
            w.renewal: w.incarnation * -1 - 1,
            w.epoch: 0,
            w.by: NOBODY,
            w.incarnation: w.incarnation + 1,
        },
    )
