"""The chapters of answers that are not in the record itself: causes, differences, another course,
what could come next. Sits beside `findings`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ccr_es.questions.causes import Because, Cause
from cli.frame.output import clock
from cli.page.findings import Links
from cli.page.frame import Chapter
from cli.page.words import code, count, esc, rows
from cli.session.refusals import shown


def causes(found: Sequence[Cause], links: Links) -> Chapter:
    """From what began it to the event that was asked about: one step after the other."""
    items = "".join(_cause(c, links) for c in found)
    body = (
        "<p>What began it stands first. Each step says which of its guards let it happen, and which"
        f' event had made that so.</p><ol class="findings">{items}</ol>'
    )
    return Chapter("answer", "Why it happened", body)


def _cause(cause: Cause, links: Links) -> str:
    event = cause.event
    label = f"R{event.rule_number:03d} {event.rule}" if event.rule_number else "no rule"
    reason = f" <q>{esc(event.reason)}</q>" if event.reason else ""
    decisive = [b for b in cause.because if b.decisive]
    rest = [b for b in cause.because if not b.decisive]
    told = _guards(decisive, "What let it happen", links)
    if rest:
        said = f"<summary>and {count(len(rest), 'guard')} that held long before</summary>"
        told += f"<details>{said}{_guards(rest, 'What held long before', links)}</details>"
    return (
        f'<li class="stop finding cause" tabindex="-1"><p class="said"><strong>'
        f"{links.event(event.number, f'Event {event.number}')}</strong> {esc(event.event)} on"
        f" {esc(event.row)}, {clock(event.time)}{reason}</p>"
        f'<p class="aside">{esc(label)}, by {esc(event.actor)}</p>{told}</li>'
    )


def _guards(found: Sequence[Because], about: str, links: Links) -> str:
    lines = []
    for because in found:
        newest = sorted(because.facts, key=lambda f: -(f.set_by or 0))
        lines += [
            (
                "" if i else esc(because.guard), code(fact.key), code(shown(fact.value)),
                _by(fact.set_by, links),
            )
            for i, fact in enumerate(newest)
        ] or [(esc(because.guard), "", "", "")]  # fmt: skip
    return rows(("because", "field", "was", "set by"), lines, about) if lines else ""


def _by(number: int | None, links: Links) -> str:
    return links.event(number) if number else "nobody yet"


def differences(found: Sequence[Mapping[str, Any]], a: int, b: int, links: Links) -> Chapter:
    """What is different in the state after event `b` from that after event `a`."""
    lines = (
        (code(d["key"]), _side(d["before"]), _side(d["after"]), _by(d["set_by"], links))
        for d in found
    )
    heads = ("field", f"after event {a}", f"after event {b}", "set by")
    body = (
        rows(heads, lines, f"{count(len(found), 'field')} differ") if found else "<p>Nothing.</p>"
    )
    return Chapter("answer", "What is different", body)


def _side(value: object) -> str:
    return code(shown(value)) if isinstance(value, (bool, int, str)) else "not there"


def courses(
    change: str,
    compared: Sequence[Mapping[str, Any]],
    steps: Sequence[tuple[str, str, str, str]],
    refused: Sequence[str],
) -> Chapter:
    """The record beside a run that goes another way; `steps` are time, event, row, arguments."""
    lines = ([esc(r["what"]), esc(r["recorded"]), esc(r["other"])] for r in compared)
    body = f"<p>{esc(change[:1].upper() + change[1:])}. Nothing of it was written to the store.</p>"
    body += rows(("", "as it was", "what if"), lines, "Both courses over the same time")
    if refused:
        items = "".join(f"<li>{esc(text)}</li>" for text in refused)
        body += f'<p>What could then not be done again:</p><ul class="plain">{items}</ul>'
    told = ([esc(cell) for cell in step] for step in steps)
    said = f"<summary>{count(len(steps), 'step')} of the other course</summary>"
    heads = ("time", "event", "where", "with")
    body += f"<details open>{said}{rows(heads, told, 'The other course')}</details>"
    return Chapter("answer", "What if", body)


def foreseen(
    number: int, depth: int, found: Sequence[tuple[str, str, str, Sequence[tuple[str, str]]]]
) -> Chapter:
    """What could come about within `depth` events; each is a word, a name, what is said of it, and
    its steps with what they change.
    """
    out = []
    quiet = [f"{name} {said}" for word, name, said, _ in found if word == "nothing"]
    for word, name, said, steps in found:
        if word == "nothing":
            continue
        lines = ([esc(what), esc(changes)] for what, changes in steps)
        table = rows(("step", "changes"), lines, f"The way to {name}") if steps else ""
        out.append(
            f'<li class="stop finding{"" if word == "violated" else " cause"}" tabindex="-1">'
            f'<p class="said"><strong>{esc(name)}</strong> {esc(said)}</p>{table}</li>'
        )
    body = (
        f"<p>From event {number}, in any order of any events; that nothing is found within"
        f" {count(depth, 'event')} is a bound, no proof.</p>"
    )
    if out:
        body += f'<ol class="findings">{"".join(out)}</ol>'
    if quiet:
        items = "".join(f"<li>{esc(text)}</li>" for text in quiet)
        said = f"{count(len(quiet), 'property', 'properties')} of which nothing was found"
        body += f'<details class="more"{"" if out else " open"}><summary>{said}</summary>'
        body += f'<ul class="plain">{items}</ul></details>'
    return Chapter("answer", "What could come next", body)
