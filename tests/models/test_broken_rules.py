"""A rule that breaks the discipline is refused with the fix and the line."""

# mypy: disable-error-code="valid-type, no-untyped-def"
from __future__ import annotations

import pytest

from models.language.misuse import BadRule
from models.language.rule import Body, Move
from models.language.terms import peer
from tests.models.misuse import Case, Disk, Mode, Node, check_refusal, sized, wrong

CASES: list[Case] = []


@wrong(CASES, BadRule, "node[n].size is set twice; keep one of moves and sets")
def sets_a_field_twice(s, n: Node):
    """One."""
    return Body("Sized", sets={s.node[n].size: 1, s.node[n].size: 2})


@wrong(CASES, BadRule, "node[n].mode is set twice; keep one of moves and sets")
def moves_and_sets_a_field(s, n: Node):
    """One."""
    mode = s.node[n].mode
    return Body("Sized", moves=Move(mode, Mode.OFF, Mode.ON), sets={s.node[n].mode: Mode.ON})


@wrong(CASES, BadRule, "are both set and may be one field")
def sets_what_may_be_one_field(s, n: Node, m: Node):
    """One."""
    return Body("Heard", sets={s.node[n].heard[n]: True, s.node[n].heard[m]: False})


@wrong(CASES, BadRule, "names one source twice: two arrows for one (state, trigger)")
def has_two_arrows_from_one_state(s, n: Node):
    """One."""
    return Body("Moved", moves=Move(s.node[n].mode, (Mode.OFF, Mode.OFF), Mode.ON))  # here


@wrong(CASES, BadRule, "node[n].mode is set twice")
def moves_one_field_by_two_arrows(s, n: Node):
    """One."""
    up, off = Move(s.node[n].mode, Mode.OFF, Mode.ON), Move(s.node[n].mode, Mode.ON, Mode.OFF)
    return Body("Moved", moves=(up, off))


@wrong(CASES, BadRule, "does not own: move the guard to `given` and read a field with a probe")
def requires_what_the_peer_knows(s, n: Node):
    """One."""
    return sized(s, n, s.node[peer(n)].good)


@wrong(CASES, BadRule, "requires 'it may' reads board.number, which service does not own")
def requires_what_lies_on_the_board(s, n: Node):
    """One."""
    return sized(s, n, s.board.number == 1)


@wrong(CASES, BadRule, "requires 'it may' reads node[n].power, which service does not own")
def requires_what_the_world_decides(s, n: Node):
    """One."""
    return sized(s, n, s.node[n].power)


@wrong(CASES, BadRule, "given 'peer is on' reads node[peer(n)].mode, which no I/O reveals")
def is_given_what_no_probe_reveals(s, n: Node):
    """One."""
    return sized(s, n, s.node[n].good, given={"peer is on": s.node[peer(n)].mode == Mode.ON})


@wrong(CASES, BadRule, "it reads ghost.seen, a ghost; ghosts exist for properties only")
def reads_a_ghost_in_a_guard(s, n: Node):
    """One."""
    return sized(s, n, s.ghost.seen == 1)


@wrong(CASES, BadRule, "it reads ghost.seen, a ghost; ghosts exist for properties only")
def reads_a_ghost_in_an_effect(s, n: Node):
    """One."""
    return Body("Sized", sets={s.node[n].size: s.ghost.seen})


@wrong(CASES, BadRule, "put it under ghost")
def sets_a_ghost_as_if_it_were_real(s, n: Node):
    """One."""
    return Body("Seen", sets={s.ghost.seen: 1})


@wrong(CASES, BadRule, "ghost sets node[n].size, which is not a ghost; put it under sets")
def sets_a_real_field_as_a_ghost(s, n: Node):
    """One."""
    return Body("Sized", sets={s.node[n].limit: 1}, ghost={s.node[n].size: 1})


@wrong(CASES, BadRule, "of another aggregate: bind an argument to it under `given` and set that")
def has_an_effect_from_another_aggregate(s, n: Node):
    """One."""
    return Body("Sized", sets={s.node[n].size: s.node[peer(n)].told})


@wrong(CASES, BadRule, "Make the second a consequence of its own")
def writes_two_aggregates(s, n: Node):
    """One."""
    same = {"number is the same": s.board.number == 0}
    return Body("Sized", given=same, sets={s.node[n].size: 1, s.board.number: 1})


@wrong(CASES, BadRule, "a passive resource, without comparing first: give it a guard on board")
def writes_the_board_without_comparing(s, n: Node):
    """One."""
    return Body("Written", requires={"it is good": s.node[n].good}, sets={s.board.number: 1})


@wrong(CASES, BadRule, "which belongs to environment, not to service")
def writes_what_belongs_to_the_world(s, n: Node):
    """One."""
    return Body("Powered", sets={s.node[n].power: False})


@wrong(CASES, BadRule, "two guards are named 'it may': one would hide the other; rename one")
def names_two_guards_alike(s, n: Node):
    """One."""
    return sized(s, n, s.node[n].good, given={"it may": s.node[n].power})


@wrong(CASES, BadRule, "a rule changes something: give it moves or sets")
def changes_nothing(s, n: Node):
    """One."""
    return Body("Nothing", requires={"it is good": s.node[n].good})


@wrong(CASES, BadRule, "there is no record nodes; there are clock, node, board, ghost")
def misspells_a_record(s, n: Node):
    """One."""
    return sized(s, n, s.nodes[n].good)  # here


@wrong(CASES, BadRule, "node has no field bad; it has mode, size")
def misspells_a_field(s, n: Node):
    """One."""
    return sized(s, n, s.node[n].bad)  # here


@wrong(CASES, BadRule, "there is no parameter least; there are most")
def misspells_a_parameter(s, n: Node):
    """One."""
    return sized(s, n, s.node[n].size < s.p.least)  # here


@wrong(CASES, BadRule, "argument n needs a sort as its annotation")
def has_an_argument_without_a_sort(s, n):
    """One."""
    return sized(s, n, s.node[n].good)


@wrong(CASES, BadRule, "service runs on a Node: that is the first argument")
def has_no_machine_to_run_on(s, d: Disk, n: Node):
    """One."""
    return sized(s, n, s.node[n].good)


@wrong(CASES, BadRule, "a rule needs a docstring: one sentence, then why")
def says_nothing_about_itself(s, n: Node):
    return sized(s, n, s.node[n].good)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].__name__)
def test_a_broken_rule_is_refused_at_import_with_its_fix_and_its_line(case: Case) -> None:
    check_refusal(case)
