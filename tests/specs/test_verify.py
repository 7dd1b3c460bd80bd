"""verify: three verdicts, each earned; evidence confirmed; unknown never rounded to holds."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from models.language.misuse import BadRule
from models.language.model import SOMETIMES, Model, Property
from models.plain.layout import Value
from specs import verify as module
from specs.options import Options
from specs.proof.proving import Prover
from specs.proof.settling import Result
from specs.report import Report
from specs.runs import SHORTEST, Run, confirm
from specs.search.bounded import Bounded
from specs.search.search import Hunt, Looked
from specs.verdict import HOLDS, UNKNOWN, VIOLATED, EngineError, Obligation, merge
from specs.verify import verify
from tests.models import teaching
from tests.specs import storage
from tests.specs.runs import DEFAULTS, prop, run_of

QUICK = Options(depth=4, sweeps=3)


def checked(model: Model, *numbers: str, **settings: int) -> Report:
    """A quick verification of some properties of a variant of the teaching model."""
    asked = [prop(model, n) for n in numbers] or None
    given = settings or None
    return verify(model, teaching.INSTANCE, asked, parameters=given, options=QUICK)


def verdicts(report: Report) -> dict[str, str]:
    """The verdict on each property that was asked."""
    return {p.number: report.verdict_on(p.number) for p in report.asked}


@pytest.mark.parametrize(
    ("found", "merged"),
    [
        ([], UNKNOWN),
        ([HOLDS], HOLDS),
        ([HOLDS, UNKNOWN], UNKNOWN),
        ([HOLDS, UNKNOWN, VIOLATED], VIOLATED),
    ],
)
def test_verdicts_are_merged_with_the_worst_first(found: list[str], merged: str) -> None:
    assert merge(found) == merged


def test_the_teaching_model_holds_and_its_takeover_is_shown() -> None:
    report = checked(teaching.MODEL)
    assert report.verdict == HOLDS
    assert verdicts(report) == dict.fromkeys(("P01", "P02", "P03", "P04"), HOLDS)
    assert confirm(teaching.MODEL, report.runs["P04"], prop(teaching.MODEL, "P04")) is not None


def test_a_dropped_guard_is_violated_with_a_minimal_confirmed_run() -> None:
    report = checked(teaching.BROKEN)
    assert report.verdict == VIOLATED
    assert verdicts(report)["P01"] == VIOLATED
    assert verdicts(report)["P02"] == HOLDS
    assert len(report.runs["P01"]) == 4
    assert report.runs["P01"].notes["verdict"] == VIOLATED


def test_a_run_is_called_the_shortest_only_where_every_shorter_one_was_excluded() -> None:
    assert checked(teaching.BROKEN).runs["P01"].notes[SHORTEST] is True
    asked = [prop(teaching.BROKEN, "P01")]
    for depth, said in ((3, True), (2, None)):
        options = Options(depth=depth, sweeps=3)
        report = verify(teaching.BROKEN, teaching.INSTANCE, asked, options=options)
        assert (len(report.runs["P01"]), report.runs["P01"].notes.get(SHORTEST)) == (4, said)


def test_a_run_that_is_not_the_shortest_gives_way_to_one_that_is() -> None:
    hunt = Hunt(teaching.BROKEN, teaching.INSTANCE, DEFAULTS, free=False)
    late = run_of([("tick", {"dt": 1}), *teaching.BROKEN_RUN])
    found = hunt.shortest(prop(teaching.BROKEN, "P01"), late)
    assert (len(found), found.notes[SHORTEST]) == (4, True)
    hunt.depth = 3
    assert SHORTEST not in hunt.shortest(prop(teaching.BROKEN, "P01"), late).notes


def test_a_timer_that_breaks_the_constraint_is_said_and_refuted() -> None:
    report = checked(teaching.MODEL, "P01", expiry=5_999)
    assert report.verdict == VIOLATED
    assert report.broken == ("expiry covers the lease",)
    assert report.assumptions == ()
    assert report.runs["P01"].instance.parameters["expiry"] == 5_999
    assert checked(teaching.MODEL, "P01", expiry=6_000).verdict == HOLDS


def test_the_report_says_what_was_assumed_and_which_faults_were_allowed() -> None:
    report = checked(teaching.MODEL, "P01")
    assert report.faults == ("R003 crash", "R004 cut")
    assert report.assumptions == ("expiry covers the lease",)
    assert report.parameters is None
    assert report.leaned_on() == ["L01", "L02"]


def test_an_open_induction_that_no_run_reaches_is_unknown() -> None:
    lone = replace(teaching.MODEL, properties=(prop(teaching.MODEL, "P01"),))
    induct = verify(lone, teaching.INSTANCE, options=replace(QUICK, method="induction"))
    search = verify(lone, teaching.INSTANCE, options=replace(QUICK, method="steps"))
    assert (induct.verdict, search.verdict) == (UNKNOWN, UNKNOWN)
    report = replace(induct, obligations=[*induct.obligations, *search.obligations])
    assert report.verdict == UNKNOWN
    details = [o.detail for o in report.open_of("P01")]
    assert any("counterexample to induction" in d and "step R0" in d for d in details)
    assert any("no run of up to 4 steps" in d for d in details)
    assert any("no run of up to 3 sweeps" in d for d in details)


def test_spacer_closes_what_induction_leaves_open() -> None:
    lone = replace(teaching.MODEL, properties=(prop(teaching.MODEL, "L01"),))
    asked = [prop(lone, "L01")]
    options = replace(QUICK, method="spacer")
    report = verify(lone, teaching.INSTANCE, asked, options=options)
    assert report.verdict == HOLDS
    assert report.rung("L01") == "spacer"
    assert "p.lease" in report.as_json()["certificates"]["L01"]
    short = {"expiry": 5_999}
    report = verify(lone, teaching.INSTANCE, asked, parameters=short, options=options)
    assert (report.verdict, report.certificates) == (UNKNOWN, {})
    report = verify(lone, teaching.INSTANCE, asked, parameters=short, options=QUICK)
    assert (report.verdict, report.certificates) == (VIOLATED, {})


def never(number: str) -> Property:
    """A `sometimes` that cannot be: the lemma on stamps forbids it."""
    s = teaching.SCHEMA.state
    future = s.lock.renewed > s.now
    return Property(number, "from_the_future", SOMETIMES, (), future, "A stamp to come.", "test")


def test_a_sometimes_that_cannot_be_is_violated_for_runs_of_any_length() -> None:
    model = teaching.MODEL.promising((never("P90"),))
    report = checked(model, "P90")
    assert report.verdict == VIOLATED
    assert report.open_of("P90")[-1].detail == "no run of any length shows it"


def test_a_sometimes_that_no_search_shows_is_unknown() -> None:
    s = teaching.SCHEMA.state
    often = Property("P91", "often", SOMETIMES, (), s.history.turns >= 9, "Nine turns.", "test")
    assert checked(teaching.MODEL.promising((often,)), "P91").verdict == UNKNOWN


STORY = ("claim_lock n=A", "wait 5", "crash n=A", "wait 20000")


def test_a_story_shows_what_it_tells() -> None:
    told = replace(prop(teaching.MODEL, "P04"), story=STORY)
    model = replace(teaching.MODEL, properties=(told,))
    report = verify(model, teaching.INSTANCE, options=Options(depth=0, sweeps=0))
    assert verdicts(report) == {"P04": HOLDS}
    assert [o.method for o in report.obligations] == ["story"]


@pytest.mark.parametrize("story", [(), STORY[:3], ("claim_lock n=Z",), ("nonsense",)])
def test_a_story_that_does_not_show_it_is_no_evidence(story: tuple[str, ...]) -> None:
    told = replace(prop(teaching.MODEL, "P04"), story=story)
    model = replace(teaching.MODEL, properties=(told,))
    report = verify(model, teaching.INSTANCE, options=Options(depth=0, sweeps=0))
    assert verdicts(report) == {"P04": UNKNOWN}


def test_a_counterexample_far_from_the_start_is_found_from_the_end_of_a_story() -> None:
    told = replace(prop(teaching.MODEL, "P04"), story=STORY)
    both = replace(teaching.MODEL, properties=(told, prop(teaching.MODEL, "P01")))
    short = {**DEFAULTS, "expiry": 5_999}
    looked: list[Looked] = []
    hunt = Hunt(both, teaching.INSTANCE, short, False, 0, 3, on_looked=looked.append)
    found: dict[str, Run] = {}
    hunt._waypoints([prop(both, "P01")], found)
    assert len(found["P01"]) == 6
    assert confirm(both, found["P01"], prop(both, "P01")) is not None
    assert [x.detail for x in looked] == ["a confirmed run of 6 steps breaks it"]


def test_when_the_time_is_up_everything_left_is_unknown() -> None:
    report = verify(teaching.MODEL, teaching.INSTANCE, options=Options(seconds=0))
    assert report.verdict == UNKNOWN
    assert HOLDS not in {report.verdict_on(n) for n in ("P01", "P04")}


def test_every_obligation_is_told_as_it_is_met() -> None:
    told: list[Obligation] = []
    report = verify(teaching.MODEL, teaching.INSTANCE, options=QUICK, on_progress=told.append)
    assert len(told) == len(report.obligations)


def test_the_document_is_plain_json_with_a_verdict_per_obligation() -> None:
    document = json.loads(json.dumps(checked(teaching.BROKEN).as_json()))
    assert document["verdict"] == VIOLATED
    assert {"rule", "property", "method", "verdict", "seconds"} <= set(document["obligations"][0])
    assert [s["rule"] for s in document["runs"]["P01"]["steps"]] == [
        rule for rule, _ in teaching.BROKEN_RUN
    ]
    first = document["properties"][0]
    assert (first["number"], first["verdict"]) == ("P01", VIOLATED)


def test_a_tracked_sort_is_proved_for_one_and_refuted_with_what_the_instance_has() -> None:
    report = verify(storage.CARELESS, storage.instance(2), options=QUICK)
    assert verdicts(report)["P02"] == VIOLATED
    spoilt = {str(v) for s in report.runs["P02"].steps for v in s.args.values()}
    assert "*" not in spoilt


def test_an_unknown_parameter_is_refused() -> None:
    with pytest.raises(BadRule, match="no parameter expirey"):
        checked(teaching.MODEL, "P01", expirey=1)


def test_a_run_of_the_solver_that_does_not_confirm_is_no_verdict(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def invented(self: Bounded, goal: str) -> Run:
        return Run(teaching.INSTANCE, ())

    monkeypatch.setattr(Bounded, "run_found", invented)
    with pytest.raises(EngineError):
        checked(teaching.BROKEN, "P01")


def test_a_proof_that_goes_wrong_does_not_hide_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(self: Prover, *_: object) -> list[Result]:
        return [Result(Obligation("R010", "P01", "induction", UNKNOWN, 0.0, "lost"))]

    monkeypatch.setattr(module.Prover, "prove", lost)
    report = checked(teaching.BROKEN, "P01")
    assert (report.verdict, len(report.runs["P01"])) == (VIOLATED, 4)


def test_the_smallest_values_are_chosen_for_what_may_be_anything() -> None:
    lax = replace(teaching.MODEL, constraints={})
    report = checked(lax, "P01")
    assert report.verdict == VIOLATED
    ticks: list[Value] = [s.args["dt"] for s in report.runs["P01"].steps if s.rule == "tick"]
    assert all(isinstance(dt, int) and dt <= 2 for dt in ticks)
