"""What `ccr health` shows: the tests as a table, as JSON, as one Nagios line, as JUnit.

Sits above `session`, `examining` and `foresight`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import click

from ccr_es.errors import FileUnreadable
from cli.cluster.waysback import pointer
from cli.frame.errors import UnknownMember
from cli.frame.output import answer, document, table
from cli.health.examining import CHECKS, FAIL, PASS, SKIP, WARN, Result, examine, failed_over, worst
from cli.health.foresight import Outlook, outlooks
from cli.places.siting import places
from cli.session.session import Session, reading

SHOWN = {PASS: "Passed", WARN: "*WARNING*", FAIL: "*FAILED*", SKIP: "Skipped"}
"""Results in Exchange's words."""

NAGIOS = {PASS: (0, "OK"), SKIP: (0, "OK"), WARN: (1, "WARNING"), FAIL: (2, "CRITICAL")}


def show_health(
    names: Sequence[str], kind: str, as_of: str | None, as_json: bool,
    *, nagios: bool, junit: Path | None,
) -> None:  # fmt: skip
    """`ccr health`. Exits 1 if a test failed; with `nagios` by the plugin's own codes."""
    wanted = _wanted(names)
    with reading(as_of) as session:
        results = [r for r in examine(session.lens, session.state, kind) if r.check.name in wanted]
        details = [_detail(session, r) for r in results]
        ahead, pointers = foreseen(session), pointer(session.stand)
        cluster = session.cluster.name
    state = worst(results)
    if junit:
        _write_junit(junit, cluster, results, details)
    if as_json:
        body = _body(cluster, state, results, details, ahead)
        document("health", {**body, "warnings": pointers})
    elif nagios:
        answer(_nagios_line(state, results, details))
    else:
        table(("Check", "Result", "Error"), _rows(results, details))
        answer()
        next_failure(ahead)
        for text in pointers:
            answer(f"! {text}")
    code = NAGIOS[state][0] if nagios else int(state == FAIL)
    if code:
        raise click.exceptions.Exit(code)


def _rows(results: Sequence[Result], details: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """One row a test; what it found besides the first on rows of its own."""
    for r, detail in zip(results, details, strict=True):
        first, *more = detail.split("; ")
        yield r.check.name, SHOWN[r.result], first
        for text in more:
            yield "", "", text


def foreseen(session: Session) -> list[Outlook]:
    """The next failure, as of the session's state."""
    return outlooks(session.stand, places(session))


def next_failure(ahead: Sequence[Outlook]) -> None:
    """The lines on the next failure."""
    table(
        ("next failure", "service", "logs lost"), [(o.fault, o.words, o.lost_logs) for o in ahead]
    )


def _wanted(names: Sequence[str]) -> set[str]:
    known = {check.name.lower(): check.name for check in CHECKS}
    for name in names:
        if name.lower() not in known:
            raise UnknownMember(
                f"there is no health test {name}", f"There are {', '.join(known.values())}"
            )
    return {known[name.lower()] for name in names} or set(known.values())


def _detail(session: Session, result: Result) -> str:
    """What is wrong; for a database that a failover left dismounted, the event of the failover."""
    if result.check.name != "DBMountedFailover" or result.result != FAIL:
        return result.detail
    nodes = {failed_over(session.lens, session.state, g) for g in session.lens.groups} - {None}
    events = [session.setter(f"node.{n}.open") for n in sorted(map(str, nodes))]
    since = " and ".join(f"{number} {name}" for number, name in events)
    return f"{result.detail}; since event {since}"


def _body(
    cluster: str, state: str, results: Sequence[Result], details: Sequence[str],
    ahead: Sequence[Outlook],
) -> dict[str, Any]:  # fmt: skip
    return {
        "cluster": cluster,
        "healthy": state != FAIL,
        "result": state,
        "checks": [
            {"name": r.check.name, "result": r.result, "detail": detail, "about": r.check.about}
            for r, detail in zip(results, details, strict=True)
        ],
        "next_failure": [o.json for o in ahead],
    }


def _nagios_line(state: str, results: Sequence[Result], details: Sequence[str]) -> str:
    bad = [
        f"{r.check.name}: {detail}"
        for r, detail in zip(results, details, strict=True)
        if r.result in (WARN, FAIL)
    ]
    passed = sum(r.result == PASS for r in results)
    text = "; ".join(bad) or f"{passed} tests passed"
    return f"REPLICATION {NAGIOS[state][1]} - {text} | passed={passed} bad={len(bad)}"


def _write_junit(
    path: Path, cluster: str, results: Sequence[Result], details: Sequence[str]
) -> None:
    suite = ElementTree.Element(
        "testsuite",
        name=f"replication health of {cluster}",
        tests=str(len(results)),
        failures=str(sum(r.result == FAIL for r in results)),
        skipped=str(sum(r.result == SKIP for r in results)),
    )
    for r, detail in zip(results, details, strict=True):
        case = ElementTree.SubElement(suite, "testcase", classname=cluster, name=r.check.name)
        if r.result == FAIL:
            ElementTree.SubElement(case, "failure", message=detail)
        elif r.result == SKIP:
            ElementTree.SubElement(case, "skipped", message=detail)
        elif r.result == WARN:
            ElementTree.SubElement(case, "system-out").text = f"warning: {detail}"
    ElementTree.indent(suite)
    try:
        path.write_bytes(ElementTree.tostring(suite, encoding="utf-8", xml_declaration=True))
    except OSError as error:
        raise FileUnreadable(
            f"{path}: {error.strerror}", "Name a file that may be written"
        ) from None
