"""RULES.md and PROPERTIES.md: a model written out for people. Nothing in them is written by hand.

`python -m models.language.document models.ccr.model:CCR models/RULES.md` writes the rules of a
model; with a third word `properties`, its properties. Sits above `show` and `model`; must not
import any particular model.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from .layout import WIDTH, laid_out
from .misuse import BadRule
from .model import ALWAYS, LEMMA, SOMETIMES, STEP, Model, Property
from .rule import Move, Rule
from .show import conjuncts, show
from .terms import Term

_GENERATED = "<!-- Generated from the rules; `make docs` writes it again. -->"
_TRIGGERS = {
    "command": "somebody asks for it",
    "fault": "it happens to the cluster",
    "consequence": "it follows as soon as its guards hold",
    "time": "time passes",
    "beat": "it happens all the time and is recorded where something depends on it",
}
_KINDS = {
    ALWAYS: ("Always", "These hold in every state that can be reached."),
    STEP: ("Step", "These hold for every step: a name with a prime (′) is read after the step."),
    SOMETIMES: ("Sometimes", "These can be reached: the model can do what it should."),
    LEMMA: ("Lemmas", "What the proofs need, proved like the rest; nobody is promised these."),
}


def rules_markdown(model: Model) -> str:
    """RULES.md: by phase a diagram of the moves, then every rule with guards, effects and why."""
    lines = [f"# The rules of {model.name}", "", _GENERATED, ""]
    lines += [*_introduction(model), *_contents(model), *_records(model), *_parameters(model)]
    for phase, rules in _phases(model).items():
        lines += [f"## Phase: {phase}", "", *_diagrams(rules)]
        for rule in rules:
            lines += _rule(rule)
    return "\n".join(lines).rstrip() + "\n"


def properties_markdown(model: Model, evidence: Mapping[str, str] | None = None) -> str:
    """PROPERTIES.md: every property in words and as a term; `evidence` adds a text by number."""
    lines = [f"# The properties of {model.name}", "", _GENERATED, ""]
    for kind, (head, about) in _KINDS.items():
        found = [p for p in model.properties if p.kind == kind]
        if found:
            lines += [f"## {head}", "", about, ""]
        for p in found:
            lines += _property(model, p, (evidence or {}).get(p.number, ""))
    if model.constraints:
        lines += ["## Assumed of the parameters", ""]
        lines += [f"- {name}: `{show(term)}`" for name, term in model.constraints.items()]
    return "\n".join(lines).rstrip() + "\n"


def _introduction(model: Model) -> list[str]:
    counts = {t: sum(r.trigger == t for r in model.rules.values()) for t in _TRIGGERS}
    table = [f"| {t} | {counts[t]} | {said} |" for t, said in _TRIGGERS.items() if counts[t]]
    return [
        f"{len(model.rules)} rules. Each is recorded as one event and changes one record; what it"
        " does not name, it keeps.",
        "*Requires* are guards over what the actor knows; *given* is what the world must allow,"
        " found out by doing the I/O.",
        "",
        "| trigger | rules | when |",
        "|---|---|---|",
        *table,
        "",
    ]


def _contents(model: Model) -> list[str]:
    lines = ["| phase | rules |", "|---|---|"]
    for phase, rules in _phases(model).items():
        links = [f"[{r.label}](#{_anchor(_head(r))})" for r in rules]
        lines.append(f"| [{phase}](#{_anchor('Phase: ' + phase)}) | {', '.join(links)} |")
    return [*lines, ""]


def _records(model: Model) -> list[str]:
    lines = ["## Records", ""]
    for record in model.schema.records.values():
        keys = ", ".join(s.name for s in record.keys)
        name = record.name + (f"[{keys}]" if keys else "")
        lines += [f"**{name}**{': ' + record.about if record.about else ''}", ""]
        lines += ["| field | sort | at first | owner | after a crash | found out by | meaning |"]
        lines += ["|---|---|---|---|---|---|---|"]
        for field_name, f in record.fields.items():
            index = f"[{f.index.name}]" if f.index else ""
            kept = "kept" if f.durable else "at first"
            cells = (f.sort.name, show(f.initial), f.owner, kept, f.probe, f.about)
            lines.append(_row(f"`{field_name}{index}`", *cells))
        lines.append("")
    return lines


def _parameters(model: Model) -> list[str]:
    if not model.schema.parameters:
        return []
    rows = [_row(f"`{n}`", f"{d:,}", about) for n, (d, about) in model.schema.parameters.items()]
    return ["## Parameters", "", "| parameter | default | meaning |", "|---|---|---|", *rows, ""]


def _phases(model: Model) -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for rule in model.rules.values():
        found.setdefault(rule.phase, []).append(rule)
    return found


def _diagrams(rules: Iterable[Rule]) -> list[str]:
    """One state diagram for each field that rules of this phase move."""
    arrows: dict[str, list[tuple[Rule, Move]]] = {}
    for rule in rules:
        for move in rule.moves:
            arrows.setdefault(show(move.field), []).append((rule, move))
    lines: list[str] = []
    for field_name, found in arrows.items():
        lines += [f"How `{field_name}` moves:", "", "```mermaid", "stateDiagram-v2"]
        ends = [e for _, m in found for e in (*m.sources, m.target)]
        names = {show(e): _state(show(e)) for e in ends}
        lines += [f'    state "{said}" as {name}' for said, name in names.items() if said != name]
        for rule, move in found:
            for end in move.sources:
                arrow = f"{names[show(end)]} --> {names[show(move.target)]}"
                lines.append(f"    {arrow}: R{rule.number:03d} {rule.event}")
        lines += ["```", ""]
    return lines


def _state(said: str) -> str:
    return re.sub(r"\W+", "_", said).strip("_") or "nothing"


def _head(rule: Rule) -> str:
    return f"{rule.label}: {rule.event}"


def _rule(rule: Rule) -> list[str]:
    lines = [f"### {_head(rule)}", "", rule.title]
    if rule.why:
        why = rule.why.removeprefix("Why: ")
        lines += ["", f"*Why:* {why[0].upper() + why[1:]}"]
    actor = rule.actor.name + (f" on `{rule.params[0][0]}`" if rule.actor.on is not None else "")
    lines += ["", f"- trigger: {rule.trigger}; actor: {actor}; source: {rule.source}"]
    if rule.params:
        lines.append(f"- arguments: {', '.join(_argument(rule, n) for n, _ in rule.params)}")
    lines += ["", "| | guard | as a term |", "|---|---|---|"]
    for move in rule.moves:
        sources = " or ".join(show(s) for s in move.sources)
        arrow = f"`{show(move.field)}`: {sources} → {show(move.target)}"
        lines.append(_row("moves", arrow, f"`{show(move.guard)}`"))
    for kind, guards in (("requires", rule.requires), ("given", rule.given)):
        lines += [_row(kind, name, _cell(t)) for name, t in guards.items()]
    lines += ["", *_effects("becomes", [*((m.field, m.target) for m in rule.moves), *rule.sets])]
    if rule.ghost:
        lines += _effects("becomes (ghost)", rule.ghost)
    return lines


def _cell(term: Term) -> str:
    """A term in a table: a long one is broken at its outermost `and` or `or`."""
    text = show(term)
    if len(text) <= WIDTH or term.op not in ("and", "or"):
        return f"`{text}`"
    parts = (f"`{show(p, inside=p.op in ('and', 'or'))}`" for p in conjuncts(term.op, term.args))
    return f"<br>{term.op} ".join(parts)


def _argument(rule: Rule, name: str) -> str:
    sort = dict(rule.params)[name].name
    bound = rule.bindings.get(name)
    return f"`{name}` ({sort})" if bound is None else f"`{name}` ({sort}: `{show(bound)}`)"


def _effects(head: str, effects: Iterable[tuple[Term, Term]]) -> list[str]:
    rows = [_row(f"`{show(f)}`", f"`{show(v)}`") for f, v in effects]
    return [f"| field | {head} |", "|---|---|", *rows, ""]


def _property(model: Model, p: Property, evidence: str) -> list[str]:
    lines = [f"### {p.label}", "", p.sentence, ""]
    if p.why:
        why = p.why.removeprefix("Why: ")
        lines += [f"*Why:* {why[0].upper() + why[1:]}", ""]
    at = f"; at {', '.join(f'`{x}`' for x in model.places(p))}" if p.at else ""
    lines += [f"- {p.kind}; source: {p.source}{at}"]
    if evidence:
        lines += [f"- {evidence}"]
    if p.story:
        lines += [f"- shown by: {'; '.join(f'`{act}`' for act in p.story)}"]
    word = "for some" if p.kind == SOMETIMES else "for every"
    every = [f"{word} {sort.name} {name}:" for name, sort in p.params]
    return [*lines, "", "```", *every, *laid_out(p.term), "```", ""]


def _row(*cells: str) -> str:
    return "| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |"


def _anchor(head: str) -> str:
    """The anchor that Markdown viewers give a heading."""
    return re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-")


def main(arguments: list[str]) -> int:
    """MODULE:NAME [FILE [properties]]: write the document to FILE, or to standard output."""
    if not 1 <= len(arguments) <= 3 or ":" not in arguments[0]:
        print("usage: python -m models.language.document MODULE:NAME [FILE [properties]]")
        return 2
    module, _, name = arguments[0].partition(":")
    model = getattr(importlib.import_module(module), name)
    if not isinstance(model, Model):
        raise BadRule(f"{arguments[0]} is not a Model")
    text = properties_markdown(model) if arguments[2:] == ["properties"] else rules_markdown(model)
    if len(arguments) == 1:
        print(text, end="")
    else:
        Path(arguments[1]).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
