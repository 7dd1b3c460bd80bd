"""Redundant networks: each promise is broken by some variant of the rules, in a confirmed run.

That the promises hold, and that the stories show what they should, is in test_catalogue.py.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

import pytest

from models.language.model import Instance, Model, Property
from models.plain.layout import Value
from models.plain.reader import Reader, Step
from specs.catalogue import CCR, SMALL
from specs.catalogue.networks import NAMES, ONLY
from specs.catalogue.possible import FORMED
from specs.runs import BadRun, Run, confirm
from specs.search.story import tell

pytestmark = pytest.mark.slow

RTM = Instance(SMALL.members, {"redundant_networks": 0})
UP = ("power_on n=A", "power_on n=B", *ONLY, *NAMES)
PICKED = (*UP, "choose_network n=B w=net1", "cut_network w=net1 n=A")
WRITTEN = (*FORMED, "write_records n=A g=SG1 records=100")


def step_by_step(model: Model, lines: Iterable[str]) -> Run:
    """The run of exactly these steps; nothing follows by itself."""
    reader = Reader(model, SMALL)
    state, steps = reader.initial(), list[Step]()
    for line in lines:
        rule, *rest = line.split()
        given: dict[str, Value] = {}
        for word in rest:
            name, _, value = word.partition("=")
            given[name] = int(value) if value.isdigit() else value
            if value in ("true", "false"):
                given[name] = value == "true"
        step = reader.complete(state, rule, given)
        assert reader.check(state, step) is None, line
        steps.append(step)
        reader.apply(state, step)
    return Run(Instance(SMALL.members, dict(reader.layout.parameters)), tuple(steps))


def breaks(model: Model, number: str, run: Run) -> bool:
    """Whether the run, read again on the model, breaks the property."""
    prop = model.numbered(number)
    assert isinstance(prop, Property)
    return confirm(model, run, prop) is not None


STEPS = [
    ("P50", "configure_network", "no replication host name stands against it",
     (*UP, "configure_network w=net1 role=PRIVATE public=false")),
    ("P52", "choose_network", "network is operational",
     ("power_on n=B", "choose_network n=B w=net1")),
    ("P53", "fall_back_to_public", "no replication network is operational",
     (*PICKED, "leave_network n=B w=net1", "heal_network w=net1 n=A", "tick dt=300000",
      "fall_back_to_public n=B")),
    ("P53", "fall_back_to_public", "it looks now",
     (*PICKED, "leave_network n=B w=net1", "fall_back_to_public n=B")),
    ("P54", "fall_back_to_public", "it uses none",
     (*PICKED, "tick dt=300000", "fall_back_to_public n=B")),
]  # fmt: skip


@pytest.mark.seed("S-101", "S-108", "S-111")
@pytest.mark.parametrize(
    ("number", "rule", "guard", "lines"), STEPS, ids=[f"{s[0]} {s[2]}" for s in STEPS]
)
def test_without_its_guard_a_rule_breaks_its_promise(
    number: str, rule: str, guard: str, lines: tuple[str, ...]
) -> None:
    weaker = CCR.without_guard(rule, guard)
    assert breaks(weaker, number, step_by_step(weaker, lines))
    with pytest.raises(AssertionError):
        step_by_step(CCR, lines)


@pytest.mark.seed("S-092")
def test_in_the_first_release_logs_pass_over_the_public_network_only() -> None:
    weaker = CCR
    for guard in ("source was mounted later", "network in use leads to the source"):
        weaker = weaker.without_guard("copy_log", guard)
    copy_log, took = weaker.rule("copy_log"), "copying took its time"
    anywhere = {**copy_log.given, took: weaker.rule("fail_copy").requires[took]}
    weaker = weaker.with_rule(copy_log.changed(given=anywhere))
    story = (*WRITTEN, "configure_network w=net1 role=PRIVATE public=false", "wait 200")
    assert breaks(weaker, "P51", tell(weaker, RTM, story))
    assert not breaks(CCR, "P51", tell(CCR, RTM, story))


@pytest.mark.seed("S-094")
def test_a_failover_that_does_not_ask_for_the_last_logs_loses_what_is_there() -> None:
    weaker = CCR.without_guard("mount_lossy", "no more logs can be fetched")
    assert any(breaks(weaker, "P55", run) for run in failovers(weaker))
    assert not any(breaks(CCR, "P55", run) for run in failovers(CCR))


def failovers(model: Model) -> list[Run]:
    """A CMS that failed, in many orders; those in which A was the active node."""
    story = (*WRITTEN, "wait 1000", "fail_cms n=A", "wait 1000")
    found = []
    for seed in range(20):
        with contextlib.suppress(BadRun):
            found.append(tell(model, SMALL, story, seed))
    assert len(found) > 5
    return found


@pytest.mark.seed("S-105")
def test_the_first_release_has_no_replication_host_names() -> None:
    reader = Reader(CCR, RTM)
    state = reader.initial() | {"interface.net1.public": False}
    refusal = reader.check(state, Step("enable_host_name", {"w": "net1", "n": "A", "address": 1}))
    assert refusal is not None
    assert [g.name for g in refusal.guards] == ["release has redundant networks"]
