"""Views: what a plain state means. Each is the model's own phrase, or a count of plain facts."""

from __future__ import annotations

import pytest

from cli.session import views
from cli.session.views import Lens
from models.ccr.model import CCR
from models.language.model import Instance
from models.plain.blame import blame
from models.plain.layout import State
from models.plain.reader import Reader

INSTANCE = Instance({"Node": ("A", "B"), "Network": ("LAN", "REPL"), "Group": ("SG1",)})
READER = Reader(CCR, INSTANCE)
LENS = Lens(READER)


def state_with(**changes: object) -> State:
    """A joined pair with the CMS on A, and these changes (`__` for a dot)."""
    state = READER.initial()
    for n in ("A", "B"):
        state.update(
            {f"node.{n}.power": "UP", f"node.{n}.view": "JOINED", f"node.{n}.echoes": True}
        )
        state.update({f"node.{n}.open": 2, f"node.{n}.open_by": "A", f"node.{n}.running": True})
    state.update({"node.A.cms": "ONLINE", "node.A.run": 1, "copy.A.SG1.mounted_run": 1})
    state.update({"copy.A.SG1.state": "ACTIVE", "copy.A.SG1.active_epoch": 2})
    for key, value in changes.items():
        name = key.replace("__", ".")
        assert name in state, name
        state[name] = value  # type: ignore[assignment]
    return state


@pytest.mark.seed("S-040", "S-046")
def test_a_joined_pair_has_three_votes_and_one_active_node() -> None:
    state = state_with()
    assert LENS.serving(state) == ["A"]
    assert LENS.controller(state) == "A"
    assert [LENS.role(state, n) for n in ("A", "B")] == ["active", "passive"]
    assert [LENS.votes(state, n) for n in ("A", "B")] == [3, 3]
    assert LENS.cms(state) == ("Online", "A")


@pytest.mark.seed("S-046")
def test_votes_are_those_of_the_nodes_own_side() -> None:
    assert LENS.votes(state_with(share__up=False), "A") == 2
    assert LENS.votes(state_with(node__A__view="LOST"), "A") == 1
    assert LENS.votes(state_with(node__A__view="STOPPED"), "A") == 0
    held = {"witness__holder": "A", "node__A__renews": True, "node__A__lock_at": 0}
    assert LENS.votes(state_with(node__A__view="ALONE", **held), "A") == 2
    assert LENS.votes(state_with(node__A__power="DOWN"), "A") == 0


@pytest.mark.seed("S-044")
def test_a_network_is_up_only_if_it_carries_both_ways() -> None:
    state = state_with(network__LAN__carries__A=False, interface__REPL__role="PRIVATE")
    found = views.networks(LENS, state)
    assert (found["LAN"]["up"], found["REPL"]["up"]) == (False, True)
    assert found["REPL"]["role"] == "private"


def test_a_node_that_lost_its_peer_controls_only_while_a_lease_is_left() -> None:
    lost = {"node__A__view": "LOST", "node__A__echoes": False}
    fresh = state_with(**lost, node__A__echoed_at=0, clock__now=5_000)
    stale = state_with(**lost, node__A__echoed_at=0, clock__now=60_000)
    assert LENS.controller(fresh) == "A"
    assert LENS.controller(stale) is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("Online", "A")),
        ({"copy__A__SG1__mounted_run": 0}, ("PartiallyOnline", "A")),
        ({"node__A__cms": "ONLINE_PENDING"}, ("OnlinePending", "A")),
        ({"node__A__cms": "OFFLINE_PENDING"}, ("OfflinePending", "A")),
        ({"node__A__cms": "OFFLINE"}, ("Offline", None)),
        ({"node__A__cms": "FAILED"}, ("Failed", None)),
    ],
)
def test_the_cms_has_the_six_states_of_exchange(
    changes: dict[str, object], expected: tuple[str, str | None]
) -> None:
    assert LENS.cms(state_with(**changes)) == expected


def test_queues_count_what_is_not_inspected_and_what_is_not_replayed() -> None:
    state = state_with(
        copy__A__SG1__top=9, copy__B__SG1__notified=9, copy__B__SG1__copied=7,
        copy__B__SG1__top=6, copy__B__SG1__replayed=4,
    )  # fmt: skip
    found = views.storage_group(LENS, state, "SG1")
    assert (found["copy_queue"], found["replay_queue"]) == (3, 2)
    assert (found["generated"], found["copied"], found["inspected"]) == (9, 7, 6)


def test_logs_of_a_former_active_above_the_fork_are_not_of_the_new_stream() -> None:
    state = state_with(
        copy__A__SG1__lineage=3, copy__A__SG1__fork=5, copy__A__SG1__top=8,
        copy__B__SG1__top=7, copy__B__SG1__replayed=7, copy__B__SG1__state="FAILED",
    )  # fmt: skip
    found = views.storage_group(LENS, state, "SG1")
    assert (found["inspected"], found["copy_queue"], found["status"]) == (5, 3, "Failed")


@pytest.mark.seed("S-145")
def test_service_down_outranks_what_nobody_can_ask() -> None:
    state = state_with(node__B__power="DOWN", node__B__view="STOPPED", copy__B__SG1__state="FAILED")
    assert views.status(LENS, state, "B", "SG1") == "ServiceDown"


@pytest.mark.seed("S-061")
def test_lost_redundancy_and_possible_split_brain_are_said_beforehand() -> None:
    assert views.warnings(LENS, state_with()) == []
    assert "witness" in views.warnings(LENS, state_with(node__B__share_seen=False))[0]
    assert "keep B off" in views.warnings(LENS, state_with(node__A__view="FORCED"))[0]
    both = state_with(node__B__cms="ONLINE")
    assert views.warnings(LENS, both)[0].startswith("SPLIT BRAIN")


def test_blame_names_the_false_parts_and_nothing_else() -> None:
    rule = CCR.rule("write_records")
    args = {"n": "A", "g": "SG1", "records": 500}
    guard = rule.guards["they fit the open log"]
    assert blame(guard, READER.layout, state_with(), args) == ["copy.A.SG1.open_records"]
    target = CCR.rule("request_move").guards["target may host the CMS"]
    found = blame(target, READER.layout, state_with(node__B__paused=True), {"n": "A"})
    assert found == ["node.B.paused"]


def test_a_frozen_node_that_was_overtaken_does_not_count_as_the_mounted_one() -> None:
    state = state_with(
        node__A__frozen=True, node__B__cms="ONLINE", node__B__run=1,
        copy__B__SG1__mounted_run=1, copy__B__SG1__active_epoch=3, copy__B__SG1__state="ACTIVE",
    )  # fmt: skip
    found = views.storage_group(LENS, state, "SG1")
    assert (found["mounted_on"], found["source"], found["target"]) == ("B", "B", "A")
