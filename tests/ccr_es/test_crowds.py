"""An audit that lets the cases of many members sleep says the same, word for word, as one that
looks at each whenever something in it changes.
"""

from __future__ import annotations

import random
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ccr_es.audit.audit import HOLDS, VIOLATED, AuditReport, StoreSource, audit
from ccr_es.audit.cases import Cases, Sight
from ccr_es.audit.clearing import Clearing
from ccr_es.audit.keep_going import audit_going_on
from ccr_es.store.store import Store
from models.ccr.vocabulary_mail import Mail
from models.language.model import ALWAYS, STEP, Model
from specs.catalogue import CCR
from tests.ccr_es.making import NAME, in_segments
from tests.ccr_es.test_ccr import started
from tests.ccr_es.test_clearing import rewritten

CASES = sys.modules[Sight.__module__]
CHANGES = ("argument", "time", "version", "cause", "drop", "swap")
OF_MAIL = [
    p for p in CCR.properties if p.kind in (ALWAYS, STEP) and Mail in dict(p.params).values()
]


@pytest.fixture(name="log", scope="module")
def _log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Mail through two hubs; a failover loses some of it, which is delivered again."""
    path = tmp_path_factory.mktemp("mail") / "ccr.db"
    with Store.create(path) as store:
        cluster = started(store)
        for hub in ("HUB1", "HUB2"):
            assert cluster.do("add_hub", {"h": hub, "skew": 0}).refusal is None
        for i in range(5):
            said = {"count": 1, "size": 1_048_576, "records": 100}
            where = {"h": f"HUB{i % 2 + 1}", "g": "SG1", "m": f"m{i}"}
            assert cluster.do("submit_mail", said | where).refusal is None
            if i == 3:
                assert cluster.do("fail_node", {"n": "A"}).refusal is None
                cluster.wait(400_000)
            cluster.wait(10)
        cluster.wait(60_000)
    return path


def report_of(path: Path, model: Model, monkeypatch: pytest.MonkeyPatch) -> AuditReport:
    """The report, which is the same whether members' cases sleep or not, and are cleared or not."""
    found = []
    for many, worth, clears in (10**9, 60, False), (0, 60, True), (0, 0, True), (0, 60, False):
        with monkeypatch.context() as patch, Store.open(path) as store:
            patch.setattr(CASES, "MANY", many)
            patch.setattr(CASES, "WORTH", worth)
            if not clears:
                patch.setattr(Clearing, "clear", lambda *_: 0)
            source = StoreSource(store, NAME)
            found.append([audit(source, model, by_given=True), audit_going_on(source, model)])
    assert found[1:] == found[:1] * 3
    return found[0][0]


@pytest.mark.slow
def test_a_log_of_mail_holds_and_its_cases_are_seldom_asked(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert report_of(log, CCR, monkeypatch).verdict == HOLDS
    asked: list[int] = []
    real = Cases.settle
    monkeypatch.setattr(CASES, "MANY", 0)
    monkeypatch.setattr(Cases, "settle", lambda s, i, why: (asked.append(i), real(s, i, why)))
    with Store.open(log) as store:
        events = audit(StoreSource(store, NAME), CCR).events
    cases = len(OF_MAIL) * 5 * 4
    assert cases < len(asked) < cases * events / 10
    assert in_segments(log, NAME, CCR).verdict == HOLDS


@pytest.mark.slow
def test_what_was_changed_and_chained_again_is_told_in_the_same_words(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ccr.db"
    path.write_bytes(log.read_bytes())
    draw = random.Random(1)
    for change in CHANGES:
        while not rewritten(path, draw, change):
            pass
    assert report_of(path, CCR, monkeypatch).verdict == VIOLATED


@pytest.mark.slow
@pytest.mark.parametrize("kind", [ALWAYS, STEP])
def test_properties_that_break_and_hold_again_are_told_in_the_same_words(
    log: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Of each property of mail one part by itself: most of these are false at some time."""
    parts = [
        replace(p, number=f"X{i}-{p.number}", term=part)
        for p in OF_MAIL
        for i, part in enumerate(p.term.args)
        if p.kind == kind
    ]
    report = report_of(log, replace(CCR, properties=tuple(parts)), monkeypatch)
    assert len({f.property for f in report.findings}) > 1
