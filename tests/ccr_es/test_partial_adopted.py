"""A partial record of a cluster that went by another model from some event on: each line is judged
by the rules that it was written under, and what was possible before is what may be possible after.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from ccr_es.audit.audit import audit
from ccr_es.audit.sources import FileSource
from ccr_es.cluster.cluster import Cluster
from ccr_es.errors import UnknownRule
from ccr_es.errors_audit import BadQuestion, PartialMalformed
from ccr_es.partial import Asked, Declared, PartialReport, audit_partial
from ccr_es.partial.report import CANNOT, CERTAIN, CONFORMS, DOES_NOT, IMPOSSIBLE, POSSIBLE
from models.language.canonical import fingerprint
from models.language.model import ALWAYS
from models.language.rule import Body
from models.language.schema import field_of
from models.language.terms import Bool, some
from models.language.variant import Variant
from tests.ccr_es.making import exported, made, opened
from tests.models.teaching import MODEL, WORLD, Node, Power

NEWER = Variant(MODEL, "teaching lock with drains")
NEWER.field("node", "drained", field_of(Bool, False, owner="environment", probe="ping"))
NEWER.guard("claim_lock", "it is not drained", lambda s, n: ~s.node[n].drained, "given")


@NEWER.rule(20, trigger="command", actor=WORLD)
def drain(s: Any, n: Node) -> Body:  # type: ignore[valid-type]
    """A node is to serve no more."""
    drained = s.node[n].drained
    return Body("NodeDrained", requires={"it is not drained": ~drained}, sets={drained: True})


@NEWER.promise("P10", kind=ALWAYS)
def somebody_is_up(s: Any) -> Any:
    """There is a node that is up."""
    return some(Node, lambda n: s.node[n].power == Power.UP)


NEW = NEWER.model
Line = dict[str, Any]


@cache
def _recorded(down: bool) -> tuple[bytes, ...]:
    with TemporaryDirectory() as folder:
        path = made(Path(folder) / "ccr.db")
        if down:
            with opened(path) as cluster:
                cluster.do("crash", {"n": "B"})
        with opened(path, model=NEW) as cluster:
            _goes_on(cluster)
        return tuple(exported(path))


def _goes_on(cluster: Cluster) -> None:
    """A comes up, B is drained and fails, and A takes over."""
    cluster.wait(1_000)
    cluster.do("boot", {"n": "A"})
    cluster.do("drain", {"n": "B"})
    cluster.do("crash", {"n": "B"})
    cluster.settle()
    cluster.wait(60_000)


def told(*, down: bool = False) -> list[Line]:
    """The lines of a cluster that adopted the newer model; with `down`, when both were down."""
    return [json.loads(line) for line in _recorded(down)]


def at(lines: list[Line], event: str) -> int:
    """The index of the last event of this kind."""
    return max(i for i, line in enumerate(lines) if line["type"] == f"ccr:{event}")


def record(lines: list[Line], lacking: Collection[str] = (), *, numbers: bool = False) -> Any:
    """The lines as a record, without these events."""
    found = []
    for line in lines:
        if line["type"].removeprefix("ccr:") in lacking:
            continue
        if not numbers and found:
            line = {**line, "data": {k: v for k, v in line["data"].items() if k != "number"}}
        found.append(json.dumps(line).encode())
    return found


def judged(raw: list[bytes], lacking: Collection[str] = (), *asked: Asked) -> PartialReport:
    """The report on it."""
    return audit_partial("record", raw, NEW, Declared(frozenset(lacking)), asked)


LACKING = [(), ("LockRenewed", "RenewalNoted"), ("LockClaimed",), ("NodeDrained",)]


@pytest.mark.parametrize("lacking", LACKING)
@pytest.mark.parametrize("numbers", [True, False])
def test_the_clean_record_conforms_by_both_models(lacking: tuple[str, ...], numbers: bool) -> None:
    report = judged(record(told(), lacking, numbers=numbers), lacking)
    assert report.said == CONFORMS, (report.troubles, report.doubts)
    assert report.judged_by == [fingerprint(MODEL), fingerprint(NEW)]
    assert report.events == len(record(told(), lacking))


def _before(lines: list[Line]) -> int:
    """A second node serves under the old model."""
    first = next(i for i, line in enumerate(lines) if line["type"] == "ccr:ServingStarted")
    late = json.loads(json.dumps(lines[first]))
    late["data"]["args"]["n"] = "B"
    lines.insert(first + 1, late)
    return first + 2


def _at(lines: list[Line]) -> int:
    """The newer model is adopted at a time at which the cluster was not."""
    found = at(lines, "ModelAdopted")
    lines[found]["data"]["time"] += 1
    return found + 1


def _after(lines: list[Line]) -> int:
    """A drained node takes the lock: the old model allows it, the newer one does not."""
    found = at(lines, "LockClaimed")
    drained = json.loads(json.dumps(lines[at(lines, "NodeDrained")]))
    drained["data"] |= {"args": {"n": "A"}, "time": lines[found]["data"]["time"]}
    lines.insert(found, drained)
    return found + 2


@pytest.mark.parametrize("plant", [_before, _at, _after])
@pytest.mark.parametrize("lacking", LACKING[:2])
def test_what_is_planted_is_found_where_it_is(
    plant: Callable[[list[Line]], int], lacking: tuple[str, ...]
) -> None:
    lines = told()
    place = plant(lines)
    missing = [x for x in lines[:place] if x["type"].removeprefix("ccr:") in lacking]
    report = judged(record(lines, lacking), lacking)
    assert report.said == DOES_NOT
    (trouble,) = report.troubles
    assert (trouble.line, trouble.certain) == (place - len(missing), True)


def test_what_the_newer_model_promises_is_asked_from_the_first_state_on() -> None:
    lines = told(down=True)
    whole = audit(FileSource("log", _recorded(True)), NEW)
    (finding,) = whole.findings
    (trouble,) = judged(record(lines)).troubles
    assert (finding.property, finding.event) == (f"P10 {somebody_is_up.name}", trouble.line)
    assert (trouble.kind, trouble.certain) == ("property", True)
    hidden = judged(record(lines, ("NodeCrashed",)), ("NodeCrashed",))
    assert hidden.said == CANNOT, "whether both were down then is not known"
    assert [t.certain for t in hidden.troubles if t.kind == "property"] == [False]


def test_what_was_possible_before_is_remembered_after() -> None:
    lacking = ("PathCut", "PathHealed")
    raw = record(told(), lacking)
    adopted = at(told(), "ModelAdopted") + 1
    ask = [
        Asked("lock.reach.A", False, adopted - 1),
        Asked("lock.reach.A", False, adopted),
        Asked("node.B.drained", True, adopted),
        Asked("node.B.drained", True),
        Asked("lock.holder", "A"),
    ]
    answers = judged(raw, lacking, *ask).answers
    assert sorted((a.key, a.answer) for a in answers) == [
        ("lock.holder", CERTAIN),
        ("lock.reach.A", POSSIBLE),
        ("lock.reach.A", POSSIBLE),
        ("node.B.drained", CERTAIN),
        ("node.B.drained", IMPOSSIBLE),
    ]


def test_a_model_that_is_not_in_the_record_is_asked_for() -> None:
    lines = told()
    del lines[at(lines, "ModelAdopted")]["data"]["model_data"]
    assert judged(record(lines)).said == CONFORMS, "it is the one that is given"
    with pytest.raises(PartialMalformed, match=r"line 12: .* by another model, which the record"):
        audit_partial("record", record(lines), MODEL, Declared())
    lines = told()
    del lines[0]["data"]["model_data"]
    with pytest.raises(PartialMalformed, match=r"line 1: .* was created under, is not in the"):
        judged(record(lines))


def test_by_one_model_an_adoption_changes_nothing() -> None:
    lines = told()
    for i in (0, at(lines, "ModelAdopted")):
        del lines[i]["data"]["model_data"]
    report = audit_partial("record", record(lines), NEW, Declared(), by_given=True)
    assert (report.said, report.judged_by) == (CONFORMS, [fingerprint(NEW)])
    old = audit_partial("record", record(told(down=True))[:14], MODEL, Declared(), by_given=True)
    assert (old.said, old.judged_by) == (CONFORMS, [fingerprint(MODEL)])


def test_names_may_be_of_any_model_of_the_record_but_of_one() -> None:
    raw = record(told(), ("NodeDrained",))
    with pytest.raises(UnknownRule, match="no rule or event NodeDraned"):
        judged(raw, ("NodeDraned",))
    with pytest.raises(UnknownRule, match="NodeDrained"):
        judged(raw[:5], ("NodeDrained",))
    with pytest.raises(BadQuestion, match=r"no fact node\.B\.draned"):
        judged(raw, ("NodeDrained",), Asked("node.B.draned", True))


def test_the_rules_that_are_complete_are_so_by_either_model() -> None:
    kinds = {line["type"].removeprefix("ccr:") for line in told()} - {"ClusterCreated"}
    complete = frozenset(kinds - {"NodeDrained", "ModelAdopted"})
    raw = record(told(), ("NodeDrained",))
    report = audit_partial("record", raw, NEW, Declared(complete=complete))
    assert report.said == CONFORMS
    assert "R020 drain" in report.unlogged
