"""The placement of the witness: the fact sheet's table, found by letting every fault happen."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from cli.health.foresight import CONTINUES, FAILS_OVER, STOPS, Outlook, Stand, faults
from cli.places.places import Places, cuts, loses
from cli.places.planning import AT_ONCE, IN_ORDER, Survey, placements, survey, survived, what_if
from cli.session.views import Lens
from models.ccr.model import CCR
from models.language.model import Instance
from models.plain.driver import Driver
from models.plain.reader import Reader, Step
from tests.cli.calling import begin, call, document, good

pytestmark = pytest.mark.slow

INSTANCE = Instance({"Node": ("A", "B"), "Network": ("LAN",), "Group": ("SG1",)})
READER = Reader(CCR, INSTANCE)
LENS = Lens(READER)

NODES = {"A": "HQ", "B": "DR"}
OPTION_1, OPTION_2 = Places(NODES, "HQ"), Places(NODES, "BRANCH")


def stand() -> Stand:
    """A healthy cluster, A serving."""
    driver = Driver(READER, READER.initial())
    for n in LENS.nodes:
        driver.fire(Step("power_on", {"n": n}))
    driver.settle()
    assert LENS.serving(driver.state) == ["A"]
    return Stand(LENS, READER, driver.state, 0, 0)


STAND = stand()


def surveyed(places: Places) -> Survey:
    """The survey of one placement."""
    return survey(STAND, what_if(places, places.witness)[0])


def single(places: Places) -> dict[str, Outlook]:
    return {o.fault: o for o in surveyed(places).single}


@pytest.mark.seed("S-072", "S-073", "S-074")
def test_option_1_survives_the_line_and_the_secondary_and_not_the_primary() -> None:
    found = single(OPTION_1)
    assert found["line HQ-DR"].service == CONTINUES
    assert found["site DR"].service == CONTINUES
    assert found["site HQ"].service == STOPS
    assert [n for n, o in found.items() if not survived(o)] == ["site HQ"]


@pytest.mark.seed("S-070", "S-075")
def test_option_2_survives_the_line_and_fails_over_when_the_primary_is_lost() -> None:
    found = single(OPTION_2)
    assert found["line HQ-DR"].service == CONTINUES
    assert (found["site HQ"].service, found["site HQ"].serving) == (FAILS_OVER, "B")
    assert found["site DR"].service == CONTINUES
    assert found["site BRANCH"].service == CONTINUES
    assert all(survived(o) for o in found.values())


@pytest.mark.seed("S-056")
def test_option_2_does_not_survive_the_loss_of_the_third_site_and_then_of_the_line() -> None:
    then = [loses(OPTION_2, "BRANCH"), cuts(LENS, OPTION_2, ("HQ", "DR"))]
    stopped = STAND.after("third site, then line", *then)
    assert stopped is not None
    assert stopped.service == STOPS


def test_a_primary_that_loses_both_its_lines_at_once_gives_the_service_to_the_secondary() -> None:
    lines = [cuts(LENS, OPTION_2, ("HQ", other)) for other in ("BRANCH", "DR")]
    moved = STAND.after("both lines", [*lines[0], *lines[1]])
    assert moved is not None
    assert (moved.service, moved.serving) == (FAILS_OVER, "B")


@pytest.mark.seed("S-057", "S-058")
def test_the_order_of_two_faults_counts_a_node_that_missed_an_epoch_does_not_take_over() -> None:
    line, other = (cuts(LENS, OPTION_2, ("HQ", x)) for x in ("DR", "BRANCH"))
    served = {
        order: (outlook.service if outlook else None)
        for order, outlook in {
            "line to the secondary first": STAND.after("", line, other),
            "line to the witness first": STAND.after("", other, line),
        }.items()
    }
    assert served == {
        "line to the secondary first": STOPS,
        "line to the witness first": FAILS_OVER,
    }


def test_a_double_fault_is_the_worst_of_its_orders_and_no_fault_counts_twice() -> None:
    found = surveyed(OPTION_2)
    double = {d.faults: d for d in found.double}
    assert double["LAN", "line HQ-BRANCH"].order == IN_ORDER
    assert "LAN = line HQ-DR" in {" = ".join(names) for names in found.same}
    assert double["A", "witness"].order == AT_ONCE
    names = {n for d in found.double for n in d.faults}
    assert "site HQ" not in names, "it is the same as A"
    assert not any({"witness", "site BRANCH"} == set(d) for d in double)


def test_a_double_fault_survives_only_if_each_of_its_faults_does() -> None:
    for places in (OPTION_1, OPTION_2, Places(NODES, "DR"), Places({"A": "HQ", "B": "HQ"}, "HQ")):
        found = surveyed(places)
        lost = {o.fault for o in found.single if not survived(o)}
        for d in found.double:
            assert not survived(d.outlook) or not lost & set(d.faults), (places, d)


@pytest.mark.slow
@pytest.mark.parametrize("witness", ["HQ", "DR", "BRANCH"])
def test_no_two_faults_in_any_order_make_two_nodes_serve(witness: str) -> None:
    places = Places(NODES, witness)
    tried = [s for site in places.sites for s in loses(places, site)]
    tried += [s for line in places.lines for s in cuts(LENS, places, line)]
    for one, other in combinations(tried, 2):
        for gap in (0, 1_000, 5_000, 8_000, 12_000, 60_000):
            driver = Driver(READER, STAND.state)
            for step in (one, other):
                if READER.check(driver.state, step) is None:
                    driver.fire(step)
                for _ in driver.waiting(gap):
                    assert len(LENS.serving(driver.state)) < 2, (one, other, gap)
            for _ in driver.waiting(60_000):
                assert len(LENS.serving(driver.state)) < 2, (one, other, gap)


def test_what_was_tried_before_leaves_no_trace_in_what_is_tried_next() -> None:
    for places in (OPTION_1, OPTION_2):
        for name, steps in faults(LENS, places):
            fresh = Stand(LENS, READER, STAND.state, 0, 0)
            assert STAND.after(name, steps) == fresh.after(name, steps)


def test_a_witness_with_the_passive_is_neither_option_and_costs_the_line() -> None:
    found = placements(STAND, Places(NODES, "DR"))
    assert [(p.name, p.present) for p in found] == [
        ("option 1", False),
        ("option 2", False),
        ("neither", True),
    ]
    lost = survey(STAND, found[2])
    assert {o.fault: o.service for o in lost.single}["line HQ-DR"] == FAILS_OVER


class TestCommand:
    """The command line."""

    @pytest.fixture(autouse=True)
    def _here(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)

    def test_without_sites_two_are_assumed_and_it_says_so(self) -> None:
        begin("cluster create MAIL")
        assert "taken to stand in two" in good("plan")
        found = document("plan")
        assert found["assumed_sites"] is True
        assert [p["witness_site"] for p in found["placements"]] == ["primary", "third"]
        result = call("plan", "--witness-site", "X")
        assert (result.exit_code, result.stderr[:12]) == (2, "ccr: CCR195:")

    def test_what_if_compares_with_the_present_and_writes_nothing(self) -> None:
        words = ("--site", "A=HQ", "--site", "B=DR", "--witness-site", "HQ")
        good("cluster", "create", "MAIL", *words)
        before = Path("ccr.db").read_bytes()
        found: dict[str, Any] = document("plan", "--witness-site", "BRANCH")
        now, then = found["placements"]
        assert (now["present"], then["present"]) == (True, False)
        lost = [[o["fault"] for o in p["single"] if not o["survived"]] for p in (now, then)]
        assert lost == [["site HQ"], []]
        assert Path("ccr.db").read_bytes() == before
