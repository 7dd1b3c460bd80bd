"""How the report on a partial record is shown to people. Sits below `partial`."""

from __future__ import annotations

from ccr_es.partial import Answer, PartialReport
from ccr_es.partial.answering import steps_of
from ccr_es.partial.frontier import Run
from ccr_es.partial.report import NEVER_NAMED, Trouble
from cli.explain.wording import wrapped
from cli.frame.output import answer, faint, tint
from cli.session.refusals import shown

SHOWN = 8
"""Lines of each kind that the text shows; `--json` has them all."""
FACTS_SHOWN = 6
TO_LOG_SHOWN = 12


def show_part(report: PartialReport) -> None:
    """The report as people read it."""
    said = f"{tint(report.verdict)} ({report.said})"
    answer(f"{report.source}: {said}, {report.events} events, partly logged")
    stamps = ", ".join(stamp[:12] for stamp in report.judged_by)
    answer(faint(f"  by the rules of {stamps} and what is promised of them"))
    names = ", ".join(report.unlogged[:SHOWN]) or "nothing"
    more = len(report.unlogged) - SHOWN
    _say(f"may have happened unseen: {names}{f' and {more} more' if more > 0 else ''}")
    if report.declared:
        _say(f"declared {report.declared}")
    if report.unordered:
        _say("not every line has a number: any order that rules and clocks allow may have been")
        for name, (least, most) in report.clocks.items():
            _say(f"the clock of {name} was {_ahead(least, most)}")
    what = "states and orders" if report.unordered else "states"
    _say(f"at most {report.width} {what} were possible at once")
    for trouble in report.troubles:
        _trouble(trouble)
    for doubt in _doubts(report)[:SHOWN]:
        _say(f"not exhausted: {doubt}")
    for found in report.answers:
        _answer(found)
    if report.to_log:
        more = len(report.to_log) - TO_LOG_SHOWN
        others = f" and {more} more; see --json" if more > 0 else ""
        _say(f"to know, log: {', '.join(report.to_log[:TO_LOG_SHOWN])}{others}")
    if report.unchecked:
        _say(f"not judged: {report.unchecked}")


def _doubts(report: PartialReport) -> list[str]:
    """Why what is possible was not exhausted; what is said of many rules in one line."""
    found = [doubt for doubt in report.doubts if not doubt.endswith(NEVER_NAMED)]
    never = [doubt.removesuffix(NEVER_NAMED) for doubt in report.doubts if doubt not in found]
    if never:
        more = f" and {len(never) - 1} more" if len(never) > 1 else ""
        all_else = "; if there are none, say --complete all"
        only = len(never) == len(report.unlogged)
        found.append(f"{never[0]}{NEVER_NAMED}{more}{all_else if only else ''}")
    return found


def _ahead(least: int, most: int) -> str:
    if least != most:
        return f"between {least / 1000:+.3f} s and {most / 1000:+.3f} s ahead"
    return f"{abs(least) / 1000:.3f} s {'ahead' if least > 0 else 'behind'}" if least else "right"


def _say(text: str, indent: str = "  ") -> None:
    for line in wrapped(text, indent):
        answer(line)


def _trouble(trouble: Trouble) -> None:
    head = "" if trouble.certain else "as far as was looked: "
    _say(f"{head}{trouble.where}: {trouble.text}")
    for against in trouble.against:
        args = ", ".join(f"{n}={shown(v)}" for n, v in against.args.items())
        _say(f"as {against.rule}({args}): not so: {against.guard}", "    ")
        for key, value in list(against.facts.items())[:4]:
            answer(f"      {key} = {shown(value)}")
    if len(trouble.states) > 1:
        for state in trouble.states:
            facts = [f"{k}={shown(v)}" for k, v in state.items() if k[0] != "?"]
            left = f" and {len(facts) - FACTS_SHOWN} more" if len(facts) > FACTS_SHOWN else ""
            _say(f"still possible: {', '.join(facts[:FACTS_SHOWN])}{left}", "    ")
    if trouble.nearest:
        _say(f"nearest step that would have passed: {trouble.nearest}", "    ")
    _run(trouble.run)


def _answer(found: Answer) -> None:
    fact = f"{found.key} = {shown(found.value)} as of {found.where}"
    answer(f"  {fact}: {tint(found.answer)}")
    others = [shown(v) for v in found.values if v != found.value]
    if others:
        _say(f"it may have been {' or '.join(others)}", "    ")
    _run(found.run)


def _run(run: Run | None) -> None:
    steps = steps_of(run)
    several = any(step.of for step in steps)
    for step in steps[-SHOWN:]:
        args = ", ".join(f"{n}={shown(v)}" for n, v in step.step.args.items())
        place = f"at {step.of} line {step.line}" if step.of else f"at line {step.line}"
        if not step.logged:
            place = f"before line {step.line}{' of all' * several}"
        answer(f"    by {step.step.rule}({args}) {place}")
