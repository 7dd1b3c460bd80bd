"""Each defence of the design, removed on its own, gives a confirmed run that breaks a promise.

With the defence in place the promise is proved (test_catalogue.py). Marked slow where one search
takes many seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from models.ccr.phrases import alive, carried
from models.ccr.vocabulary import Node
from models.language.model import ALWAYS, STEP, Model, properties_in
from models.language.terms import Int, Term, all_of, if_else, lift, peer, walk
from specs.catalogue import CCR, SMALL, control, data
from specs.runs import Run, confirm
from specs.search.bounded import Bounded

pytestmark = pytest.mark.slow

DEFAULTS = {name: default for name, (default, _) in CCR.schema.parameters.items()}
N = Term("arg", Node, value="n")
STATE = CCR.state


CONTROL = {
    *("environment", "membership", "witness", "note board", "quorum", "mailbox server"),
    "handover and move",
}
DATA = {"log stream", "replication", "mounting"}
"""Phases whose rules are enough for the runs below: few rules are soon swept."""


def refuted(model: Model, number: str, parameters: Mapping[str, int], sweeps: int = 8) -> Run:
    """A run that breaks the property, confirmed on the whole model."""
    prop = model.numbered(number)
    assert prop is not None
    assert prop in model.properties
    read = {term.value[0] for term in walk(prop.term) if term.op in ("field", "next")}
    phases = CONTROL | DATA if read & {"copy", "record"} else CONTROL
    rules = [r.name for r in model.rules.values() if r.phase in phases]
    engine = Bounded(model, SMALL, {**DEFAULTS, **parameters}, sweep=True, rules=rules)
    while True:
        found = engine.ask(prop)
        if found.run is not None:
            assert confirm(model, found.run, prop) is not None
            return found.run
        assert engine.depth < sweeps, f"no run within {sweeps} sweeps breaks {number}"
        assert engine.deepen()


def without(*guards: tuple[str, str]) -> Model:
    """The model without the named guards (rule, guard)."""
    model = CCR
    for rule, guard in guards:
        model = model.without_guard(rule, guard)
    return model


def hearing_is_enough() -> Model:
    """Heartbeats count although the peer may not hear this node."""
    rule = CCR.rule("exchange_heartbeat")
    mine, other = STATE.node[N], STATE.node[peer(N)]
    heard = all_of(
        carried(STATE, peer(N)),
        alive(STATE, peer(N)),
        other.running,
        mine.open == other.open,
        mine.open_by == other.open_by,
    )
    return CCR.with_rule(rule.changed(given={**rule.given, "peer echoes in the same epoch": heard}))


def clocks_stop_in_a_freeze() -> Model:
    """The stamps of a frozen node move along with the clock, as if its own had stood still."""
    rule = CCR.rule("tick")
    dt = Term("arg", Int, value="dt")
    stopped: list[tuple[Any, Any]] = []
    for who in (N, peer(N)):
        node = STATE.node[who]
        for stamp in (node.echoed_at, node.lock_at, node.lost_at, node.asked_at):
            moved = if_else(all_of(node.frozen, stamp >= 0), stamp + dt, stamp)
            stopped.append((stamp, moved))
    params = (("n", Node), *rule.params)
    return CCR.with_rule(replace(rule, params=params, sets=(*rule.sets, *stopped)))


def a_crash_forgets_the_epoch() -> Model:
    """A node that loses power also loses the epoch that it had written to its disk."""
    rule = CCR.rule("fail_node")
    return CCR.with_rule(rule.changed(sets=(*rule.sets, (STATE.node[N].stored, lift(1, Int)))))


def setting(rule: str, field: str, value: object) -> Model:
    """The model in which one effect of a rule sets something else."""
    found = CCR.rule(rule)
    assert field in [repr(f) for f, _ in found.sets]
    sets = tuple((f, lift(value, f.sort) if repr(f) == field else v) for f, v in found.sets)
    return CCR.with_rule(found.changed(sets=sets))


FAST = [
    ("an echo, not hearing, carries the lease", hearing_is_enough(), "P01", {}),
    (
        "a write checks the lease, so a thawed node acknowledges nothing",
        without(("write_records", "lease is valid")),
        "P20",
        {},
    ),
    (
        "a lossless mount has the declared final log",
        without(("mount_lossless", "final log is inspected here")),
        "P17",
        {},
    ),
    (
        "a stopped CMS is not brought up",
        without(("bring_online", "CMS is not stopped by intent")),
        "P07",
        {},
    ),
]
FAST += [
    ("the attestation is worth nothing if hearing is enough", hearing_is_enough(), "P02", {}),
    (
        "a lone controller reads its epoch on the board",
        without(("open_alone", "board names its epoch")),
        "P03",
        {},
    ),
    (
        "a wipe begins a new incarnation",
        setting("wipe_share", "witness.incarnation", STATE.witness.incarnation),
        "P05",
        {},
    ),
    ("only newer epochs are accepted", without(("accept_pair", "number is newer")), "P06", {}),
    (
        "only the controller hosts the CMS",
        without(("bring_online", "node is the controller")),
        "P08",
        {},
    ),
    (
        "only what was notified is copied",
        without(("copy_log", "a closed log is waiting")),
        "P11",
        {},
    ),
    (
        "only what was inspected is replayed",
        without(("replay_log", "an inspected log is waiting")),
        "P12",
        {},
    ),
    (
        "no open log is copied",
        without(
            ("copy_log", "a closed log is waiting"), ("copy_log", "log is closed at the source")
        ),
        "P13",
        {"log_capacity": 2},
    ),
    ("a loss is stated as it is", setting("mount_lossy", "copy[n, g].lost", 7), "P19", {}),
]
SLOW = [
    ("the head start outlasts the peer lease", CCR, "P01", {"head_start": 7_999}),
    ("the lock expires after the witness lease", CCR, "P01", {"share_expiry": 5_999}),
    ("the clock goes on in a freeze", clocks_stop_in_a_freeze(), "P01", {}),
    (
        "a stale node is refused by the board",
        without(("claim_lock", "board admits it")),
        "P04",
        {},
    ),
    (
        "an invitation of a node that missed an epoch is not accepted",
        without(("accept_pair", "peer knows the newest epoch")),
        "P07",
        {},
    ),
    (
        "a returning copy that diverged does not resume",
        without(("resume_stream", "streams agree")),
        "P14",
        {},
    ),
    (
        "what diverged enters no newer lineage",
        without(("resume_stream", "streams agree")),
        "P15",
        {},
    ),
    (
        "a move offers control only once the target has every final log, and mounts only then",
        without(
            ("offer_move", "target has every final log"),
            ("mount_lossless", "final log is inspected here"),
        ),
        "P16",
        {"log_capacity": 1},
    ),
    (
        "the dial bounds the known loss",
        without(("mount_lossy", "known loss is within the dial")),
        "P18",
        {"dial": 1, "log_capacity": 1},
    ),
]


def test_every_promise_of_control_and_data_is_broken_by_some_variant() -> None:
    promised = {p.number for p in properties_in(control, data) if p.kind in (ALWAYS, STEP)}
    assert promised <= {number for _, _, number, _ in FAST + SLOW}


@pytest.mark.seed("S-044", "S-045", "S-015", "S-019")
@pytest.mark.parametrize(("says", "model", "number", "parameters"), FAST, ids=[c[0] for c in FAST])
def test_without_this_defence_a_promise_breaks(
    says: str, model: Model, number: str, parameters: Mapping[str, int]
) -> None:
    assert len(refuted(model, number, parameters)) > 1, says


@pytest.mark.slow
@pytest.mark.seed("S-053", "S-058", "S-085")
@pytest.mark.parametrize(("says", "model", "number", "parameters"), SLOW, ids=[c[0] for c in SLOW])
def test_without_this_deeper_defence_a_promise_breaks(
    says: str, model: Model, number: str, parameters: Mapping[str, int]
) -> None:
    assert len(refuted(model, number, parameters)) > 1, says


def only(model: Model, *faults: str) -> Model:
    """The model in which no other fault happens."""
    for rule in list(model.rules.values()):
        if rule.trigger == "fault" and rule.name not in faults:
            model = model.without_rule(rule.name)
    return model


FAULTS = [
    ("fail_node", (), a_crash_forgets_the_epoch(), "P06", {}),
    ("freeze_node", (), clocks_stop_in_a_freeze(), "P01", {}),
    ("cut_network", (), hearing_is_enough(), "P01", {}),
    ("cut_share", ("cut_network",), CCR, "P01", {"share_expiry": 5_999}),
    (
        "wipe_share",
        (),
        setting("wipe_share", "witness.incarnation", STATE.witness.incarnation),
        "P05",
        {},
    ),
    (
        "fail_cms",
        (),
        without(("mount_lossless", "final log is inspected here")),
        "P17",
        {"log_capacity": 1},
    ),
]
"""Each fault, those it needs beside it, a missing defence, the promise lost. A share that fails is
one whose paths are all cut."""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "beside", "model", "number", "parameters"), FAULTS, ids=[f[0] for f in FAULTS]
)
def test_with_no_other_fault_a_promise_breaks_without_the_defence(
    fault: str, beside: tuple[str, ...], model: Model, number: str, parameters: Mapping[str, int]
) -> None:
    allowed = only(model, fault, *beside)
    run = refuted(allowed, number, parameters)
    used = {step.rule for step in run.steps if CCR.rule(step.rule).trigger == "fault"}
    assert used <= {fault, *beside}
    if fault in ("fail_node", "freeze_node", "wipe_share"):
        assert fault in used, "only this fault differs from the proved model"
