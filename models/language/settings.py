"""What people set and no parameter is: a field that a command writes as it is told, and how many
members there are of a sort.

A field becomes a parameter of a variant: whenever a command sets it, it sets that. Until then it is
what it is at first. The variant does nothing that the model does not do, so that a run of it is one
of the model, and what is proved of the model needs no proof for any value.

Sits above `variant`; imports the standard library only.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from .model import LEMMA, Model, Property
from .rule import Rule
from .schema import Field
from .terms import Int, Sort, Term, any_of, walk
from .variant import Variant


@dataclass(frozen=True)
class Setting:
    """A field of a record that a command sets to one of its arguments."""

    rule: str
    argument: str
    record: str
    field: str

    @property
    def path(self) -> str:
        """`standby.lag`."""
        return f"{self.record}.{self.field}"


def settings_of(model: Model) -> Mapping[str, tuple[Setting, ...]]:
    """What may be set, by the name of the field alone and with its record before it."""
    found: dict[str, tuple[Setting, ...]] = {}
    for rule in model.rules.values():
        for setting in _set_by(rule):
            for name in (setting.field, setting.path):
                found[name] = (*found.get(name, ()), setting)
    return {n: s for n, s in found.items() if n not in model.schema.parameters}


def _set_by(rule: Rule) -> Iterator[Setting]:
    free = {n for n, sort in rule.params if sort == Int and n not in rule.bindings}
    for target, value in rule.effects if rule.trigger == "command" else ():
        if value.op == "arg" and value.value in free:
            record, field, _ = target.value
            yield Setting(rule.name, value.value, record, field)


def parameter_for(name: str) -> str:
    """The parameter that stands for a setting."""
    return name.replace(".", "_")


def with_setting(model: Model, name: str) -> Model:
    """A variant in which `parameter_for(name)` says what a setting is set to, if it ever is. Raises
    `KeyError` for a name that is none.
    """
    settings = settings_of(model)[name]
    declared = _field(model, settings[0])
    unit = "ms " if re.search(r"\bms\b", declared.about) else ""
    parameter = parameter_for(name)
    mine = Variant(model, model.name)
    mine.parameter(parameter, declared.initial.value, f"{unit}that {name} is set to")
    chosen: Term = getattr(mine.state.p, parameter)
    found = mine.model
    for setting in settings:
        rule = found.rule(setting.rule)
        told = Term("arg", Int, value=setting.argument) == chosen
        guards = {**rule.requires, f"{setting.argument} is {parameter}": told}
        found = found.with_rule(rule.changed(requires=guards))
    stories = tuple(
        replace(p, story=_retold(model, settings, parameter, p)) for p in found.properties
    )
    found = replace(found, properties=stories)
    for setting in {s.path: s for s in settings}.values():
        found = found.promising(_leaning(found, settings, setting, chosen))
    return found


def _retold(
    model: Model, settings: tuple[Setting, ...], parameter: str, prop: Property
) -> tuple[str, ...]:
    """A story in which the commands are told what is asked about: what a guard compares with it
    keeps its proportion.
    """
    lines = []
    for line in prop.story:
        words = line.split()
        for s in settings:
            told = [w for w in words if w.startswith(f"{s.argument}=")]
            if s.rule in words[:2] and told:
                old, tied = told[0].partition("=")[2], _tied(model.rules[s.rule], s.argument)
                words = [
                    f"{w.partition('=')[0]}={parameter}*{w.partition('=')[2]}/{old}"
                    if w.partition("=")[0] in tied and old.strip("0")
                    else w
                    for w in words
                    if w not in told
                ]
        lines.append(" ".join(words))
    return tuple(lines)


def _tied(rule: Rule, argument: str) -> set[str]:
    """The other arguments that a guard compares with this one."""
    found: set[str] = set()
    for guard in rule.guards.values():
        for term in walk(guard):
            if term.op in ("eq", "lt", "le"):
                names = {t.value for t in walk(term) if t.op == "arg"}
                found |= names if argument in names else set()
    return found - {argument}


def _field(model: Model, setting: Setting) -> Field:
    return model.schema.records[setting.record].fields[setting.field]


def _leaning(
    model: Model, settings: tuple[Setting, ...], setting: Setting, chosen: Term
) -> Iterator[Property]:
    """What proofs about it lean on, where the rules make it plain: the field is what it was at
    first or what it is set to; and it is the latter once the row is in use, if the same rules begin
    that.
    """
    first = _field(model, setting).initial
    ours = {(s.rule, s.argument) for s in settings if s.path == setting.path}
    written = _written(model, setting.record, setting.field)
    if not all(_told(rule, value, ours) or _same(value, first) for rule, value in written):
        return
    term, params = _term(model, setting.record, setting.field)
    yield _lemma(setting, "", params, any_of(term == first, term == chosen))
    for field in model.schema.records[setting.record].fields:
        unused, same = _term(model, setting.record, field)
        if same == params and _begun(model, setting.record, field, ours):
            other = model.schema.records[setting.record].fields[field].initial
            yield _lemma(setting, f".{field}", params, any_of(unused == other, term == chosen))


def _begun(model: Model, record: str, field: str, ours: set[tuple[str, str]]) -> bool:
    """Whether a field leaves its initial value only when what is asked about is set."""
    first = model.schema.records[record].fields[field].initial
    rules = {rule for rule, _ in ours}
    written = _written(model, record, field)
    begun = [value for rule, value in written if rule.name in rules]
    return bool(begun) and all(
        value.op == "const" and not _same(value, first)
        if rule.name in rules
        else _same(value, first) or _elsewhere(rule, (record, field), first)
        for rule, value in written
    )


def _elsewhere(rule: Rule, place: tuple[str, str], first: Term) -> bool:
    """Whether a rule moves a field that has left its initial value."""
    return any(
        move.field.value[:2] == place and not any(_same(source, first) for source in move.sources)
        for move in rule.moves
    )


def _written(model: Model, record: str, field: str) -> list[tuple[Rule, Term]]:
    """Every rule that writes a field, with what it writes."""
    return [
        (rule, value)
        for rule in model.rules.values()
        for target, value in rule.effects
        if target.value[:2] == (record, field)
    ]


def _told(rule: Rule, value: Term, ours: set[tuple[str, str]]) -> bool:
    return value.op == "arg" and (rule.name, value.value) in ours


def _same(value: Term, first: Term) -> bool:
    return value.op == "const" and bool(value.value == first.value)


def _term(model: Model, record: str, field: str) -> tuple[Term, tuple[tuple[str, Sort], ...]]:
    """A field of any row, and the arguments in it."""
    declared = model.schema.records[record]
    index = declared.fields[field].index
    sorts = [*declared.keys, *([index] if index else [])]
    params = tuple((f"k{i}", sort) for i, sort in enumerate(sorts))
    keys = tuple(Term("arg", sort, value=name) for name, sort in params)
    kind = declared.fields[field].sort
    return Term("field", kind, keys, (record, field, len(declared.keys))), params


def _lemma(setting: Setting, of: str, params: tuple[tuple[str, Sort], ...], term: Term) -> Property:
    number = f"set:{setting.path}{of}"
    said = f"{setting.path} is what it is set to, or nothing has set it yet."
    return Property(number, parameter_for(number), LEMMA, params, term, said, "setting")


def counted(model: Model, name: str) -> Sort | None:
    """The id sort whose members are counted under this name: its own, or that of a record which has
    a row for each; None if there is none.
    """
    word = name.lower()
    words = {word, word.removesuffix("s")}
    for sort in model.schema.identities:
        if sort.name.lower() in words:
            return sort
    for record in model.schema.records.values():
        if record.keys and record.name.lower() in words:
            return record.keys[0]
    return None


def near(model: Model, name: str) -> list[str]:
    """What may have been meant by a name that is no parameter, setting or sort: alike in spelling,
    or told of in these words, or the least unlike.
    """
    told = {n: about for n, (_, about) in model.schema.parameters.items()}
    for n, settings in settings_of(model).items():
        declared = model.schema.records[settings[0].record].fields[settings[0].field]
        told[n] = declared.about
    for sort in model.schema.identities:
        told[f"{sort.name.lower()}s"] = ""
    spelt = difflib.get_close_matches(name, told, 3)
    spoken_of = [n for n, about in told.items() if name.lower() in about.lower()][:3]
    return spelt or spoken_of or difflib.get_close_matches(name, told, 3, 0.0)
