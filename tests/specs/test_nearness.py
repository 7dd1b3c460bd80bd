"""How near a run is to a broken property is kept up to date by what a step wrote, as if it had been
worked out anew; so are the times to wait for, and which rules were seen in which control states.
"""

from __future__ import annotations

from math import log2
from random import Random

import pytest

from specs.catalogue import CCR, SMALL
from specs.simulation import judging
from specs.simulation.aims import FINE, Aim, Nearness, aims_of
from specs.simulation.corpus import Corpus, Place
from specs.simulation.machine import Machine
from specs.simulation.playing import Pairs, Play, Played

SOME = ("P05", "P06", "P61", "P138")
"""Promises about states and about steps, with few conditions and many; one about the clock."""
MACHINE = Machine(CCR, SMALL, [p for p in CCR.properties if p.number in SOME])


def played(aim: Aim, seed: int, steps: int) -> tuple[Play, Played, list[int], Pairs, Corpus]:
    """A run from the initial state that is about one aim, with what it counted."""
    draw, state = Random(seed), MACHINE.reader.initial()
    play, run = Play(MACHINE, draw, state, MACHINE.enabled(state), None), Played(0, ())
    fired, pairs = [0] * len(MACHINE.moves), Pairs()
    corpus = Corpus([aim], draw, 0)
    play.go(run, steps, -1, fired, pairs, corpus)
    assert not run.broke
    return play, run, fired, pairs, corpus


@pytest.mark.parametrize("often", [1, 10**9], ids=["in one function", "one by one"])
def test_what_holds_of_an_aim_is_what_its_conditions_say(
    often: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "OFTEN", often)
    changed = set[int]()
    machine = Machine(CCR, SMALL, MACHINE.properties)
    for aim in aims_of(machine):
        plain = [machine.writing.of_state(c) for c in aim.conditions]
        state = machine.reader.initial()
        holding = aim.held(state)
        for move, values in played(aim, 3, 150)[1].taken:
            changes = move.fire(state, *values)
            assert changes is not None
            state.update(changes)
            told = aim.told_by[move.place]
            if told is not None:
                holding = holding & told[0] | told[1].ask(state)
            held = sum(1 << i for i, holds in enumerate(plain) if holds(state))
            assert holding == held == aim.held(state), move.g.rule.name
            changed.add(held)
    assert len(changed) > 20


def test_how_much_holds_of_a_way_is_what_adding_up_each_way_gives() -> None:
    draw, seen = Random(1), set[int]()
    for aim in aims_of(MACHINE):
        nearness, held = Nearness(aim), 0
        for turn in range(300):
            if turn % 8 == 0:
                weights = [0.1 + draw.random() for _ in aim.conditions]
                nearness.weigh(weights)
            held ^= draw.getrandbits(aim.size) & draw.getrandbits(aim.size) if turn % 3 else 0
            score, whole, sums = nearness.score(held), False, list[float]()
            for way in aim.ways:
                places = [aim.conditions[c] for c in way]
                holds = [held >> i & 1 for i in places]
                own = sum(weights[i] for i, so in zip(places, holds, strict=True) if so)
                sums.append(FINE * own / sum(weights[i] for i in places))
                whole |= all(holds)
            assert score in {int(max(sums)), int(max(sums) + 1e-4)}
            assert (score == FINE) == whole
            seen.add(score)
    assert len(seen) > FINE / 2


def test_what_seldom_held_counts_for_more() -> None:
    aim = max(aims_of(MACHINE), key=lambda a: a.size)
    draw, counts, corpus = Random(2), [0] * aim.size, Corpus([aim], Random(0), 0)
    weighed = list[list[float]]()
    corpus._nearness.weigh = weighed.append  # type: ignore[method-assign, assignment]
    place = Place((), (), (), 0, -1)
    for turn in range(1, 200):
        held = draw.getrandbits(aim.size) & draw.getrandbits(aim.size)
        counts = [n + (held >> i & 1) for i, n in enumerate(counts)]
        before = len(weighed)
        corpus.keep(place, held)
        if len(weighed) > before:
            assert weighed[-1] == [log2(2 + turn / (1 + n)) for n in counts]
    assert 10 < len(weighed) < 25


def test_the_rules_seen_in_a_control_state_are_those_that_fired_there() -> None:
    for aim in aims_of(MACHINE):
        play, run, fired, pairs, _ = played(aim, 5, 200)
        state, met = MACHINE.reader.initial(), set[tuple[int, int]]()
        for move, values in run.taken:
            met.add((hash(MACHINE.control(state)), move.place))
            changes = move.fire(state, *values)
            assert changes is not None
            state.update(changes)
        assert state == play.state
        assert sum(fired) == run.steps == len(run.taken) == 200
        told = {(w, i) for w, places in pairs.items() for i in range(len(fired)) if places >> i & 1}
        assert told == met


def test_the_times_that_are_waited_for_are_those_of_the_state() -> None:
    begun, changed = MACHINE.times(MACHINE.reader.initial()), set[int]()
    for seed, aim in enumerate(aims_of(MACHINE)):
        play = played(aim, seed, 200)[0]
        assert play.times == MACHINE.times(play.state)
        changed.update(i for i, at in enumerate(play.times) if at != begun[i])
    assert len(changed) > 10


def test_the_situations_that_a_run_met_are_those_of_its_states() -> None:
    for aim in aims_of(MACHINE):
        _, run, _, _, corpus = played(aim, 8, 200)
        state, met = MACHINE.reader.initial(), set[tuple[int, int]]()
        for move, values in run.taken:
            changes = move.fire(state, *values)
            assert changes is not None
            state.update(changes)
            met.add((aim.held(state), MACHINE.enabled(state) & aim.near))
        assert corpus.shelf.seen == met
