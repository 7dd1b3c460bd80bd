"""Questions about a record: who served, what caused what, what if; all by folding it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ccr_es.cluster.cluster import Cluster
from ccr_es.questions.branching import Branch, outside
from ccr_es.questions.causes import chain
from ccr_es.questions.watching import Change, Condition, Span, Watch, gaps, overlaps, watched
from ccr_es.record.events import Recorded
from ccr_es.state.fold import Fold
from models.language.terms import Term
from models.plain.agenda import CLOCK
from models.plain.driver import Refused
from models.plain.layout import State
from models.plain.reader import Reader
from tests.ccr_es.making import made, opened
from tests.models.teaching import BROKEN, BROKEN_RUN, INSTANCE, MODEL, Node, serving

_NODE = Term("arg", Node, value="n")


def conditions(reader: Reader) -> dict[str, Condition]:
    """Who serves, by node."""
    term = serving(MODEL.state, _NODE)
    return {n: Condition(term, reader.layout, {"n": n}) for n in ("A", "B")}


@pytest.fixture(name="cluster")
def _cluster(tmp_path: Path) -> Iterator[Cluster]:
    with opened(made(tmp_path / "ccr.db"), write=False) as cluster:
        yield cluster


def begun(cluster: Cluster, upto: int = 1) -> tuple[Fold, Iterator[Recorded]]:
    """The fold of the first events, and the others."""
    fold, events = Fold(cluster.store.book), cluster.events()
    for _ in range(upto):
        fold.apply(next(events))
    return fold, events


def test_who_served_from_when_to_when(cluster: Cluster) -> None:
    fold, events = begun(cluster)
    spans, fold = watched(events, fold, conditions(cluster.reader))
    assert [(s.name, s.since.time, s.until and s.until.time) for s in spans] == [
        ("A", 0, 1_000),
        ("B", 11_000, None),
    ]
    assert (spans[0].until or spans[0].since).event == "NodeCrashed"
    assert [(a and a.time, b and b.time) for a, b in gaps(spans, fold.time)] == [(1_000, 11_000)]
    assert list(overlaps(spans)) == []


def test_a_lease_that_runs_out_while_time_passes_ends_a_span_at_that_moment() -> None:
    """No event says so: the moment is read off the condition."""
    reader = Reader(MODEL, INSTANCE)
    before: State = reader.initial() | {
        "lock.holder": "A", "lock.renewed": 0, "node.A.mode": "HOLDING", "node.A.lease_at": 0,
        "lock.reach.A": False,
    }  # fmt: skip
    watch = Watch(conditions(reader), before, 1)
    watch.step(before, before | {CLOCK: 9_000}, 2, "Ticked")
    assert watch.end() == [Span("A", Change(0, 1), Change(6_000, 2))]


def test_two_that_served_at_once_are_found() -> None:
    reader = Reader(BROKEN, INSTANCE)
    state = reader.initial()
    watch = Watch(conditions(reader), state, 0)
    for number, (rule, args) in enumerate(BROKEN_RUN, 1):
        before = state
        state = reader.evolve(state, reader.complete(state, rule, args))
        watch.step(before, state, number, rule)
    ((one, other),) = overlaps(watch.end())
    assert (one.name, one.since.number, other.name, other.since.number) == ("A", 2, "B", 4)


def test_spans_that_only_touch_do_not_overlap() -> None:
    one = Span("A", Change(0, 1), Change(5, 2, "x"))
    other = Span("B", Change(5, 2, "x"), None)
    assert list(overlaps([one, other])) == []
    assert list(gaps([one, other], 9)) == []


def test_causes_go_back_to_what_began_it_with_the_facts(cluster: Cluster) -> None:
    events = {r.event.number: r.event for r in cluster.events()}
    claimed = max(n for n, e in events.items() if e.event == "LockClaimed")
    found = chain(cluster.events, cluster.folds_at, claimed)
    assert [c.event.event for c in found] == ["NodeCrashed", "LockClaimed"]
    assert (found[0].event.actor, found[0].event.reason) == ("alice", "a test of the plug")
    free = next(b for b in found[1].because if b.guard == "nobody holds a running lease")
    assert free.decisive
    crash = found[0].event.number
    assert ("node.A.power", "DOWN", crash) in [(f.key, f.value, f.set_by) for f in free.facts]


def test_every_decisive_guard_rests_on_the_cause_or_on_time(cluster: Cluster) -> None:
    for number in range(2, cluster.now.number + 1):
        for cause in chain(cluster.events, cluster.folds_at, number):
            for because in (b for b in cause.because if b.decisive):
                by = {f.set_by for f in because.facts}
                assert cause.event.caused_by in by or "passed since" in because.text


@pytest.mark.parametrize("upto", [1, 3, 6])
def test_a_branch_without_a_change_is_what_happened(cluster: Cluster, upto: int) -> None:
    fold, events = begun(cluster, upto)
    rest = list(events)
    branch = Branch(fold, 0, conditions(cluster.reader))
    branch.again(outside(rest, cluster.reader))
    course = branch.end(cluster.now.time)
    assert course.state == cluster.now.state
    done = [(f.step.rule, f.time) for f in course.fired if f.step.rule != "tick"]
    assert done == [(r.event.rule, r.event.time) for r in rest if r.event.rule != "tick"]
    assert course.refused == []


def test_without_the_crash_there_is_no_failover_and_nothing_is_written(cluster: Cluster) -> None:
    events = list(cluster.events())
    crash = next(r.event.number for r in events if r.event.event == "NodeCrashed")
    fold, rest = begun(cluster, crash - 1)
    next(rest)
    before = cluster.head
    branch = Branch(fold, 0, conditions(cluster.reader))
    branch.again(outside(rest, cluster.reader))
    course = branch.end(60_000)
    assert [s.name for s in course.spans] == ["A"]
    assert course.outage == 0
    assert cluster.head == before


def test_a_step_may_be_put_in_if_the_rules_allow_it(cluster: Cluster) -> None:
    fold, _ = begun(cluster, 5)
    branch = Branch(fold, 0, conditions(cluster.reader))
    branch.insert("cut", {"n": "A"})
    course = branch.end(60_000)
    assert [s.name for s in course.spans] == ["A", "B"]
    assert 0 < course.outage < 10_000
    with pytest.raises(Refused):
        branch.insert("cut", {"n": "A"})


def test_what_somebody_did_that_is_not_possible_any_more_is_refused_by_name(
    cluster: Cluster,
) -> None:
    events = list(cluster.events())
    crash = next(r.event for r in events if r.event.event == "NodeCrashed")
    fold, _ = begun(cluster, crash.number)
    branch = Branch(fold, 0, conditions(cluster.reader))
    branch.again([crash])
    ((step, refusal),) = branch.end(1_000).refused
    assert (step.rule, refusal.guards[0].name) == ("crash", "node[n].power is UP")
    anywhere = Branch(begun(cluster, crash.number)[0], 0, conditions(cluster.reader), ("crash",))
    anywhere.again([crash])
    course = anywhere.end(1_000)
    assert [(f.step.rule, f.step.args) for f in course.fired][:1] == [("crash", {"n": "B"})]
