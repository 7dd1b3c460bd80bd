"""What an audit of a log says: the findings, and the verdict on the whole.

Sits above `judge`; knows no store and no source.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .judge import Fact

HOLDS, VIOLATED, UNKNOWN = "holds", "violated", "unknown"
FINDINGS_MAX = 1_000
"""Findings kept; those beyond are counted."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    `kind`: chain, sequence, record, guard, move, property, decode, head, checkpoint.

    `event` is the number of the event (of the last one read, for the end of a log). `rule`, `guard`
    or `property` name what is not obeyed; `facts` are what stands against it.
    """

    event: int
    kind: str
    text: str
    where: str = ""
    rule: str = ""
    guard: str = ""
    property: str = ""
    facts: tuple[Fact, ...] = ()


@dataclass
class AuditReport:
    """The verdict on one log.

    `events` were judged; `unchecked` says why the rest was not, or is empty.
    """

    source: str
    cluster: str = ""
    events: int = 0
    head: str = ""
    comes_by: str = ""
    """The head kept elsewhere that the log was found to come by."""
    judged_by: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    more_findings: int = 0
    unchecked: str = ""
    unjudged: dict[str, int] = field(default_factory=dict)
    """What could not be judged after a bad event (a guard of a rule, a property), and how often."""

    @property
    def verdict(self) -> str:
        """violated > unknown > holds."""
        if self.findings:
            return VIOLATED
        return UNKNOWN if self.unchecked or self.unjudged or not self.events else HOLDS

    def add(self, finding: Finding) -> None:
        """Keep a finding, or count it when there are too many."""
        if len(self.findings) < FINDINGS_MAX:
            self.findings.append(finding)
        else:
            self.more_findings += 1
