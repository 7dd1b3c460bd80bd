"""What a partial record declares of itself, on its first line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ccr_es.errors_audit import PartialMalformed, Undeclared
from ccr_es.partial import Asked, PartialReport, audit_partial
from ccr_es.partial.declared import declaration
from ccr_es.partial.report import CANNOT, CERTAIN, CONFORMS, DOES_NOT, POSSIBLE
from tests.ccr_es.partial_making import failed_over, judged, without
from tests.models.teaching import MODEL

LINES = failed_over().lines


def declaring(lines: list[bytes], **attributes: str) -> list[bytes]:
    """The record with these attributes on its first line."""
    first: dict[str, Any] = json.loads(lines[0])
    return [json.dumps({**first, **attributes}).encode(), *lines[1:]]


def by_itself(lines: list[bytes], *asked: Asked, **attributes: str) -> PartialReport:
    """The report on a record that says itself what it lacks."""
    return audit_partial("record", declaring(lines, **attributes), MODEL, None, asked)


@pytest.mark.parametrize(
    "attributes",
    [
        {"ccrnotlogged": "LockClaimed, R014"},
        {"ccrnotlogged": "claim_lock,RenewalNoted"},
        {
            "ccrcomplete": "Ticked,NodeBooted,NodeCrashed,PathCut,PathHealed,ServingStarted,"
            "ServingStopped,LockRenewed"
        },
    ],
)
def test_the_record_says_what_the_options_would_say(attributes: dict[str, str]) -> None:
    lacking = ("LockClaimed", "RenewalNoted")
    asked = (Asked("lock.holder", "B"), Asked("node.A.power", "UP"))
    ours = by_itself(without(LINES, lacking), *asked, **attributes)
    theirs = judged(without(LINES, lacking), lacking, *asked)
    assert (ours.said, ours.unlogged, ours.answers) == (
        theirs.said,
        theirs.unlogged,
        theirs.answers,
    )
    assert ours.declared == "by its first line"


def test_silence_is_evidence_where_a_party_is_said_to_be_complete() -> None:
    lacking = {"LockClaimed"}
    alone = {"ccrnotlogged": "LockClaimed"}
    assert by_itself(without(LINES, lacking), **alone).said == CONFORMS
    report = by_itself(without(LINES, lacking), **alone, ccrparties="B")
    assert report.said == DOES_NOT, "B took the lock, and its log does not say so"
    assert "everything of B is logged" in report.declared
    holder = Asked("lock.holder", "B")
    kept = [x for x in LINES if x["type"] != "ccr:LockClaimed" or x["data"]["args"]["n"] == "B"]
    assert by_itself(without(kept), holder, **alone, ccrparties="B").answers[0].answer == CERTAIN


def test_a_field_that_is_not_known_is_passed_over() -> None:
    wrong = json.loads(json.dumps(LINES))
    for line in wrong:
        if "renewed" in line["data"]["args"]:
            line["data"]["args"]["renewed"] = 7
    assert by_itself(without(wrong), ccrcomplete="all").said == DOES_NOT
    report = by_itself(without(wrong), ccrcomplete="all", ccrunknown="args.renewed")
    assert report.said == CONFORMS
    assert "not known: args.renewed" in report.declared


def test_who_declares_nothing_is_asked_to() -> None:
    with pytest.raises(Undeclared, match="which kinds of event"):
        by_itself(without(LINES))
    with pytest.raises(PartialMalformed, match="no kind of event"):
        by_itself(without(LINES), ccrnotlogged="LockPainted")
    with pytest.raises(PartialMalformed, match="both"):
        by_itself(without(LINES), ccrnotlogged="LockClaimed", ccrcomplete="all")
    assert all(f"ccr{name}" in declaration() for name in ("notlogged", "complete", "unknown"))


def test_what_cannot_be_known_names_what_to_log() -> None:
    lacking = ("NodeCrashed", "NodeBooted", "LockClaimed", "RenewalNoted")
    asked = Asked("node.B.power", "UP")
    report = by_itself(without(LINES, lacking), asked, ccrnotlogged=",".join(lacking))
    assert report.said == CANNOT or report.answers[0].answer == POSSIBLE
    assert {"R002 boot", "R003 crash"} <= set(report.to_log)
