"""A rule or a property in words, as `ccr explain` prints it: read off the model, nothing written by
hand.

Must not import an engine. Sits below `explaining`.
"""

from __future__ import annotations

import re
import textwrap

from cli.frame.output import strong
from cli.session.acts import ACTS
from models.language.model import Model, Property
from models.language.rule import Rule
from models.language.show import show
from models.language.terms import Term

WIDTH = 78
_KINDS = {
    "always": "holds in every state",
    "step": "holds in every step",
    "sometimes": "is reachable",
    "lemma": "a lemma: what a proof needs, in every state",
}
_TRIGGERS = {
    "command": "a person asks for it",
    "fault": "it happens to the cluster",
    "consequence": "it follows as soon as its guards hold",
    "time": "time passes",
    "beat": "it happens all the time; recorded only where something depends on it",
}


def rule_lines(rule: Rule) -> list[str]:
    """What a rule is for, when it may fire and what it changes."""
    args = ", ".join(f"{n}: {s.name}" for n, s in rule.params) or "none"
    act = ACTS.get(rule.name)
    out = [strong(f"{rule.label}, recorded as {rule.event}"), *wrapped(rule.title)]
    if rule.why:
        out += wrapped(rule.why)
    out += [
        "",
        f"  actor      {rule.actor.name}",
        f"  trigger    {rule.trigger}: {_TRIGGERS[rule.trigger]}",
    ]
    out += [f"  phase      {rule.phase}", f"  source     {rule.source}", f"  arguments  {args}"]
    if act:
        out.append(f"  command    ccr {act.line}")
    guards = rule.guards
    arrows = {k: v for k, v in guards.items() if k not in rule.requires and k not in rule.given}
    for head, found in (("moves", arrows), ("requires", rule.requires), ("given", rule.given)):
        if found:
            out += [
                "",
                strong(f"{head}:"),
                *(line for k, v in found.items() for line in _guard(k, v)),
            ]
    changes = [f"{show(f)} becomes {show(v)}" for f, v in rule.effects]
    return [*out, "", strong("changes:"), *(line for c in changes for line in wrapped(c, "  "))]


def _guard(name: str, term: Term) -> list[str]:
    text = show(term)
    return wrapped(name, "  ") + ([] if text == name else wrapped(text, "      "))


def property_lines(model: Model, prop: Property, full: bool) -> list[str]:
    """What a property promises, in words and (if `full`) as a term."""
    out = [strong(prop.label), *wrapped(prop.sentence)]
    if prop.why:
        out += wrapped(prop.why)
    out += ["", f"  kind    {prop.kind}: {_KINDS[prop.kind]}", f"  source  {prop.source}"]
    if prop.at:
        first, *more = wrapped(", ".join(model.places(prop)), "          ")
        out += [f"  at      {first.strip()}", *more]
    if not full:
        return [
            *out,
            f"  term    ccr explain {prop.number} --full",
            f"  prove   ccr verify {prop.number}",
        ]
    every = ", ".join(f"{n}: {s.name}" for n, s in prop.params)
    head = f"for every {every}:" if every else "as a term:"
    return [*out, "", strong(head), *wrapped(show(prop.term), "  ")]


def wrapped(text: str, indent: str = "") -> list[str]:
    """`text` folded to the width of a terminal."""
    text = re.sub(r"[ \n]+", " ", text)
    later = indent + "  " if indent else ""
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=later)
