"""A partial record whose audit was put aside anywhere is gone on with to the same report."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from ccr_es.partial import Asked, Declared, audit_partial, engine
from ccr_es.partial.pausing import PausedPart
from models.language.model import Model
from tests.ccr_es.partial_making import Told, failed_over, rules, without
from tests.ccr_es.test_partial_adopted import NEW, record, told
from tests.models.teaching import BROKEN, MODEL

LACKING = ("LockClaimed", "RenewalNoted", "PathCut", "PathHealed")


class Enough(Exception):
    """The audit is to be put aside."""


class Stopping:
    """Puts an audit aside when it is told for the n-th time how far it is."""

    def __init__(self, after: int) -> None:
        self.left, self.kept = after, b""

    def __call__(self, _taken: int, note: Callable[[], PausedPart]) -> None:
        self.left -= 1
        if not self.left:
            self.kept = msgspec.json.encode(note())
            raise Enough


def two_serve() -> list[bytes]:
    """A record in which two may have served at once before it goes on."""
    run = Told(BROKEN)
    for rule, args in (("claim_lock", {"n": "A"}), ("start_serving", {"n": "A", "renewed": 0})):
        run.tell(rule, **args)
    run.tell("claim_lock", n="B")
    run.tell("start_serving", n="B", renewed=0)
    run.tell("tick", dt=500)
    run.tell("crash", n="A")
    run.tell("tick", dt=20_000)
    return without(run.lines, ("LockClaimed",))


RECORDS: dict[str, tuple[Callable[[], list[bytes]], Model, frozenset[str], bool]] = {
    "some rules are not logged": (
        lambda: without(failed_over().lines, LACKING, ("number", "args.n")),
        MODEL,
        rules(LACKING),
        True,
    ),
    "it has numbers": (
        lambda: without(failed_over().lines, LACKING, ()), MODEL, rules(LACKING), True,
    ),
    "a property is broken on the way": (two_serve, BROKEN, rules(("LockClaimed",)), True),
    "another model is adopted": (
        lambda: record(told(), ("LockClaimed",)), NEW, frozenset({"LockClaimed"}), False,
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", RECORDS)
def test_the_report_is_the_same_wherever_it_was_put_aside(
    what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, model, lacking, by_given = RECORDS[what]
    lines, declared = made(), Declared(lacking)
    asked = (Asked("lock.holder", "B"), Asked("node.A.mode", "IDLE", len(lines) - 2))
    monkeypatch.setattr(engine, "OFTEN", 1)
    whole = audit_partial("record", lines, model, declared, asked, by_given=by_given)
    assert whole.events > 5
    for stop in range(1, whole.events - 2, 2):
        noted = Stopping(stop)
        args = ("record", lines, model, declared, asked)
        with pytest.raises(Enough):
            audit_partial(*args, by_given=by_given, noted=noted)
        begun = msgspec.json.decode(noted.kept, type=PausedPart)
        assert audit_partial(*args, by_given=by_given, begun=begun) == whole
