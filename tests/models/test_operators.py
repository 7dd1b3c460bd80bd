"""The plain reader against the rows of the oracle; and the rows would notice a mistake."""

from __future__ import annotations

import pytest

from models.language.canonical_terms import Scope, read_term, term_data
from models.language.terms import NOBODY_SORT, Bool, Int, Term
from models.plain import compile as plain
from models.plain.compile import step_function
from models.plain.layout import Layout
from tests.models.oracle import INSTANCE, OPERATORS, SCHEMA, Colour, Node, Row, rows

LAYOUT = Layout(SCHEMA, INSTANCE)
ROWS = rows()


def value(row: Row, term: Term | None = None) -> object:
    """What the plain reader makes of a row."""
    before = {**LAYOUT.initial, **row.facts}
    after = {**LAYOUT.initial, **row.after}
    read = step_function(row.term if term is None else term, LAYOUT, row.binding)
    return read(before, after)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_plain_reader_gives_the_value_that_is_written_down(row: Row) -> None:
    found = value(row)
    assert found == row.expected
    assert type(found) is type(row.expected)


def test_every_operator_stands_at_the_head_of_rows_with_two_values() -> None:
    seen: dict[str, set[object]] = {}
    for row in ROWS:
        seen.setdefault(row.term.op, set()).add(row.expected)
    assert set(seen) == OPERATORS
    assert [op for op, values in seen.items() if len(values) < 2 and op != "parameter"] == []


@pytest.mark.parametrize(
    ("op", "mistake"),
    [("eq", "!="), ("lt", "<="), ("le", "<"), ("add", "-"), ("sub", "+"), ("mul", "+")],
)
def test_a_reader_that_confuses_an_operator_disagrees(
    op: str, mistake: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(plain._INFIX, op, mistake)
    assert any(value(row) != row.expected for row in ROWS if row.term.op == op)


@pytest.mark.parametrize(("op", "other"), [("and", "or"), ("or", "and"), ("each", "some")])
def test_a_reader_that_takes_one_connective_for_another_disagrees(op: str, other: str) -> None:
    heads = [row for row in ROWS if row.term.op == op]
    swapped = [(row, Term(other, Bool, row.term.args, row.term.value)) for row in heads]
    assert any(value(row, term) != row.expected for row, term in swapped)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_term_read_back_from_data_has_the_same_value(row: Row) -> None:
    sorts = {s.name: s for s in (Bool, Int, NOBODY_SORT, Node, Colour)}
    scope = Scope(SCHEMA, sorts, {"n": Node})
    again = read_term(term_data(row.term), scope)
    assert value(row, again) == row.expected
    assert repr(again) == repr(row.term)
