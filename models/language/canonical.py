"""A model as data, and back: a store keeps it, and judges an old log by the rules of its day.

The data is JSON: lists, objects, strings, whole numbers, booleans. A term is a list that begins
with its operator. File positions are not kept. Reading it back is in `canonical_read`.

Sits above `model`; imports the standard library only.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from .canonical_read import VERSION, Data, from_data
from .canonical_terms import UnreadableModel, term_data
from .model import Model, Property
from .rule import Actor, Rule
from .schema import Field, Schema
from .terms import NOBODY_SORT, Bool, Int, Sort, walk

__all__ = ["UnreadableModel", "canonical_text", "fingerprint", "from_data", "to_data"]


def to_data(model: Model) -> Data:
    """The whole model as JSON-able data: behaviour, words and properties."""
    return {
        "format": "ccr-model",
        "version": VERSION,
        "name": model.name,
        "sorts": [_sort_data(s) for s in _sorts_used(model)],
        "schema": _schema_data(model.schema),
        "actors": [_actor_data(a) for a in _actors_of(model)],
        "rules": [{**_behaviour(r), **_words(r)} for r in model.rules.values()],
        "properties": [_property_data(p) for p in model.properties],
        "tracked": [s.name for s in model.tracked],
        "constraints": [[n, term_data(t)] for n, t in model.constraints.items()],
    }


def canonical_text(model: Model) -> str:
    """`to_data` as text: the same model gives the same bytes."""
    return _text(to_data(model))


_KEPT = "_fingerprint"


def fingerprint(model: Model) -> str:
    """SHA-256, in hex, of what the model does: schema, rules' behaviour, parameters' defaults.

    Words, sources, file positions and properties do not count: a better docstring keeps it.
    Worked out once for each model, which never changes.
    """
    kept = vars(model)
    if _KEPT not in kept:
        kept[_KEPT] = _hashed(model)
    found: str = kept[_KEPT]
    return found


def _hashed(model: Model) -> str:
    schema = _schema_data(model.schema)
    for record in schema["records"]:
        del record["about"]
        for declared in record["fields"]:
            del declared["about"]
    behaviour = {
        "version": VERSION,
        "sorts": [_sort_data(s) for _, s in sorted(_sorts_declared(model).items())],
        "records": schema["records"],
        "parameters": sorted([name, default] for name, default, _ in schema["parameters"]),
        "actors": sorted((_actor_data(a) for a in _actors_of(model)), key=lambda a: a["name"]),
        "rules": [_unnamed(r) for r in sorted(model.rules.values(), key=lambda r: r.number)],
    }
    return hashlib.sha256(_text(behaviour).encode()).hexdigest()


def _text(data: Any) -> str:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


_BUILT_IN = (Bool, Int, NOBODY_SORT)


def _sorts_declared(model: Model) -> dict[str, Sort]:
    """The sorts of fields, keys and rules' arguments, by name, in order of first use."""
    used: list[Sort] = []
    for record in model.schema.records.values():
        used += record.keys
        for f in record.fields.values():
            used += [f.sort, *([f.index] if f.index else [])]
    for rule in model.rules.values():
        used += [s for _, s in rule.params]
    return {s.name: s for s in used if s not in _BUILT_IN}


def _sorts_used(model: Model) -> list[Sort]:
    """Those, and what only properties or constants name."""
    terms = [p.term for p in model.properties]
    for rule in model.rules.values():
        terms += [*rule.guards.values(), *(v for _, v in rule.effects)]
    met = {id(t.sort): t.sort for term in terms for t in walk(term)}
    used = [*met.values(), *(s for p in model.properties for _, s in p.params)]
    more = {s.name: s for s in used if s not in _BUILT_IN}
    return list({**_sorts_declared(model), **more, **{s.name: s for s in model.tracked}}.values())


def _actors_of(model: Model) -> list[Actor]:
    return list({r.actor.name: r.actor for r in model.rules.values()}.values())


def _sort_data(sort: Sort) -> Data:
    data = {"name": sort.name, "kind": sort.kind, "members": list(sort.members)}
    return {**data, "open": True} if sort.open else data


def _actor_data(actor: Actor) -> Data:
    return {"name": actor.name, "on": actor.on.name if actor.on else None}


def _schema_data(schema: Schema) -> Data:
    return {
        "records": [
            {
                "name": record.name,
                "keys": [s.name for s in record.keys],
                "about": record.about,
                "fields": [_field_data(n, f) for n, f in record.fields.items()],
            }
            for record in schema.records.values()
        ],
        "parameters": [[n, default, about] for n, (default, about) in schema.parameters.items()],
    }


def _field_data(name: str, declared: Field) -> Data:
    return {
        "name": name,
        "sort": declared.sort.name,
        "initial": term_data(declared.initial),
        "owner": declared.owner,
        "durable": declared.durable,
        "probe": declared.probe,
        "index": declared.index.name if declared.index else None,
        "about": declared.about,
    }


def _params(params: tuple[tuple[str, Sort], ...]) -> list[list[str]]:
    return [[name, sort.name] for name, sort in params]


def _behaviour(rule: Rule) -> Data:
    return {
        "number": rule.number,
        "name": rule.name,
        "event": rule.event,
        "trigger": rule.trigger,
        "actor": rule.actor.name,
        "params": _params(rule.params),
        "record": rule.record,
        "keys": [term_data(k) for k in rule.keys],
        "moves": [[term_data(t) for t in (m.field, m.target, *m.sources)] for m in rule.moves],
        "requires": [[name, term_data(t)] for name, t in rule.requires.items()],
        "given": [[name, term_data(t)] for name, t in rule.given.items()],
        "sets": [[term_data(f), term_data(v)] for f, v in rule.sets],
        "ghost": [[term_data(f), term_data(v)] for f, v in rule.ghost],
    }


def _words(rule: Rule) -> Data:
    return {"phase": rule.phase, "title": rule.title, "why": rule.why, "source": rule.source}


def _unnamed(rule: Rule) -> Data:
    data = _behaviour(rule)
    for kind in ("requires", "given"):
        data[kind] = [term for _, term in data[kind]]
    return data


def _property_data(p: Property) -> Data:
    return {
        "number": p.number,
        "name": p.name,
        "kind": p.kind,
        "params": _params(p.params),
        "term": term_data(p.term),
        "sentence": p.sentence,
        "why": p.why,
        "source": p.source,
        "at": list(p.at),
        "story": list(p.story),
    }
