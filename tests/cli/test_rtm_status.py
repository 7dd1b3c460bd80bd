"""The five faults of RTM's status, each as the source document tells it, beside what SP1 shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cli.copies.copystate import flags, summary
from cli.copies.rtm_status import misleading
from cli.session.views import Lens, storage_group
from models.ccr.model import CCR, SMALL
from models.plain.layout import State
from models.plain.reader import Reader
from specs.catalogue.possible import BEHIND, FORMED, OUT, SHIPPED
from tests.cli.calling import begin, document
from tests.cli.test_copy_status import LOG, states

LENS = Lens(Reader(CCR, SMALL))


def shown(state: State) -> tuple[dict[str, Any], dict[str, Any]]:
    """What SP1 shows of the passive copy, and what RTM shows."""
    copy = storage_group(LENS, state, "SG1")
    target = str(copy["target"])
    found = flags(state, target, "SG1", reachable=True, leads=False)
    body = {
        **found,
        "CCRTargetNode": target,
        "Suspend": found["Suspended"],
        "SummaryCopyStatus": summary(found),
        "LastLogGenerated": copy["generated"],
        "CopyQueueLength": copy["copy_queue"],
    }
    return body, {**body, **misleading(LENS, state, "SG1", body)}


def words(state: State) -> tuple[str, str]:
    """The summary that SP1 shows, and the one that RTM shows."""
    new, old = shown(state)
    return str(new["SummaryCopyStatus"]), str(old["SummaryCopyStatus"])


@pytest.mark.seed("S-140")
def test_rtm_calls_an_idle_copy_healthy_that_holds_what_the_source_never_had() -> None:
    end = states(*BEHIND, "fail_node n=A", "wait 60000", *OUT, "power_on n=A", "wait 5000")[-1]
    assert words(end) == ("Initializing", "Healthy")


@pytest.mark.seed("S-141")
def test_rtm_calls_a_copy_healthy_while_its_status_is_evaluated_again() -> None:
    end = states(*SHIPPED, "suspend_copy n=B g=SG1", *OUT, "resume_copy n=B g=SG1")[-1]
    assert words(end) == ("Initializing", "Healthy")


@pytest.mark.seed("S-142")
def test_rtm_shows_an_old_last_log_while_the_database_is_dismounted() -> None:
    lost = ("cut_network w=net1 n=A", "cut_network w=net1 n=B", *((LOG,) * 9))
    new, old = shown(states(*SHIPPED, *lost, "fail_node n=A", "fail_share", "wait 60000")[-1])
    assert new["LastLogGenerated"] - old["LastLogGenerated"] == 9
    assert (new["CopyQueueLength"], old["CopyQueueLength"]) == (9, 0)


@pytest.mark.parametrize(
    "story",
    [
        pytest.param(("lose_log n=A g=SG1 generation=1",), id="S-143"),
        pytest.param(("wait 130", "corrupt_log n=B g=SG1 generation=1"), id="S-144"),
    ],
)
@pytest.mark.seed("S-143", "S-144")
def test_rtm_flips_for_ever_where_sp1_is_steady_and_both_queues_grow(
    story: tuple[str, ...],
) -> None:
    rounds = ("wait 30000", LOG) * 6
    seen = states(*FORMED, LOG, *story, "wait 2000", *rounds)
    failed = next(i for i, s in enumerate(seen) if words(s)[0] == "Failed")
    both = [words(s) for s in seen[failed:]]
    assert {new for new, _ in both} == {"Failed"}
    turns = [old for i, (_, old) in enumerate(both) if i == 0 or old != both[i - 1][1]]
    assert len(turns) >= 4
    assert set(turns) == {"Failed", "Healthy"}
    queues = [storage_group(LENS, s, "SG1") for s in (seen[failed], seen[-1])]
    grown = [int(q["copy_queue"] or 0) + int(q["replay_queue"] or 0) for q in queues]
    assert grown[1] > grown[0]


@pytest.mark.seed("S-148")
def test_the_tools_of_rtm_mislead_about_a_cluster_of_rtm_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    begin(
        "cluster create OLD --release rtm --witness //HUB/OLD",
        "workload --logs 3",
        "copy suspend SG1 --comment 'disk work'",
        "network cut LAN",
        "copy resume SG1",
    )
    old, new = (
        document("copy", "status", "--tools", tools)["storage_groups"]["SG1"]["status"]
        for tools in ("rtm", "sp1")
    )
    assert (old, new) == ("Healthy", "Initializing")
