"""Parts of a record without numbers: every order that rules and clocks allow is a possible run."""

from __future__ import annotations

import json
from itertools import permutations
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ccr_es.errors_audit import PartialMalformed, PartsApart, PartsTooLong, PartsUntimed
from ccr_es.partial import Asked, Clocks, Declared, audit_partial, audit_together, lanes, weaving
from ccr_es.partial.answering import steps_of
from ccr_es.partial.report import CANNOT, CERTAIN, CONFORMS, DOES_NOT, IMPOSSIBLE, POSSIBLE, UNKNOWN
from models.language.model import ALWAYS
from models.language.rule import Body
from models.language.schema import field_of
from models.language.terms import Bool, peer
from models.language.variant import Variant
from tests.ccr_es.partial_making import Told, creation, failed_over, without
from tests.ccr_es.test_partial_adopted import NEW, told
from tests.ccr_es.weaving_making import PARTIES, UNNUMBERED, judged, line, split
from tests.models.teaching import BROKEN, MODEL, SERVICE, Node

AHEAD = {"A": 5_000, "B": 70, "outside": 12}
LINES = failed_over().lines
UNTIMED = (*UNNUMBERED, "time")


@pytest.mark.parametrize("ahead", [{}, AHEAD])
@pytest.mark.parametrize("clocks", [Clocks(), Clocks(5_000), Clocks(5_000, 100.0)])
def test_the_clean_record_conforms_and_its_clocks_are_told(
    ahead: dict[str, int], clocks: Clocks
) -> None:
    report = judged(split(LINES, ahead), clocks=clocks)
    assert (report.said, report.doubts) == (CONFORMS, {})
    assert report.events == len(LINES) + 1
    assert report.clocks == {p: (ahead.get(p, 0), ahead.get(p, 0)) for p in PARTIES}


def test_without_any_time_the_rules_alone_put_it_in_order() -> None:
    report = judged(split(LINES, fields=UNTIMED), Asked("lock.holder", "B"))
    assert (report.said, report.clocks) == (CONFORMS, {})
    assert report.answers[0].answer == CERTAIN


def test_a_bound_on_the_clocks_that_does_not_hold_leaves_no_order() -> None:
    report = judged(split(LINES, AHEAD), clocks=Clocks(1_000))
    assert report.said == DOES_NOT
    assert "in no order can the parts go on from here" in report.troubles[0].text
    assert "no two clocks are taken to be more than 1 s apart" in report.declared


def test_a_clock_that_runs_fast_needs_a_drift() -> None:
    """A's clock gains a thousandth."""
    parts = split(LINES)
    fast = [json.loads(raw) for raw in parts["A"]]
    for one in fast[1:]:
        one["data"]["time"] += one["data"]["time"] // 1_000
    parts["A"] = [json.dumps(one).encode() for one in fast]
    assert judged(parts).said == DOES_NOT
    assert judged(parts, clocks=Clocks(None, 100.0)).said == DOES_NOT
    assert judged(parts, clocks=Clocks(None, 1_000.0)).said == CONFORMS


TWICE = {
    "A": [line("LockClaimed", n="A"), line("ServingStarted", n="A", renewed=0)],
    "B": [line("LockClaimed", n="B"), line("ServingStarted", n="B")],
    "outside": [line("Ticked", dt=20_000)],
}
"""Both serve, in whichever order; whether at once hangs on when time passed."""


def doubly(times: dict[str, int] | None = None, ticks: bool = True) -> dict[str, list[bytes]]:
    """These lines; by these times, if they are stamped."""
    first = json.loads(creation())
    found = {}
    for name, lines in TWICE.items():
        stamped = json.loads(json.dumps(lines if ticks or name != "outside" else []))
        for one in stamped if times is not None else ():
            one["data"]["time"] = times[name]
        head = {**first, "ccrpart": name, "ccrparties": name}
        found[name] = [json.dumps(x).encode() for x in (head, *stamped)]
    return found


def test_what_happens_in_one_order_only_is_possible() -> None:
    report = judged(doubly(), model=BROKEN)
    assert report.said == CANNOT
    (trouble,) = [t for t in report.troubles if "P01" in t.text]
    assert not trouble.certain
    steps = steps_of(trouble.run)
    assert {step.of for step in steps} <= set(PARTIES)
    assert [s.step.rule for s in steps][:1] == ["claim_lock"]


def test_what_happens_in_every_order_is_certain() -> None:
    report = judged(doubly(ticks=False), model=BROKEN)
    assert report.said == DOES_NOT
    assert [t.certain for t in report.troubles if "P01" in t.text] == [True]


def test_lines_that_one_property_is_about_do_not_commute() -> None:
    """Neither reads nor writes what the other does, but both at once is what must not be."""
    mine = Variant(MODEL, "flags")
    mine.field("node", "flag", field_of(Bool, False, owner="lock service"))

    @mine.rule(30, trigger="consequence", actor=SERVICE)
    def raise_flag(s: Any, n: Node) -> Body:  # type: ignore[valid-type]
        """A flag goes up."""
        return Body("FlagRaised", sets={s.node[n].flag: True})

    @mine.rule(31, trigger="consequence", actor=SERVICE)
    def lower_flag(s: Any, n: Node) -> Body:  # type: ignore[valid-type]
        """A flag goes down."""
        return Body("FlagLowered", sets={s.node[n].flag: False})

    @mine.promise("P20", kind=ALWAYS)
    def one_flag_at_most(s: Any, n: Node) -> Any:  # type: ignore[valid-type]
        """Never two flags."""
        return ~(s.node[n].flag & s.node[peer(n)].flag)

    first = json.loads(creation())
    parts = {
        n: [
            {**first, "ccrpart": n, "ccrparties": n},
            line("FlagRaised", n=n),
            line("FlagLowered", n=n),
        ]
        for n in "AB"
    }
    parts["outside"] = [{**first, "ccrpart": "outside", "ccrparties": "outside"}]
    raw = {name: [json.dumps(x).encode() for x in lines] for name, lines in parts.items()}
    report = judged(raw, model=mine.model)
    assert report.said == CANNOT
    assert [(t.certain, t.text[:3]) for t in report.troubles] == [(False, "P20")]
    raw["B"].pop()
    raw["A"].pop()
    assert judged(raw, model=mine.model).said == DOES_NOT


def test_clocks_that_are_near_enough_decide() -> None:
    apart = {"A": 0, "B": 20_000, "outside": 20_000}
    at_once = {"A": 0, "B": 0, "outside": 20_000}
    assert judged(doubly(apart), model=BROKEN).said == CANNOT
    assert judged(doubly(apart), model=BROKEN, clocks=Clocks(500)).said == CONFORMS
    assert judged(doubly(at_once), model=BROKEN, clocks=Clocks(500)).said == DOES_NOT
    assert judged(doubly(at_once), model=BROKEN, clocks=Clocks(25_000)).said == CANNOT


@pytest.mark.parametrize("order", list(permutations(PARTIES)))
def test_the_order_in_which_parts_are_named_does_not_matter(order: tuple[str, ...]) -> None:
    for parts in (split(LINES, AHEAD), doubly()):
        named = {name: parts[name] for name in order}
        model = BROKEN if parts != split(LINES, AHEAD) else MODEL
        asked = Asked("lock.holder", "B")
        one, other = judged(parts, asked, model=model), judged(named, asked, model=model)
        assert (one.said, one.clocks, one.answers[0].answer) == (
            other.said,
            other.clocks,
            other.answers[0].answer,
        )


def test_lines_of_a_part_that_are_shuffled_or_missing_are_found() -> None:
    parts = split(LINES, AHEAD)
    for bad in ([*parts["A"][:1], *parts["A"][:0:-1]], [*parts["A"][:2], *parts["A"][3:]]):
        assert judged({**parts, "A": bad}).said == DOES_NOT


def test_beyond_the_width_nothing_is_certain_but_what_is_found_is_possible() -> None:
    asked = (Asked("lock.holder", "A"), Asked("lock.holder", ""))
    report = judged(doubly(), *asked, model=BROKEN, width=1)
    assert report.said == CANNOT
    assert any("states and orders were possible" in doubt for doubt in report.doubts)
    assert {a.answer for a in report.answers} <= {POSSIBLE, UNKNOWN}
    whole = judged(doubly(), *asked, model=BROKEN)
    assert [a.answer for a in whole.answers] == [POSSIBLE, IMPOSSIBLE]


def test_what_is_not_logged_may_have_happened_in_between() -> None:
    lacking = {"claim_lock", "renew_lock", "note_renewal"}
    kept = [x for x in LINES if x["type"] not in ("ccr:LockClaimed", "ccr:LockRenewed")]
    kept = [x for x in kept if x["type"] != "ccr:RenewalNoted"]
    report = judged(split(kept, {}), Asked("lock.holder", "B"), not_logged=lacking)
    assert (report.said, report.answers[0].answer) == (CONFORMS, CERTAIN)


def test_parts_whose_lines_have_numbers_are_one_record() -> None:
    whole = audit_partial("record", without(LINES, fields=()), MODEL, Declared())
    report = judged(split(LINES, fields=()))
    assert (report.said, report.events, report.width) == (whole.said, whole.events, whole.width)
    assert not report.unordered
    fewer = judged(split(LINES[:4] + LINES[5:], fields=()))
    assert fewer.said == DOES_NOT


def test_parts_go_on_by_another_model_together() -> None:
    lines = told()
    first, *rest = lines
    parts = {p: [{**first, "ccrpart": p, "ccrparties": p}] for p in PARTIES}
    rules = {r.event: r for r in NEW.rules.values()}
    for one in rest:
        rule = rules.get(one["type"].removeprefix("ccr:"))
        args = one["data"]["args"]
        whose = PARTIES if rule is None else ("outside" if rule.actor.on is None else args["n"],)
        data = {k: v for k, v in one["data"].items() if k != "number"}
        for p in whose:
            parts[p].append({**one, "data": data})
    raw = {p: [json.dumps(x).encode() for x in found] for p, found in parts.items()}
    assert by_models(raw) == (CONFORMS, 2)
    parts["A"] = [one for one in parts["A"] if one["type"] != "ccr:ModelAdopted"]
    raw["A"] = [json.dumps(x).encode() for x in parts["A"]]
    assert by_models(raw)[0] == DOES_NOT


def by_models(raw: dict[str, list[bytes]]) -> tuple[str, int]:
    """What is said of parts that are judged by the models that came along, and how many."""
    report = audit_together(raw, NEW)
    return report.said, len(report.judged_by)


def test_parts_that_do_not_belong_together_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = split(LINES)
    other = json.loads(parts["A"][0])
    other["data"]["args"]["seed"] += 1
    with pytest.raises(PartsApart, match="begins with another creation"):
        judged({**parts, "A": [json.dumps(other).encode(), *parts["A"][1:]]})
    only = [json.dumps({**json.loads(parts["A"][0]), "ccrnotlogged": "tick"}).encode()]
    with pytest.raises(PartsApart, match="declare other kinds"):
        judged({**parts, "A": only})
    with pytest.raises(PartsUntimed, match="Add the part `outside`"):
        judged({p: lines for p, lines in parts.items() if p != "outside"})
    mixed = split(LINES, fields=())
    cut = json.loads(mixed["A"][2])
    del cut["data"]["number"]
    with pytest.raises(PartialMalformed, match="A line 3 has no number"):
        judged({**mixed, "A": [*mixed["A"][:2], json.dumps(cut).encode()]})
    monkeypatch.setattr(lanes, "LINES_MAX", 5)
    with pytest.raises(PartsTooLong):
        judged(parts)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), ahead=st.booleans(), timed=st.booleans(), broken=st.booleans())
def test_one_order_that_stands_for_all_says_what_all_orders_say(
    seed: int, ahead: bool, timed: bool, broken: bool
) -> None:
    """And of what was really so it never says that it was not."""
    rng, run, model = Random(seed), Told(), BROKEN if broken else MODEL
    for _ in range(rng.randint(2, 5)):
        if rng.random() < 0.4:
            run.wait(rng.choice((500, 3_000, 12_000)))
        else:
            run.act(rng.choice(("crash", "boot", "cut", "heal")), n=rng.choice("AB"))
    fields = UNNUMBERED if timed else UNTIMED
    parts = split(run.lines[:14], AHEAD if ahead else {}, fields)
    after = run.states[len(run.lines[:14])]
    asked = [Asked("lock.holder", after["lock.holder"]), Asked("node.A.mode", after["node.A.mode"])]
    clocks = Clocks(5_100) if seed % 2 else Clocks()
    ours = judged(parts, *asked, model=model, clocks=clocks, width=300)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(weaving.Weaving, "_stands_for_all", lambda *_: False)
        theirs = judged(parts, *asked, model=model, clocks=clocks, width=300)
    assert ours.said != DOES_NOT or broken
    assert all(a.answer != IMPOSSIBLE for a in ours.answers)
    if not theirs.doubts:
        assert ours.width <= theirs.width
        assert (ours.said, ours.clocks) == (theirs.said, theirs.clocks)
        assert [a.answer for a in ours.answers] == [a.answer for a in theirs.answers]
        assert {(t.text, t.certain) for t in ours.troubles} == {
            (t.text, t.certain) for t in theirs.troubles
        }
