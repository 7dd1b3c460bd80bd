"""State machines: one shared `transitions` machine per (record, field) that has moves, built from
`Rule.moves`.

The machine is a second reading of the control arrows, made by another library: commands must be
accepted by it as well as by the guards, `may` asks it, diagrams are drawn from it, and tests use it
as an oracle. Bulk replay does not go through it. A move between identities (the lock goes from
nobody to a node) has one trigger per member. Must not import the store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from models.language.misuse import BadRule
from models.language.model import Model
from models.language.rule import Move, Rule
from models.language.terms import Term, walk
from models.plain.layout import Layout, State, Value
from models.plain.reader import Reader, Step

if TYPE_CHECKING:
    from transitions import Machine

NOBODY = "nobody"
"""The state of a field of identities that names nobody."""


class _Marker:
    """What the shared machine moves: put at a state, asked, and forgotten."""

    state: str
    may_trigger: Callable[[str], bool]
    """Bound by the library."""


class FieldMachine:
    """The machine of one field: its states, and which trigger leads from which to which."""

    def __init__(self, record: str, field: str, initial: str) -> None:
        self.record, self.field, self.initial = record, field, initial
        self.states: dict[str, None] = {initial: None}
        self.arrows: dict[tuple[str, str], str] = {}
        self._machine: Machine | None = None
        self._marker = _Marker()
        self._may: dict[tuple[str, str], bool] = {}

    def add(self, trigger: str, start: str, end: str) -> None:
        """An arrow.

        Raises `BadRule` for a second one with the same trigger and start: the library would take
        the first.
        """
        if self.arrows.get((trigger, start), end) != end or (trigger, start) in self.arrows:
            raise BadRule(f"{self.record}.{self.field}: two arrows for {trigger} from {start}")
        self.states.update({start: None, end: None})
        self.arrows[trigger, start] = end

    @property
    def machine(self) -> Machine:
        """The library's machine, made at first use."""
        if self._machine is None:
            from transitions import Machine  # late: who only reads a log does not ask it

            self._machine = self._made(Machine, model=self._marker)
        return self._machine

    def _made(self, kind: type[Machine], **more: Any) -> Machine:
        rows = [{"trigger": t, "source": a, "dest": b} for (t, a), b in self.arrows.items()]
        return kind(
            states=list(self.states),
            transitions=rows,
            initial=self.initial,
            auto_transitions=False,
            **more,
        )

    def may(self, state: str, trigger: str) -> bool:
        """Whether the machine has an arrow for `trigger` from `state`.

        The library is asked once for each pair: its machine has no conditions.
        """
        found = self._may.get((state, trigger))
        if found is None:
            found = self._may[state, trigger] = self._asked(state, trigger)
        return found

    def _asked(self, state: str, trigger: str) -> bool:
        if state not in self.machine.states or trigger not in self.machine.events:
            return False
        self.machine.set_state(state, self._marker)
        return bool(self._marker.may_trigger(trigger))

    def fire(self, state: str, trigger: str) -> str:
        """The state after `trigger`.

        Raises `transitions.MachineError` if there is no such arrow.
        """
        self.machine.set_state(state, self._marker)
        self.machine.events[trigger].trigger(self._marker)
        return self._marker.state

    def mermaid(self) -> str:
        """The machine as a Mermaid state diagram."""
        from transitions.extensions import GraphMachine  # late: it brings asyncio along

        drawn = self._made(
            GraphMachine, graph_engine="mermaid", title=f"{self.record}.{self.field}"
        )
        return str(drawn.get_graph().source)


Need = tuple[FieldMachine, str, str]


class Machines:
    """Every field machine of a model under an instance, and which arrows a step needs."""

    def __init__(self, reader: Reader) -> None:
        self.layout: Layout = reader.layout
        self.model: Model = reader.model
        self.by_field: dict[tuple[str, str], FieldMachine] = {}
        self._needs: dict[tuple[str, ...], list[Need]] = {}
        for rule in self.model.rules.values():
            for move in rule.moves:
                self._add(rule, move)

    def _add(self, rule: Rule, move: Move) -> None:
        record, field, _ = move.field.value
        machine = self.by_field.get((record, field))
        if machine is None:
            declared = self.layout.schema.field(move.field)
            machine = FieldMachine(record, field, named(declared.initial.value))
            self.by_field[record, field] = machine
        for binding in self._bindings(rule, move):
            trigger = trigger_of(rule, move, binding)
            end = named(self._value(move.target, binding))
            for start in move.sources:
                machine.add(trigger, named(self._value(start, binding)), end)

    def _bindings(self, rule: Rule, move: Move) -> Iterator[dict[str, str]]:
        free = free_in(move)
        yield from self.layout.groundings(tuple((n, s) for n, s in rule.params if n in free))

    def _value(self, term: Term, binding: dict[str, str]) -> Value:
        if term.op == "const":
            constant: Value = term.value
            return constant
        return self.layout.resolve(term, binding)

    def needs(self, step: Step) -> list[Need]:
        """Per move of the step's rule: the machine, the flat key it is about, and the trigger."""
        rule = self.model.rule(step.rule)
        if not rule.moves:
            return []
        binding = {n: str(step.args[n]) for n, s in rule.params if s.kind == "id"}
        key = (step.rule, *binding.values())
        found = self._needs.get(key)
        if found is None:
            found = self._needs[key] = [self._need(rule, m, binding) for m in rule.moves]
        return found

    def _need(self, rule: Rule, move: Move, binding: dict[str, str]) -> Need:
        machine = self.by_field[move.field.value[:2]]
        return machine, self.layout.key(move.field, binding), trigger_of(rule, move, binding)

    def accept(self, state: State, step: Step) -> bool:
        """Whether every move of the step is an arrow of its machine."""
        return all(
            machine.may(named(state[key]), trigger) for machine, key, trigger in self.needs(step)
        )

    def may(self, state: State, row: str) -> list[str]:
        """The triggers that the machines allow in the present state of an aggregate, in
        alphabetical order.
        """
        found = set()
        for (record, field), machine in self.by_field.items():
            if record == row.split(".")[0]:
                now = named(state[f"{row}.{field}"])
                found |= {t for t, _ in machine.arrows if machine.may(now, t)}
        return sorted(found)


def named(value: Value) -> str:
    """A value as the name of a state."""
    return NOBODY if value == "" else str(value)


def free_in(move: Move) -> set[str]:
    """The arguments that decide where an arrow starts or ends."""
    return {t.value for end in (*move.sources, move.target) for t in walk(end) if t.op == "arg"}


def trigger_of(rule: Rule, move: Move, binding: dict[str, str]) -> str:
    """The rule's name, with the members that the arrow depends on: `claim_lock_A`."""
    free = free_in(move)
    return "_".join((rule.name, *(binding[n] for n, _ in rule.params if n in free)))
