"""Two nodes and a witness do the work of three nodes, and the share has little to do."""

from __future__ import annotations

from itertools import combinations, permutations

import pytest

from models.language.rule import Rule
from models.language.terms import walk
from models.plain.driver import Driver
from models.plain.reader import Step
from tests.cli.test_plan import LENS, READER, STAND

FAILS = {
    "A": Step("fail_node", {"n": "A"}),
    "B": Step("fail_node", {"n": "B"}),
    "witness": Step("fail_share", {}),
}
REPAIRS = {
    "A": Step("power_on", {"n": "A"}),
    "B": Step("power_on", {"n": "B"}),
    "witness": Step("restore_share", {}),
}
LONG = 300_000


def after(*steps: Step) -> Driver:
    """A healthy cluster, after these, each with its effect."""
    driver = Driver(READER, STAND.state)
    for step in steps:
        driver.fire(step)
        driver.wait(LONG)
    return driver


def serves(driver: Driver) -> bool:
    return len(LENS.serving(driver.state)) == 1


@pytest.mark.seed("S-068", "S-002")
@pytest.mark.parametrize("lost", list(FAILS))
def test_any_one_of_the_three_may_be_lost_and_repaired_again_and_again(lost: str) -> None:
    driver = after(FAILS[lost])
    assert serves(driver)
    for step in (REPAIRS[lost], FAILS[lost], REPAIRS[lost]):
        driver.fire(step)
        driver.wait(LONG)
        assert serves(driver), step


@pytest.mark.seed("S-068", "S-045", "S-056")
@pytest.mark.parametrize("lost", list(combinations(FAILS, 2)), ids="+".join)
def test_of_three_votes_two_lost_stop_the_service_and_none_is_needed_more_than_another(
    lost: tuple[str, str],
) -> None:
    for order in permutations(lost):
        driver = after(*(FAILS[x] for x in order))
        assert LENS.serving(driver.state) == [], order


@pytest.mark.seed("S-068")
def test_rolling_losses_of_one_at_a_time_never_stop_it_for_good() -> None:
    """As in a cluster of three nodes: each in turn is lost and repaired."""
    driver = after()
    for lost in ("A", "witness", "B", "witness", "A", "B"):
        for step in (FAILS[lost], REPAIRS[lost]):
            driver.fire(step)
            driver.wait(LONG)
            assert serves(driver), (lost, step)


@pytest.mark.seed("S-068")
def test_unlike_a_third_node_the_witness_hosts_nothing() -> None:
    driver = after(FAILS["A"], FAILS["B"])
    assert driver.state["share.up"]
    assert LENS.cms(driver.state) == ("Offline", None)


def reads_share(rule: Rule) -> bool:
    """Whether a guard of the rule asks the share for something."""
    names = {
        str(t.value[0] if isinstance(t.value, tuple) else t.value)
        for guard in rule.given.values()
        for t in walk(guard)
        if t.op == "field"
    }
    return bool({n.partition(".")[0] for n in names} & {"share", "witness"})


@pytest.mark.seed("S-066", "S-065")
def test_a_pair_at_rest_does_nothing_with_the_share_but_check_it_now_and_then() -> None:
    driver = Driver(READER, STAND.state)
    day = 86_400_000
    keys = [f.changes for f in driver.waiting(day)]
    assert not any(k.startswith(("share.", "witness.")) for changes in keys for k in changes)
    touching = {name for name, rule in READER.model.rules.items() if reads_share(rule)}
    enabled = {
        g.rule.name
        for g in READER.all_grounded()
        if g.rule.name in touching and g.bind is not None and g.ready(driver.state, driver.now)
    }
    assert enabled & {r.name for r in READER.model.rules.values() if r.trigger == "beat"} == {
        "check_share"
    }
    checks = 2 * day // READER.layout.parameters["witness_check"]
    assert checks == 720, "reads a day, of both nodes together"
