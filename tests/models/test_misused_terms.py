"""A term used as a Python value, or of the wrong sort, is refused with the fix and the line."""

# mypy: disable-error-code="valid-type, no-untyped-def"
from __future__ import annotations

import pytest

from models.language.misuse import BadRule, MixedSorts, TermMisuse
from models.language.rule import Body, Move
from models.language.terms import all_of, each, if_else, peer
from tests.models.misuse import Case, Colour, Disk, Mode, Node, check_refusal, sized, wrong

CASES: list[Case] = []


@wrong(CASES, TermMisuse, "`or` drops a term: write a | b, or any_of")
def uses_or(s, n: Node):
    """One."""
    return sized(s, n, s.node[n].good or s.node[n].size == 1)  # here


@wrong(CASES, TermMisuse, "`and` drops a term: write a & b, or all_of")
def uses_and(s, n: Node):
    """One."""
    return sized(s, n, s.node[n].good and s.node[n].size == 1)  # here


@wrong(CASES, TermMisuse, "`not` needs a truth value: write ~a")
def uses_not(s, n: Node):
    """One."""
    return sized(s, n, not s.node[n].good)  # here


@wrong(CASES, TermMisuse, "write one_of(x, a, b, ...)")
def uses_in(s, n: Node):
    """One."""
    return sized(s, n, s.node[n].mode in (Mode.ON, Mode.OFF))  # here


@wrong(CASES, TermMisuse, "write ~one_of(x, a, b, ...)")
def uses_not_in(s, n: Node):
    """One."""
    return sized(s, n, s.node[n].mode not in (Mode.ON,))  # here


@wrong(CASES, TermMisuse, "write if_else(condition, a, b)")
def uses_if_expression(s, n: Node):
    """One."""
    size = 1 if s.node[n].good else 2  # here
    return Body("Sized", sets={s.node[n].size: size})


@wrong(CASES, TermMisuse, "write if_else(condition, a, b)")
def uses_if_statement(s, n: Node):
    """One."""
    size = 2
    if s.node[n].good:  # here
        size = 1
    return Body("Sized", sets={s.node[n].size: size})


@wrong(CASES, TermMisuse, "a rule has no loops, use each() or some()")
def uses_while(s, n: Node):
    """One."""
    while s.node[n].good:  # here
        pass
    return Body("Sized", sets={s.node[n].size: 1})


@wrong(CASES, TermMisuse, "any() drops terms: write any_of(...), or some(Sort, lambda x: ...)")
def uses_any(s, n: Node):
    """One."""
    return sized(s, n, any([s.node[n].good, s.node[n].power]))  # here


@wrong(CASES, TermMisuse, "all() drops terms: write all_of(...), or each(Sort, lambda x: ...)")
def uses_all(s, n: Node):
    """One."""
    return sized(s, n, all([s.node[n].good, s.node[n].power]))  # here


@wrong(CASES, TermMisuse, "max() compares at once: write larger(a, b)")
def uses_max(s, n: Node):
    """One."""
    return Body("Sized", sets={s.node[n].size: max(s.node[n].size, s.node[n].limit)})  # here


@wrong(CASES, TermMisuse, "min() compares at once: write smaller(a, b)")
def uses_min(s, n: Node):
    """One."""
    return Body("Sized", sets={s.node[n].size: min(s.node[n].size, s.node[n].limit)})  # here


@wrong(CASES, TermMisuse, "write (a <= b) & (b <= c)")
def chains_comparisons(s, n: Node):
    """One."""
    return sized(s, n, 0 <= s.node[n].size <= s.node[n].limit)  # here


@wrong(CASES, TermMisuse, "use each(Sort, lambda x: ...) or some(Sort, lambda x: ...)")
def loops_over_a_term(s, n: Node):
    """One."""
    return sized(s, n, all_of(*s.node[n].size))  # here


@wrong(CASES, TermMisuse, "`or` drops a term")
def uses_or_in_the_third_line_of_a_statement(s, n: Node):
    """One."""
    return Body(
        "Sized",
        requires={"it is good": s.node[n].good},
        given={"it may": s.node[n].good or s.node[n].power},  # here
        sets={s.node[n].size: 1},
    )


@wrong(CASES, MixedSorts, "node[n].mode is a Mode and RED is a Colour: they can never be equal")
def compares_two_sorts(s, n: Node):
    """One."""
    return sized(s, n, s.node[n].mode == Colour.RED)  # here


@wrong(CASES, MixedSorts, "is a Mode and 1 is a Int")
def compares_an_enum_with_a_number(s, n: Node):
    """One."""
    return sized(s, n, s.node[n].mode == 1)  # here


@wrong(CASES, MixedSorts, "'ON' is not a term; a value of sort Mode is written Mode.OFF")
def compares_with_a_string(s, n: Node):
    """One."""
    return sized(s, n, s.node[n].mode == "ON")  # here


@wrong(CASES, MixedSorts, "arithmetic needs a Int")
def adds_a_bool(s, n: Node):
    """One."""
    return Body("Sized", sets={s.node[n].size: s.node[n].size + s.node[n].good})  # here


@wrong(CASES, MixedSorts, "a comparison needs a Int")
def orders_an_enum(s, n: Node):
    """One."""
    return sized(s, n, s.node[n].mode < Mode.ON)  # here


@wrong(CASES, MixedSorts, "~ needs a Bool")
def negates_a_number(s, n: Node):
    """One."""
    return sized(s, n, ~s.node[n].size)  # here


@wrong(CASES, MixedSorts, "both branches of if_else need one sort")
def branches_of_two_sorts(s, n: Node):
    """One."""
    return Body("Sized", sets={s.node[n].size: if_else(s.node[n].good, 1, Mode.ON)})  # here


@wrong(CASES, MixedSorts, "guard 'it may' is a Int; a guard is a Bool")
def has_a_number_as_a_guard(s, n: Node):
    """One."""
    return sized(s, n, s.node[n].size)


@wrong(CASES, MixedSorts, "node[n].size (Int) cannot be set to ON (Mode)")
def sets_a_number_to_an_enum(s, n: Node):
    """One."""
    return Body("Sized", sets={s.node[n].size: Mode.ON})


@wrong(CASES, MixedSorts, "cannot name RED (Colour)")
def moves_to_another_sort(s, n: Node):
    """One."""
    return Body("Sized", moves=Move(s.node[n].mode, Mode.OFF, Colour.RED))  # here


@wrong(CASES, MixedSorts, "node[...] is keyed by Node, not by")
def keys_by_another_sort(s, n: Node, d: Disk):
    """One."""
    return sized(s, n, s.node[d].good)  # here


@wrong(CASES, BadRule, "node[...] needs an argument, or peer(argument), as its key")
def keys_by_a_field(s, n: Node):
    """One."""
    return sized(s, n, s.node[s.board.holder].good)  # here


@wrong(CASES, MixedSorts, "peer() needs a member of an id sort")
def asks_for_the_peer_of_a_number(s, n: Node):
    """One."""
    return sized(s, n, peer(s.node[n].size) == n)  # here


@wrong(CASES, MixedSorts, "each() ranges over an id sort, not over Mode")
def quantifies_over_an_enum(s, n: Node):
    """One."""
    return sized(s, n, each(Mode, lambda m: s.node[n].mode == m))  # here


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].__name__)
def test_a_misused_term_is_refused_at_import_with_its_fix_and_its_line(case: Case) -> None:
    check_refusal(case)
