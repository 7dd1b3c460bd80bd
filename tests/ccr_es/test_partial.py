"""Partial records: the planted violation is found, the clean twin conforms, and nothing is claimed
that the record does not carry.
"""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccr_es.errors_audit import BadQuestion, PartialMalformed
from ccr_es.partial import Asked, Declared, audit_partial
from ccr_es.partial.answering import steps_of
from ccr_es.partial.report import CANNOT, CERTAIN, CONFORMS, DOES_NOT, IMPOSSIBLE, POSSIBLE, UNKNOWN
from models.plain.layout import Value
from tests.ccr_es.partial_making import Told, creation, failed_over, judged, rules, without
from tests.models.teaching import BROKEN, BROKEN_RUN, MODEL

INNER = ("LockClaimed", "ServingStarted", "LockRenewed", "RenewalNoted", "ServingStopped")
LINES = failed_over().lines
CRASH = next(i for i, x in enumerate(LINES, 2) if x["type"] == "ccr:NodeCrashed")
"""The line of the crash."""


def swapped(lines: list[dict[str, object]], event: str, **args: Value) -> list[dict[str, object]]:
    """The lines with the last event of this kind about somebody else."""
    found = json.loads(json.dumps(lines))
    last = [line for line in found if line["type"] == f"ccr:{event}"][-1]
    last["data"]["args"] |= args
    return found  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "lacking", [(), ("LockClaimed",), ("LockRenewed", "RenewalNoted"), INNER, ("PathCut",)]
)
@pytest.mark.parametrize(
    "fields", [("number",), (), ("number", "args.renewed"), ("number", "args.n")]
)
def test_the_clean_record_conforms_whatever_is_left_out(
    lacking: tuple[str, ...], fields: tuple[str, ...]
) -> None:
    report = judged(without(LINES, lacking, fields), lacking)
    assert report.said == CONFORMS, (report.troubles, report.doubts)


@pytest.mark.parametrize("lacking", [(), ("LockRenewed", "RenewalNoted"), ("LockClaimed",)])
def test_the_planted_violation_is_found_where_it_is(lacking: tuple[str, ...]) -> None:
    """B serves although A holds the lock with a running lease: nothing unlogged explains that."""
    told = Told()
    told.wait(1_000)
    early = {
        "type": "ccr:ServingStarted",
        "data": {"args": {"n": "B", "renewed": 0}, "time": 1_000},
    }
    report = judged(without([*told.lines, early], lacking), lacking)
    assert report.said == DOES_NOT
    (trouble,) = report.troubles
    assert (trouble.kind, trouble.certain) == ("step", True)
    assert trouble.text == "R011 start_serving cannot have happened here"
    assert trouble.line == len(without([*told.lines, early], lacking))
    clean = judged(without(told.lines, lacking), lacking)
    assert clean.said == CONFORMS


def test_a_failed_line_is_explained() -> None:
    report = judged(without(swapped(LINES, "ServingStarted", n="A")))
    (trouble,) = report.troubles
    (against,) = trouble.against
    assert against.rule == "R011 start_serving"
    assert (against.guard, against.false) == ("its node is up", 2)
    assert against.facts == {"node.A.power": "DOWN"}
    assert trouble.nearest == "R011 start_serving(n=B, renewed=13000)"


def test_absence_is_evidence_only_of_what_is_declared_complete() -> None:
    """Without the crash of A nobody may seize the lock; if crashes are not logged, one is found."""
    lines = without(LINES, ("NodeCrashed",))
    assert judged(lines).said == DOES_NOT
    asked = Asked("node.A.power", "DOWN")
    report = judged(lines, ("NodeCrashed",), asked)
    assert report.said == CONFORMS
    assert report.answers[0].answer == CERTAIN


def test_a_fact_is_certain_possible_or_impossible_by_what_comes_after_it() -> None:
    """When A crashed is not logged: before it had to be down for B, both is possible."""
    lines = without(LINES, ("NodeCrashed",))
    before, last = CRASH - 1, len(lines)
    report = judged(
        lines, ("NodeCrashed",),
        Asked("node.A.power", "DOWN", before), Asked("node.A.power", "DOWN", last),
        Asked("node.A.power", "DOWN", 3), Asked("lock.holder", "A", before),
    )  # fmt: skip
    assert [a.answer for a in report.answers] == [POSSIBLE, CERTAIN, IMPOSSIBLE, CERTAIN]
    run = steps_of(report.answers[0].run)
    assert [(r.step.rule, r.step.args, r.logged) for r in run] == [("crash", {"n": "A"}, False)]


def test_numbers_say_how_much_is_missing() -> None:
    lines = without(LINES, ("NodeCrashed",), ())
    report = judged(lines, ("NodeCrashed", "PathCut"), Asked("lock.reach.B", True))
    assert (report.said, report.answers[0].answer) == (CONFORMS, CERTAIN)
    assert judged(lines).troubles[0].text.endswith("every kind of event is declared complete")
    twice = [*lines[:4], lines[3], *lines[4:]]
    assert judged(twice, ("NodeCrashed",)).troubles[0].text == "number 4 follows number 4"


def test_numbers_and_no_step_of_the_kinds_that_may_be_missing() -> None:
    lines = without(LINES, ("LockRenewed",), ())
    report = judged(lines, ("NodeBooted",))
    assert report.said == DOES_NOT
    assert "an event is missing before it, and none" in report.troubles[0].text


def test_a_moment_between_two_numbered_lines_lasts_over_the_unlogged_steps() -> None:
    lines = without(LINES, ("NodeCrashed",), ())
    report = judged(lines, ("NodeCrashed",), Asked("node.A.power", "DOWN", CRASH - 1))
    assert report.answers[0].answer == POSSIBLE


def test_beyond_the_width_only_what_is_possible_may_be_claimed() -> None:
    lines = without(LINES, INNER)
    asked = Asked("lock.holder", "B"), Asked("lock.holder", "A", 3), Asked("lock.holder", "B", 3)
    assert judged(lines, INNER, *asked).said == CONFORMS
    report = judged(lines, INNER, *asked, width=1)
    assert report.said == CANNOT
    assert {a.answer for a in report.answers} <= {POSSIBLE, UNKNOWN}
    assert any("states were possible" in d for d in report.doubts)


def test_a_number_that_nothing_binds_is_never_exhausted() -> None:
    """How long time passed before a crash is not known, so nothing about time is certain."""
    lines = without(LINES, fields=("number", "time", "args.dt"))
    report = judged(lines)
    assert report.said == CANNOT
    assert "dt of R001 tick" in report.to_log


def test_time_that_passes_unlogged_is_found_by_the_times_of_the_others() -> None:
    lines = without(LINES, ("Ticked",))
    assert judged(lines, ("Ticked",)).said == CONFORMS
    late = judged(without(LINES, ("Ticked", "LockClaimed")), ("Ticked", "LockClaimed"))
    assert late.said == CANNOT
    assert late.to_log == ["R010 claim_lock"], "it writes down when it happened"


def test_a_time_that_the_clock_does_not_show_is_refused() -> None:
    lines = json.loads(json.dumps(LINES))
    for place, said in ((-1, "its time is the recorded one"), (-2, "it is recorded at 13001 ms")):
        lines[place]["data"]["time"] += 1
        trouble = judged(without(lines)).troubles[0]
        assert (trouble.certain, trouble.against[0].guard) == (True, said)


def test_a_property_that_every_explanation_breaks_is_a_violation() -> None:
    told = Told(BROKEN)
    for rule, args in BROKEN_RUN:
        told.tell(rule, **args)
    lines = without(told.lines)
    report = audit_partial("record", lines, BROKEN, Declared(), by_given=True)
    assert (report.said, [t.kind for t in report.troubles]) == (DOES_NOT, ["property"])
    assert "(n=A) does not hold: Never two nodes serve at once." in report.troubles[0].text
    some = without(told.lines[:-1])
    hidden = Declared(rules(("ServingStarted",)))
    maybe = audit_partial("record", some, BROKEN, hidden, by_given=True)
    assert (maybe.said, maybe.troubles[0].certain) == (CANNOT, False)
    assert maybe.to_log == ["R011 start_serving"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"", "line 2 is not JSON"),
        (b"\xff\xfe", "line 2 is not JSON"),
        (b"[" * 100_000, "line 2 is not JSON"),
        (b"[1]", "line 2 is not a JSON object"),
        (b'{"type":"ccr:PathCut","type":"ccr:PathHealed"}', "the key 'type' stands twice"),
        (b'{"type":"ccr:PathCut","data":{"args":{"n":"A","n":"B"}}}', "the key 'n' stands twice"),
        (b"{}", "line 2 lacks its type"),
        (b'{"type":7}', "line 2 lacks its type"),
        (b'{"type":"ccr:PathCut","data":[]}', "line 2 lacks its type or has no data"),
        (b'{"type":"ccr:NodePainted"}', "the model has no event NodePainted"),
        (b'{"type":"ccr:PathCut","data":{"args":[]}}', "its arguments are no JSON object"),
        (b'{"type":"ccr:PathCut","data":{"args":{"m":1}}}', "R004 cut has no argument m"),
        (b'{"type":"ccr:PathCut","data":{"args":{"n":"C"}}}', "n='C' is no Node of this cluster"),
        (b'{"type":"ccr:PathCut","data":{"args":{"n":1}}}', "n=1 is no Node"),
        (b'{"type":"ccr:Ticked","data":{"args":{"dt":true}}}', "dt=True is no Int"),
        (b'{"type":"ccr:Ticked","data":{"args":{"dt":99999999999999999999}}}', "is no Int"),
        (b'{"type":"ccr:Ticked","data":{"time":-1}}', "time is -1, no whole number"),
        (b'{"type":"ccr:Ticked","data":{"time":1e999}}', "line 2"),
        (b'{"type":"ccr:Ticked","data":{"number":"x"}}', "number is 'x', no whole number"),
        (b'{"type":"ccr:Ticked","data":{"row":7}}', "row is 7, no text"),
        (b'{"type":"ccr:ModelAdopted","data":{}}', "another model, which the record has not"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(line: bytes, said: str) -> None:
    with pytest.raises(PartialMalformed, match="line 2") as caught:
        judged([creation(), line])
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("first", [b"", b"x", b"{}", b"[]", b'{"specversion":"1.0"}'])
def test_a_record_begins_with_the_creation(first: bytes) -> None:
    with pytest.raises(PartialMalformed, match="line 1"):
        judged([first])
    with pytest.raises(PartialMalformed, match="line 1"):
        judged([])


@pytest.mark.parametrize(
    ("key", "value"),
    [("node.A.pwr", "UP"), ("node.A.power", "SIDEWAYS"), ("clock.now", "x"), ("lock.reach.A", 1)],
)
def test_a_question_about_no_fact_is_refused(key: str, value: Value) -> None:
    with pytest.raises(BadQuestion):
        judged(without(LINES), (), Asked(key, value))


ACTS = st.one_of(
    st.tuples(st.sampled_from(["crash", "boot", "cut", "heal"]), st.sampled_from("AB")),
    st.tuples(st.just("wait"), st.sampled_from([1, 500, 6_000, 10_000, 25_000])),
)
EVENTS = sorted(r.event for r in MODEL.rules.values())
HIDE = sorted(set(EVENTS) - {"Ticked"})
KEYS = ("lock.holder", "node.A.mode", "node.B.power", "lock.reach.A")


@settings(max_examples=60)
@given(
    st.lists(ACTS, max_size=7),
    st.sets(st.sampled_from(HIDE), max_size=4),
    st.sets(st.sampled_from(["number", "args.n", "args.renewed", "args"])),
    st.data(),
)
def test_nothing_is_claimed_that_is_not_so(
    acts: list[tuple[str, int | str]], lacking: set[str], fields: set[str], data: st.DataObject
) -> None:
    """Of a true run, whatever is left out: it is never said not to conform, what really was is
    never impossible, and only what really was is certain.
    """
    told = Told()
    for what, detail in acts:
        if what == "wait":
            told.wait(int(detail))
        else:
            told.act(what, n=detail)
    lines = without(told.lines, lacking, fields)
    kept = [0, *(i for i, x in enumerate(told.lines, 1) if x["type"][4:] not in lacking)]
    at = data.draw(st.integers(0, len(kept) - 1))
    truth = told.states[kept[at]]
    asked = [Asked(key, truth[key], at + 1) for key in KEYS]
    report = judged(lines, lacking, *asked, width=64)
    assert report.said != DOES_NOT, report.troubles
    assert {a.answer for a in report.answers} <= {CERTAIN, POSSIBLE, UNKNOWN}
    if not lacking and "args" not in fields:
        assert (report.said, {a.answer for a in report.answers}) == (CONFORMS, {CERTAIN})
