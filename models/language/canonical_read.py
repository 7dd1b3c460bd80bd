"""Reading a model back from its data. Part of `canonical`, which writes it.

Terms are built through the same constructors that rules use, so sorts are checked again; no Python
of the stored model is run. What only an author must heed (who may read what) is not checked: a
stored model may be a variant that lacks a guard.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from .canonical_terms import Scope, UnreadableModel, read_term
from .misuse import ModelError
from .model import Model, Property, model_of
from .rule import TRIGGERS, Actor, Move, Rule
from .schema import Field, Record, Schema
from .terms import NOBODY_SORT, Bool, Int, Sort, Term, alike, need

VERSION = 1
Data = dict[str, Any]


def from_data(data: Any) -> Model:
    """The model that `to_data` wrote. Raises `UnreadableModel`, naming what cannot be read."""
    try:
        return _model(data)
    except UnreadableModel:
        raise
    except ModelError as error:
        raise UnreadableModel(f"the stored model breaks the language: {error}") from None
    except KeyError as error:
        raise UnreadableModel(f"the stored model does not declare {error}") from None
    except (TypeError, ValueError, AttributeError, IndexError) as error:
        raise UnreadableModel(f"the stored model is not of the form read here: {error}") from None
    except RecursionError:
        raise UnreadableModel("the stored model has a term that is nested too deeply") from None


def _model(data: Any) -> Model:
    if not isinstance(data, dict) or data.get("format") != "ccr-model":
        raise UnreadableModel("this is not a stored model: it lacks format ccr-model")
    if data.get("version") != VERSION:
        raise UnreadableModel(
            f"the stored model is of version {data.get('version')!r}; this program reads {VERSION}"
        )
    sorts = {s.name: s for s in (Bool, Int, NOBODY_SORT)}
    for row in data["sorts"]:
        if row["kind"] not in ("enum", "id"):
            raise UnreadableModel(f"sort {row['name']!r} is of an unknown kind {row['kind']!r}")
        opened = row.get("open", False) is True
        sorts[row["name"]] = Sort(row["name"], row["kind"], tuple(row["members"]), opened)
    schema = _schema(data["schema"], sorts)
    scope = Scope(schema, sorts)
    actors = {a["name"]: Actor(a["name"], _sort_or_none(sorts, a["on"])) for a in data["actors"]}
    rules = [_rule(row, scope, actors) for row in data["rules"]]
    found = model_of(data["name"], schema, rules, tuple(sorts[n] for n in data["tracked"]))
    constraints = {name: read_term(term, scope) for name, term in data["constraints"]}
    return found.promising([_property(row, scope) for row in data["properties"]], constraints)


def _sort_or_none(sorts: Mapping[str, Sort], name: str | None) -> Sort | None:
    return None if name is None else sorts[name]


def _schema(data: Data, sorts: dict[str, Sort]) -> Schema:
    schema = Schema()
    scope = Scope(schema, sorts)
    for record in data["records"]:
        fields = {}
        for row in record["fields"]:
            initial = read_term(row["initial"], scope)
            fields[row["name"]] = Field(
                sorts[row["sort"]],
                initial,
                row["owner"],
                row["durable"],
                row["probe"],
                _sort_or_none(sorts, row["index"]),
                row["about"],
            )
        keys = tuple(sorts[k] for k in record["keys"])
        schema.records[record["name"]] = Record(record["name"], keys, fields, record["about"])
    for name, default, about in data["parameters"]:
        if type(default) is not int:
            raise UnreadableModel(f"parameter {name!r} has no whole number as its default")
        schema.parameter(name, default, about)
    return schema


def _params_read(rows: Any, sorts: Mapping[str, Sort]) -> tuple[tuple[str, Sort], ...]:
    for name, _ in rows:
        # An argument's name becomes a Python name when the rule is compiled.
        if not (isinstance(name, str) and name.isascii() and name.isidentifier()):
            raise UnreadableModel(f"{name!r} cannot be the name of an argument")
    return tuple((name, sorts[sort]) for name, sort in rows)


def _rule(row: Data, scope: Scope, actors: Mapping[str, Actor]) -> Rule:
    if type(row["number"]) is not int:
        raise UnreadableModel(f"rule {row['name']!r} has no whole number as its number")
    if row["trigger"] not in TRIGGERS:
        raise UnreadableModel(f"rule {row['name']!r} has an unknown trigger {row['trigger']!r}")
    params = _params_read(row["params"], scope.sorts)
    inside = scope.within(dict(params), f"rule {row['name']}")
    read: Callable[[Any], Term] = lambda data: read_term(data, inside)  # noqa: E731
    pairs = {k: tuple((read(f), read(v)) for f, v in row[k]) for k in ("sets", "ghost")}
    rule = Rule(
        number=row["number"],
        name=row["name"],
        event=row["event"],
        trigger=row["trigger"],
        actor=actors[row["actor"]],
        phase=row["phase"],
        params=params,
        record=row["record"],
        keys=tuple(read(k) for k in row["keys"]),
        moves=tuple(_move(*map(read, move)) for move in row["moves"]),
        requires={name: read(term) for name, term in row["requires"]},
        given={name: read(term) for name, term in row["given"]},
        sets=pairs["sets"],
        ghost=pairs["ghost"],
        title=row["title"],
        why=row["why"],
        source=row["source"],
        where="",
    )
    for name, guard in rule.guards.items():
        need(guard, Bool, f"guard {name!r} of rule {rule.name}")
    for target, value in rule.effects:
        if target.op != "field" or not alike(target, value):
            raise UnreadableModel(f"rule {rule.name} sets {target!r} to {value!r}: two sorts")
    return rule


def _move(field: Term, target: Term, *sources: Term) -> Move:
    return Move(field, sources, target)


def _property(row: Data, scope: Scope) -> Property:
    params = _params_read(row["params"], scope.sorts)
    inside = scope.within(dict(params), f"property {row['name']}")
    return Property(
        number=row["number"],
        name=row["name"],
        kind=row["kind"],
        params=params,
        term=need(read_term(row["term"], inside), Bool, f"property {row['name']}"),
        sentence=row["sentence"],
        source=row["source"],
        at=tuple(cast("list[str]", row["at"])),
        story=tuple(cast("list[str]", row["story"])),
        where="",
        why=row["why"],
    )
