"""An audit that is judged whole and was put aside anywhere is gone on with to the same report."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

import msgspec
import pytest

from ccr_es.audit.audit import Auditing, AuditReport
from ccr_es.audit.keep_going import GoingOn
from ccr_es.audit.parts import OUTSIDE, PartsSource, belongs_to
from ccr_es.audit.pausing import Followed, Paused, go_on, model_in, paused
from ccr_es.audit.sources import Source, packs_of
from ccr_es.audit.stopping import Halted
from ccr_es.record.interchange import export
from ccr_es.store.store import Store
from tests.ccr_es.making import NAME, made, opened
from tests.models.teaching import BROKEN, MODEL

Files = dict[str, list[bytes]]


@pytest.fixture(name="logs", scope="module")
def _logs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Files]:
    """Logs as files: a good one, bad ones, one of two models, and one in parts."""
    path = made(tmp_path_factory.mktemp("logs") / "ccr.db")
    with Store.open(path) as store:
        whole = list(export(store, NAME))
        parts = {}
        for part in ("A", "B", OUTSIDE):
            belongs = belongs_to(part, lambda stamp: store.book.codec(stamp).model)
            parts[part] = list(export(store, NAME, part, belongs))
    with opened(path, model=BROKEN) as cluster:
        cluster.wait(1_000)
    with Store.open(path) as store:
        adopted = list(export(store, NAME))
    said = json.loads(whole[4])
    said["data"]["reason"] = "said later"
    return {
        "good": {"log": whole},
        "edited": {"log": [*whole[:4], json.dumps(said).encode(), *whole[5:]]},
        "gap": {"log": [*whole[:3], *whole[4:]]},
        "garbled": {"log": [*whole[:3], b"{\n", *whole[3:]]},
        "of two models": {"log": adopted},
        "parts": parts,
        "parts that overlap": {**parts, "all": parts["A"]},
        "parts of which one is missing": {"A": parts["A"], "B": parts["B"]},
    }


def begun(kind: type[Auditing], files: Files) -> Auditing:
    """An audit of these files."""
    found = [Followed(name, lines) for name, lines in files.items()]
    source: Source = found[0] if len(found) == 1 else PartsSource(found)
    return kind(source, MODEL, False, None)


def stopped(auditing: Auditing, after: int) -> Callable[[], None]:
    """Stops an audit the n-th time that it can be put aside."""
    left = iter(range(after, -1, -1))

    def between() -> None:
        if not next(left):
            raise Halted

    return between


@pytest.mark.parametrize("kind", [Auditing, GoingOn])
def test_the_report_is_the_same_wherever_an_audit_was_put_aside(
    logs: dict[str, Files], kind: type[Auditing], monkeypatch: pytest.MonkeyPatch
) -> None:
    for of in (packs_of, GoingOn):
        monkeypatch.setattr(sys.modules[of.__module__], "PACK", 1)
    for name, files in logs.items():
        whole: AuditReport = begun(kind, files).run()
        places = 0
        for after in range(20):
            first = begun(kind, files)
            first.between = stopped(first, after)
            try:
                first.run()
            except Halted:
                note = paused(first)
            else:
                break
            if note is None:
                continue
            kept = msgspec.json.decode(msgspec.json.encode(note), type=Paused)
            second = begun(kind, files)
            go_on(second, kept, model_in(second.source))
            assert second.run() == whole, (name, after)
            places += 1
        assert places > 1, name
