"""Whole verifications kept on disk: asked again word for word, one is read back, without a solver.

A report is kept only if it is complete: every property holds or is violated. Its key has the whole
model with its properties, the instance, what was asked, parameters, options, and the versions of z3
and of this engine. Each run in it is replayed on plain values before anybody sees it; one that does
not show what it showed voids the report. A file that cannot be read is no report.

Sits above `report` and `cache`; imports no z3.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from hashlib import sha256
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import Any

from models.language.canonical import canonical_text, fingerprint
from models.language.misuse import ModelError
from models.language.model import SOMETIMES, Instance, Model, Property
from models.plain.reader import Reader

from ..report import Report
from ..runs import Run, confirm, from_lines, to_lines
from ..verdict import HOLDS, SEARCH, UNKNOWN, VIOLATED, Obligation
from . import certificate
from .cache import engine_stamp, make
from .frames import read_by, written
from .refuting import with_refuted

MOST = 40
"""Reports in a folder; the oldest goes."""


@dataclass(frozen=True)
class Shelf:
    """The reports kept in one folder for one question."""

    folder: Path
    key: str

    @staticmethod
    def of(
        folder: Path,
        model: Model,
        instance: Instance,
        asked: Sequence[Property],
        settings: object,
    ) -> Shelf:
        """Where the answer to this question is kept; `settings` has parameters and options."""
        members = [(k, list(v)) for k, v in instance.members.items()]
        question = [members, sorted(instance.parameters.items()), [p.number for p in asked]]
        text = "\n".join((engine_stamp(), canonical_text(model), repr(question), repr(settings)))
        return Shelf(folder / "reports", sha256(text.encode()).hexdigest()[:32])

    @property
    def place(self) -> Path:
        """The folder of the certificate of that answer."""
        return self.folder.parent / "certificates" / self.key[:12]

    @property
    def _path(self) -> Path:
        return self.folder / f"{self.key}.json"

    def find(self, blank: Report, model: Model) -> Report | None:
        """`blank` filled in with what was kept, its runs replayed; None if there is nothing."""
        try:
            if not (self.place / certificate.MANIFEST).exists():
                return None
            check, _, body = self._path.read_bytes().partition(b"\n")
            if check.decode() != sha256(body).hexdigest():
                return None
            return _filled(blank, model, json.loads(body))
        except (OSError, ValueError, KeyError, TypeError, ModelError):
            return None

    def keep(
        self, report: Report, model: Model, instance: Instance, scripts: list[certificate.Script]
    ) -> None:
        """Keep the certificate of what holds, and the report if it is complete and was asked here:
        what is unknown is better asked again, and what others answered is read from their answers.
        """
        try:
            certificate.write(self.place, _certificate(report, model, instance, scripts))
        except OSError:
            report.place = None
            return
        if report.merged or {report.verdict_on(p.number) for p in report.asked} & {UNKNOWN}:
            return
        runs = {n: list(to_lines(model, run)) for n, run in report.runs.items()}
        body = {
            "obligations": list(_packed(report.obligations)),
            "runs": runs,
            "certificates": report.certificates,
        }
        text = json.dumps(body, separators=(",", ":")).encode()
        try:
            make(self.folder.parent)
            self.folder.mkdir(exist_ok=True)
            for path in _oldest(self.folder):
                path.unlink()
            self._path.write_bytes(sha256(text).hexdigest().encode() + b"\n" + text)
        except OSError:
            return


def _certificate(
    report: Report, model: Model, instance: Instance, scripts: list[certificate.Script]
) -> certificate.Certificate:
    found = list(scripts)
    for number, queries in report.queries.items():
        found += certificate.whole(SEARCH, report.rung(number), number, (q.text for q in queries))
    numbers = {o.property for o in report.obligations}
    about = {
        "model": model.name,
        "fingerprint": fingerprint(model),
        "engine": engine_stamp(),
        "z3": version("z3-solver"),
        "parameters": report.parameters,
        "assumptions": list(report.assumptions),
        "proved": sorted(n for n in numbers if report.proved(n)),
    }
    framed = [o for o in report.obligations if o.method == "frame"]
    rules = {o.rule for o in framed}
    reads = {
        p.number: sorted(read_by(model, instance, p))
        for p in with_refuted(model, report).properties
        if p.number in {o.property for o in framed}
    }
    writes = {r: sorted(k) for r, k in written(model, instance).items() if r in rules}
    return certificate.Certificate(about, tuple(found), reads, writes)


def _oldest(folder: Path) -> Iterator[Path]:
    found = sorted(folder.glob("*.json"), key=lambda p: p.stat().st_mtime)
    return iter(found[: max(0, len(found) - MOST + 1)])


def _filled(blank: Report, model: Model, body: dict[str, Any]) -> Report | None:
    found = list(_unpacked(body["obligations"]))
    runs = {n: from_lines(model, lines) for n, lines in body["runs"].items()}
    report = replace(blank, obligations=found, runs=runs, certificates=dict(body["certificates"]))
    readers: dict[str, Reader] = {}
    for number, run in runs.items():
        key = repr(run.instance)
        if key not in readers:
            readers[key] = Reader(model, run.instance)
        if not _shows(model, run, report, number, readers[key]):
            return None
    return report


FRAME = "frame"


def _packed(obligations: Sequence[Obligation]) -> Iterator[list[Any]]:
    """Obligations as data. Frames, which are nine in ten, are listed by their rule, in a row."""

    def alike(o: Obligation) -> tuple[object, ...]:
        framed = o == Obligation(o.rule, o.property, FRAME, HOLDS)
        return (FRAME, o.rule) if framed else (o.method, o.rule, o.property)

    for key, group in groupby(obligations, alike):
        found = list(group)
        if key[0] == FRAME and len(key) == 2:
            yield [FRAME, key[1], [o.property for o in found]]
        else:
            yield from (list(astuple(o)) for o in found)


def _unpacked(data: Sequence[list[Any]]) -> Iterator[Obligation]:
    for entry in data:
        if entry[0] == FRAME:
            _, rule, numbers = entry
            yield from (Obligation(rule, n, FRAME, HOLDS, cached=True) for n in numbers)
        else:
            rule, number, method, verdict, took, detail, uses, under, _, rlimit, conflicts = entry
            yield Obligation(
                rule, number, method, verdict, took, detail, tuple(uses), tuple(under), True,
                rlimit, conflicts,
            )  # fmt: skip


def _shows(model: Model, run: Run, report: Report, number: str, reader: Reader) -> bool:
    """Whether a run still shows what it is said to show."""
    prop = next(p for p in report.asked if p.number == number)
    expected = HOLDS if prop.kind == SOMETIMES else VIOLATED
    return report.verdict_on(number) == expected and confirm(model, run, prop, reader) is not None
