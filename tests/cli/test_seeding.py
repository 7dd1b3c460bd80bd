"""Seeding over networks that were named for it: at most two, no other, and discarded when none of
them is left.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models.language.model import Instance
from specs.catalogue import CCR, SMALL
from specs.catalogue.networks import NAMES, ONLY
from specs.catalogue.possible import FORMED
from specs.search.story import tell
from tests.cli.calling import call, document, good
from tests.specs.test_networks import breaks

pytestmark = pytest.mark.slow

BEGIN = "begin_seed n=B g=SG1 delete=true manual=false"
NAMED = (
    *FORMED,
    *ONLY,
    *NAMES,
    "suspend_copy n=B g=SG1",
    "name_seed_network n=B g=SG1 w=net1",
)


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def suspended(*words: str) -> None:
    """A suspended copy, in a cluster with two replication networks."""
    good("cluster", "create", "MAIL", "--networks", "LAN:public,R1:mixed,R2:mixed", *words)
    for w, subnet in (("R1", 1), ("R2", 2)):
        for host, n in enumerate("AB", 1):
            call("network", "enable", w, n, "--ip", f"10.0.{subnet}.{host}")
    good("workload", "--logs", "2")
    good("copy", "suspend", "SG1")


def status() -> dict[str, Any]:
    found = document("copy", "status", "SG1")["storage_groups"]["SG1"]["copy"]
    assert isinstance(found, dict)
    return found


def update(*words: str) -> int:
    return call("copy", "update", "SG1", "--delete-existing-files", *words).exit_code


@pytest.mark.seed("S-100", "S-114")
def test_a_seed_goes_on_over_the_second_network_and_ends_with_the_last() -> None:
    suspended()
    assert update("--data-host-names", "R1,R2") == 0
    good("network", "cut", "R1")
    assert status()["Seeding"]
    good("network", "cut", "R2")
    assert (status()["Failed"], status()["Suspend"]) == (True, True)
    assert "interrupted" in status()["FailedMessage"]


@pytest.mark.seed("S-092", "S-100")
def test_a_seed_that_names_no_network_passes_over_the_public_one() -> None:
    suspended()
    assert update() == 0
    good("network", "cut", "R1")
    good("network", "cut", "R2")
    assert status()["Seeding"]
    good("network", "heal", "R1")
    good("network", "cut", "LAN")
    assert status()["Failed"]


@pytest.mark.seed("S-114")
def test_what_cannot_be_named_is_refused_and_leaves_nothing_behind() -> None:
    suspended()
    before = document("cluster", "show")["event"]
    assert update("--data-host-names", "R1,R2,LAN") == 2
    assert update("--data-host-names", "LAN") == 1
    assert update("--data-host-names", "R1,LAN") == 1
    assert call("copy", "update", "SG1", "--data-host-names", "NOWHERE").exit_code == 2
    assert document("cluster", "show")["event"] == before


@pytest.mark.seed("S-092")
def test_the_first_release_has_no_networks_to_name() -> None:
    suspended("--release", "rtm")
    assert update("--data-host-names", "R1") == 1
    assert update() == 0


@pytest.mark.seed("S-114")
def test_progress_follows_the_network_in_use() -> None:
    suspended()
    good("network", "limit", "R1", "--bandwidth", "20480")
    good("network", "limit", "R2", "--bandwidth", "5120")
    assert update("--data-host-names", "R1,R2") == 0
    good("wait", "15s")
    assert status()["SeedingFinishedPercent"] == 50
    good("network", "cut", "R1")
    assert status()["SeedingFinishedPercent"] == 12
    left = status()["ResynchronizedIn"]
    good("wait", f"{left - 1}ms")
    assert status()["Seeding"]
    good("wait", "1ms")
    assert (status()["Seeding"], status()["Suspend"]) == (False, False)


@pytest.mark.seed("S-114")
def test_a_seed_that_ends_over_a_network_that_is_gone_is_found() -> None:
    weaker = CCR.without_rule("abort_seed").without_guard("finish_seed", "seeding took its time")
    weaker = weaker.without_guard("begin_seed", "a network carries the seed")
    for rule in ("begin_seed", "finish_seed"):
        weaker = weaker.without_guard(rule, "source was mounted later")
    story = (*NAMED, "cut_network w=net1 n=A", BEGIN)
    assert breaks(weaker, "P58", tell(weaker, Instance(SMALL.members), story))


@pytest.mark.seed("S-114")
def test_the_names_are_for_one_seed() -> None:
    run = tell(CCR, Instance(SMALL.members), (*NAMED, BEGIN, "wait 60000"))
    assert "forget_seed_network" in [s.rule for s in run.steps]
