"""From the reports of one call to its page: what was gathered of each log, and where it is put."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from ccr_es.audit.audit import AuditReport
from ccr_es.audit.parts import PartsSource
from ccr_es.audit.sources import FileSource, Item, Source
from ccr_es.observations import ObservationReport
from ccr_es.partial.report import PartialReport
from ccr_es.record.book import Book
from cli.page.audited import part_of
from cli.page.frame import Part, page
from cli.page.matter import KEPT, Matter, Tapped
from cli.page.observed import part_of_partial, part_of_record
from cli.page.writing import command, digests, put, wanted
from models.language.model import Model


class Pages:
    """The page that a call was asked for, if it was. Raises what `wanted` raises."""

    def __init__(self) -> None:
        self._files = wanted()
        self._matters: dict[str, Matter] = {}
        self._about: dict[str, list[tuple[str, str]]] = {}

    @property
    def wanted(self) -> bool:
        """Whether a page was asked for."""
        return bool(self._files)

    def tap(self, source: Source) -> Source:
        """The source; if a page is wanted, what it gives is gathered on the way."""
        if not self._files:
            return source
        matter = self._matters[source.name] = Matter(source.book, KEPT)
        self._about[source.name] = digests(_files_of(source))
        return Tapped(source, matter)

    def complete(self, source: Source, report: AuditReport) -> None:
        """Read a log again if what was found in it, or a passage, is where the page had no room.

        If it has changed since it was judged, the page stays as it was.
        """
        matter = self._matters.get(source.name)
        near = matter.missing(f.event for f in report.findings) if matter else frozenset()
        if matter is None or not near:
            return
        again = Matter(source.book, KEPT, near)
        with ExitStack() as stack:
            for item in _reopened(source, stack).every():
                if isinstance(item, Item):
                    again.take(item.recorded)
        if again.fold.hash == matter.fold.hash:
            self._matters[source.name] = again

    def write(
        self,
        reports: Sequence[AuditReport | ObservationReport | PartialReport],
        verdict: str,
        model: Model,
    ) -> None:
        """Write the page. Raises `FileUnreadable`."""
        if not self._files:
            return
        parts = []
        for i, report in enumerate(reports, 1):
            prefix = f"l{i}-" if len(reports) > 1 else ""
            parts.append(self._part(report, prefix, model))
        put(self._files, page("Audit", verdict, parts))

    def _part(
        self, report: AuditReport | ObservationReport | PartialReport, prefix: str, model: Model
    ) -> Part:
        if isinstance(report, ObservationReport):
            return part_of_record(report, prefix, command())
        if isinstance(report, PartialReport):
            files = [Path(name) for name in report.parts or (report.source,)]
            return part_of_partial(report, prefix, command(), digests(files))
        matter = self._matters.get(report.source) or Matter(Book())
        about = self._about.get(report.source, [])
        return part_of(report, matter, model, prefix, about, command())


def _reopened(source: Source, stack: ExitStack) -> Source:
    """The same source from its beginning."""
    if isinstance(source, PartsSource):
        return PartsSource([_file(part.name, stack) for part in source.parts])
    return _file(source.name, stack) if isinstance(source, FileSource) else source


def _file(name: str, stack: ExitStack) -> FileSource:
    return FileSource(name, stack.enter_context(Path(name).open("rb")))


def _files_of(source: Source) -> list[Path]:
    if isinstance(source, PartsSource):
        return [Path(part.name) for part in source.parts]
    return [Path(source.name)] if isinstance(source, FileSource) else []
