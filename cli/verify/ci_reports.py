"""A verification as the files that CI systems read: JUnit XML, SARIF 2.1.0, Markdown.

In SARIF a violated property is a result at its own line, and its run a code flow through
the lines of the rules that fired. Reads a `Report`; imports no z3.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from cli import __version__
from cli.frame.base import settings
from cli.session.subject import subject
from cli.verify.asfiles import JUNIT, MARKDOWN, SARIF
from cli.verify.runforms import check_forms, write, write_runs
from models.language.model import Model, Property
from specs.rendering.steps import Shown, drawing
from specs.rendering.text import arguments, changed, diagram, markdown_table, seconds
from specs.verdict import HOLDS, VIOLATED

if TYPE_CHECKING:
    from specs.report import Report

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
HOME = Path(__file__).resolve().parents[2]
LEVELS = {VIOLATED: "error", HOLDS: "none"}


def write_reports(report: Report) -> None:
    """Every file that the options ask for. Raises `FileUnreadable`."""
    broken = {
        p.number: report.runs[p.number]
        for p in report.asked
        if p.number in report.runs and report.verdict_on(p.number) == VIOLATED
    }
    write_runs(broken)
    forms: Mapping[str, Callable[[Report], str]] = {
        JUNIT: junit, SARIF: sarif, MARKDOWN: markdown,
    }  # fmt: skip
    for kind, form in forms.items():
        for path in settings().files.get(kind, ()):
            write(path, form(report))


def ready() -> None:
    """Refuse what could not be written, before anything is proved."""
    check_forms()


def _why(report: Report, prop: Property) -> str:
    """The verdict on a property, in words."""
    verdict = report.verdict_on(prop.number)
    if prop.number in report.runs:
        return f"{verdict}: a run of {len(report.runs[prop.number])} steps"
    opened = report.open_of(prop.number)
    detail = opened[-1].detail.partition("\n")[0] if opened and verdict != HOLDS else ""
    return f"{verdict}: {detail}" if detail else verdict


def junit(report: Report) -> str:
    """A test case a property; a violated one is a failure, an unknown one an error."""
    verdicts = [report.verdict_on(p.number) for p in report.asked]
    bad, odd = verdicts.count(VIOLATED), len(verdicts) - verdicts.count(VIOLATED)
    odd -= verdicts.count(HOLDS)
    suite = ElementTree.Element(
        "testsuite", name=f"ccr verify {report.model}", tests=str(len(verdicts)),
        failures=str(bad), errors=str(odd), skipped="0", time=f"{report.seconds:.3f}",
    )  # fmt: skip
    for prop, verdict in zip(report.asked, verdicts, strict=True):
        took = sum(o.seconds for o in report.of(prop.number))
        case = ElementTree.SubElement(
            suite, "testcase", classname=report.model, name=prop.label, time=f"{took:.3f}"
        )
        if verdict != HOLDS:
            tag = "failure" if verdict == VIOLATED else "error"
            said = ElementTree.SubElement(case, tag, message=_why(report, prop), type=verdict)
            run = report.runs.get(prop.number)
            lines = diagram(drawing(subject().model, run)) if run is not None else []
            said.text = "\n".join([prop.sentence, "", *lines])
    ElementTree.indent(suite)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(suite, "unicode") + "\n"
    )


def _place(where: str) -> dict[str, Any]:
    """A SARIF location for `file:line`; a file of the checkout is named from its root."""
    name, _, line = where.rpartition(":")
    path = Path(name)
    for base in (HOME, Path.cwd()):
        if path.is_absolute() and path.is_relative_to(base):
            path = path.relative_to(base)
    uri = path.as_uri() if path.is_absolute() else path.as_posix()
    region = {"region": {"startLine": int(line)}} if line.isdigit() else {}
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, **region}}


def sarif(report: Report) -> str:
    """One run of the tool: a rule a property, a result for each that is not proved."""
    model = subject().model
    rules = [
        {
            "id": p.number,
            "name": p.name,
            "shortDescription": {"text": p.sentence},
            "fullDescription": {"text": p.why or p.sentence},
            "properties": {"kind": p.kind, "source": p.source},
        }
        for p in report.asked
    ]
    results = [
        _result(model, report, i, p)
        for i, p in enumerate(report.asked)
        if report.verdict_on(p.number) != HOLDS
    ]
    driver = {"name": "ccr", "version": __version__, "semanticVersion": __version__, "rules": rules}
    document = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": results,
                "properties": {"verdict": report.verdict, "model": report.model},
            }
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _result(model: Model, report: Report, index: int, prop: Property) -> dict[str, Any]:
    violated = report.verdict_on(prop.number) == VIOLATED
    found: dict[str, Any] = {
        "ruleId": prop.number,
        "ruleIndex": index,
        "kind": "fail" if violated else "open",
        "level": "error" if violated else "none",
        "message": {"text": f"{prop.label} is {_why(report, prop)}. {prop.sentence}"},
        "locations": [_place(prop.where)] if prop.where else [],
        "partialFingerprints": {"property": prop.number},
    }
    run = report.runs.get(prop.number)
    if run is not None:
        flow = [_flow(shown) for shown in drawing(model, run).steps]
        found["codeFlows"] = [{"threadFlows": [{"locations": flow}]}]
    return found


def _flow(shown: Shown) -> dict[str, Any]:
    text = f"{shown.number}. {shown.rule.event} ({shown.rule.label} {arguments(shown)})"
    said = "; ".join(changed(shown))
    location = {
        **_place(shown.rule.where),
        "message": {"text": f"{text}: {said}" if said else text},
    }
    return {
        "location": location,
        "executionOrder": shown.number,
        "importance": "essential" if shown.is_fault else "important",
        "properties": {"time": seconds(shown.time)},
    }


def markdown(report: Report) -> str:
    """A table of verdicts, then each run that breaks something."""
    out = [
        f"# {report.model}: {report.verdict}", "",
        "| property | verdict | says |", "|---|---|---|",
    ]  # fmt: skip
    for p in report.asked:
        cells = (p.label, _why(report, p), p.sentence)
        out.append("| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |")
    for p in report.asked:
        run = report.runs.get(p.number)
        if run is not None and report.verdict_on(p.number) == VIOLATED:
            drawn = drawing(subject().model, run)
            out += ["", f"## {p.label}", "", *markdown_table(drawn), "", "```"]
            out += [*diagram(drawn), "```"]
    return "\n".join([*out, ""])
