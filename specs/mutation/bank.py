"""States that runs reach, and how: what a mutant is tried on before anything is asked of Z3.

The runs are the model's stories and some random ones, always the same. Where a mutant may fire and
the original may not, or would set something else, its step is taken and every property judged on
the plain values before and after. A property that is proved of the model and false there is broken
by a confirmed run: the way to the state, and the mutant's step. What is not found here proves
nothing. Sits above `simulation` and `partings`; imports no z3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, product, takewhile

from models.language.model import SOMETIMES, STEP, Instance, Model, Property
from models.language.rule import GHOST
from models.plain.compile import function, reads, source
from models.plain.ground import Grounded, RuleCode
from models.plain.layout import State, Value
from models.plain.reader import Reader, Step

from ..proof.generic import CHANGES, ENDS
from ..runs import Run
from ..simulation.machine import Machine
from ..simulation.offering import choices
from ..simulation.simulation import Settings, Simulator
from .mutants import GUARD, NUMBER, Mutant

RANDOM_RUNS = 120
RANDOM_STEPS = 100
TRIES = 8
"""How many choices of the arguments that nobody binds are tried in a state."""
PLACES = 25
"""In how many of the states where a mutant differs its step is judged."""


@dataclass(frozen=True)
class Broken:
    """What the last step of a run breaks: property numbers, promises first."""

    by: tuple[str, ...]
    run: Run


@dataclass(frozen=True)
class _Place:
    """A state, and arguments of one grounding there."""

    state: int
    values: tuple[Value, ...]


class Bank:
    """The states of the model's stories and of random runs, at the instance's parameters."""

    def __init__(self, model: Model, instance: Instance) -> None:
        self.model, self.instance = model, instance
        self.machine = Machine(model, instance, ())
        self.reader = Reader(model, instance)
        self.states: list[State] = []
        self._ways: list[tuple[Run, int]] = []
        self._codes: dict[str, RuleCode] = {}
        self._tables: dict[tuple[str, tuple[str, ...]], _Table] = {}
        self._judges: dict[frozenset[str], list[Property]] = {}
        seen: set[int] = set()
        for run, every in self._runs():
            state = self.reader.initial()
            for at in range(len(run.steps) + 1):
                if at:
                    state = self.reader.evolve(state, run.steps[at - 1])
                if at % every == 0 and (key := hash(tuple(state.values()))) not in seen:
                    seen.add(key)
                    self.states.append(state)
                    self._ways.append((run, at))

    def _runs(self) -> Iterator[tuple[Run, int]]:
        from ..simulation.fleet import told

        stories = told(self.model, self.instance)
        settled = Instance(self.instance.members, dict(self.reader.layout.parameters))
        for steps in stories:
            taken = tuple(takewhile(self.machine.move_of, steps))
            yield Run(settled, taken), 1 + len(taken) // 100
        simulator = Simulator(self.machine, Settings(steps=RANDOM_STEPS), stories)
        for number in range(RANDOM_RUNS):
            yield simulator.run_of(simulator.play(number)), 4

    def way(self, place: int, step: Step) -> Run:
        """The run that reaches a state and then takes a step."""
        run, at = self._ways[place]
        return Run(run.instance, (*run.steps[:at], step))

    def try_out(self, mutant: Mutant, usual: tuple[str, ...] = ()) -> Broken | None:
        """The first run found in which the mutant breaks something. Of the generic obligations,
        those in `usual` do not count: the original does not keep them.
        """
        if mutant.rule.keyed != mutant.original.keyed:
            return None
        code = RuleCode(mutant.rule, self.reader.layout)
        only_lemmas: Broken | None = None
        for binding in self.reader.layout.groundings(mutant.rule.keyed):
            table = self.table(mutant.original.name, binding)
            changed = code.ground(dict(binding))
            for place in islice(table.apart(mutant, changed), PLACES):
                found = self._judged(mutant, changed, place, usual)
                if found is None:
                    continue
                if self._promised(found.by[0]):
                    return found
                only_lemmas = only_lemmas or found
        return only_lemmas

    def _promised(self, number: str) -> bool:
        return not number.startswith("L")

    def table(self, rule: str, binding: dict[str, str]) -> _Table:
        """Where the original of one grounding may fire, guard by guard."""
        key = (rule, tuple(binding.values()))
        if key not in self._tables:
            if rule not in self._codes:
                self._codes[rule] = RuleCode(self.model.rule(rule), self.reader.layout)
            self._tables[key] = _Table(self, self._codes[rule].ground(dict(binding)))
        return self._tables[key]

    def _judged(
        self, mutant: Mutant, changed: Grounded, place: _Place, usual: tuple[str, ...]
    ) -> Broken | None:
        before = self.states[place.state]
        effects = changed.effects(before, *place.values)
        after = before | effects
        by = []
        for prop in self._near(changed.writes):
            if prop.kind == STEP and prop.at and mutant.rule.name not in prop.at:
                continue
            late = self.reader.holds(prop, before, after) if prop.kind == STEP else (
                self.reader.holds(prop, after))  # fmt: skip
            if late:
                by.append(prop.number)
        by += [x for x in self._generic(changed, before, after, place) if x not in usual]
        if not by:
            return None
        by.sort(key=lambda n: not self._promised(n))
        values = dict(zip(changed.names, place.values, strict=True))
        args = {n: values.get(n, changed.binding.get(n, "")) for n, _ in mutant.rule.params}
        return Broken(tuple(by), self.way(place.state, Step(mutant.rule.name, args)))

    def _generic(
        self, changed: Grounded, before: State, after: State, place: _Place
    ) -> Iterator[str]:
        fields = self.reader.layout.fields
        seen = [k for k in changed.writes if fields[k].owner != GHOST]
        if all(before[k] == after[k] for k in seen):
            yield CHANGES
        if changed.rule.trigger == "consequence" and changed.allowed(after, *place.values):
            yield ENDS

    def _near(self, written: frozenset[str]) -> list[Property]:
        if written not in self._judges:
            self._judges[written] = [
                p for p, keys in self._read if p.kind == STEP or not keys.isdisjoint(written)
            ]
        return self._judges[written]

    @cached_property
    def _read(self) -> list[tuple[Property, frozenset[str]]]:
        layout, found = self.reader.layout, []
        for prop in self.model.properties:
            if prop.kind == SOMETIMES:
                continue
            keys = [reads(prop.term, layout, b) for b in layout.groundings(prop.params)]
            found.append((prop, frozenset().union(*keys)))
        return found


class _Table:
    """One grounding of the original: its arguments in every state, and which guards hold there, as
    sets of bits over these places.
    """

    def __init__(self, bank: Bank, g: Grounded) -> None:
        self.bank, self.g = bank, g
        self.places = list(self._placed())
        self._truth: dict[str, int] = {}

    def _placed(self) -> Iterator[_Place]:
        bind, g = self.g.bind, self.g
        if bind is not None:
            for i, state in enumerate(self.bank.states):
                yield _Place(i, tuple(bind(state)))
            return
        layout, given = self.bank.reader.layout, g.rule.bindings
        bound = {
            n: function(source(given[n], layout, g.binding), ()) for n in g.names if n in given
        }
        tried = choices(layout, g)
        for i, state in enumerate(self.bank.states):
            known = {n: f(state) for n, f in bound.items()}
            ranges = []
            for _, values, keys in tried:
                near = {int(state[k]) + d for k in keys for d in (0, 1)}
                ranges.append(tuple(dict.fromkeys((*values, *sorted(near)))))
            for chosen in islice(product(*ranges), TRIES):
                known.update(zip((n for n, _, _ in tried), chosen, strict=True))
                yield _Place(i, tuple(known[n] for n in g.names))

    def truth(self, guard: str) -> int:
        """Where a guard holds."""
        if guard not in self._truth:
            self._truth[guard] = self._holding(self.g.guards[guard])
        return self._truth[guard]

    def _holding(self, test: object, among: int = -1) -> int:
        states, bits = self.bank.states, bytearray(len(self.places) + 7 >> 3)
        assert callable(test)
        for i, place in enumerate(self.places):
            if among == -1 or among >> i & 1:
                if test(states[place.state], *place.values):
                    bits[i >> 3] |= 1 << (i & 7)
        return int.from_bytes(bits, "little")

    def allowed(self, without: str = "") -> int:
        """Where every guard but one holds."""
        found = (1 << len(self.places)) - 1
        for name in self.g.guards:
            if name != without:
                found &= self.truth(name)
        return found

    def apart(self, mutant: Mutant, changed: Grounded) -> Iterator[_Place]:
        """The places where the mutant may fire and the original not, or sets something else."""
        name, effects = mutant.what, False
        if mutant.kind == GUARD:
            among = self.allowed(without=name) & ~self.truth(name)
        elif mutant.kind == NUMBER and name in self.g.guards:
            among = self.allowed(without=name) & ~self.truth(name)
            among = self._holding(changed.guards[name], among) if among else 0
        else:
            among, effects = self.allowed(), True
        yield from self._spread(among, changed if effects else None)

    def _spread(self, among: int, changed: Grounded | None) -> Iterator[_Place]:
        states = self.bank.states
        while among:
            low = among & -among
            place = self.places[low.bit_length() - 1]
            among ^= low
            if changed is not None:
                state = states[place.state]
                mine = changed.effects(state, *place.values)
                theirs = self.g.effects(state, *place.values)
                keys = {**mine, **theirs}
                if all(mine.get(k, state[k]) == theirs.get(k, state[k]) for k in keys):
                    continue
            yield place
