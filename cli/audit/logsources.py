"""Which logs `ccr audit` was given: a store's clusters, whole exports, parts of one log. And the
seal that one of them is held against. Imports no z3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ccr_es.audit.parts import First, PartsSource, first_of, unnumbered
from ccr_es.audit.sealing import Seal, checked
from ccr_es.audit.sources import FileSource, Source, StoreSource
from ccr_es.audit.working import LogAt
from ccr_es.errors import FileUnreadable
from ccr_es.errors_audit import PartsUnnumbered, SealForeign
from ccr_es.store.store import Store
from cli.frame.base import settings
from cli.session.upto import source_upto

if TYPE_CHECKING:
    from cli.audit.auditing import Wanted

_SQLITE = b"SQLite format 3\x00"


@dataclass(frozen=True)
class Log:
    """One log to judge, the cluster that it says it is of, and the (first) file it is in."""

    source: Source
    cluster: str
    path: Path | None = None
    at: LogAt | None = None
    """Where another process finds it; None for a part of a log, up to a point."""


def logs_of(paths: Sequence[Path], as_of: str | None, stack: ExitStack) -> Iterator[Log]:
    """Each cluster of each store, each exported log, and parts of one log as one.

    With no path, the cluster that the options name. What is opened is closed by `stack`. Raises
    `FileUnreadable` or what opening a store raises.
    """
    chosen = settings()
    if not paths:
        store = stack.enter_context(Store.open(chosen.store))
        name = store.chosen(chosen.cluster)
        source_at = LogAt(f"{store.path}: cluster {name}", chosen.store, name)
        yield Log(source_upto(store, name, as_of), name, at=None if as_of else source_at)
    parts: dict[tuple[str, str], list[tuple[Path, FileSource]]] = {}
    for path in paths:
        first = first_line(path)
        if first is None:
            store = stack.enter_context(Store.open(path))
            names = [store.chosen(chosen.cluster)] if chosen.cluster else store.clusters()
            for name in names:
                source_at = LogAt(f"{store.path}: cluster {name}", str(path), name)
                yield Log(StoreSource(store, name), name, path, source_at)
            continue
        source = FileSource(str(path), _lines(path))
        if first.part:
            _has_numbers(path)
            parts.setdefault((first.cluster, first.created), []).append((path, source))
        else:
            source_at = LogAt(source.name, cluster=first.cluster, files=(str(path),))
            yield Log(source, first.cluster, path, source_at)
    for (cluster, _), found in parts.items():
        whole = PartsSource([source for _, source in found])
        files = tuple(str(path) for path, _ in found)
        yield Log(whole, cluster, found[0][0], LogAt(whole.name, cluster=cluster, files=files))


def _lines(path: Path) -> Iterator[bytes]:
    """The lines of a file, opened when the first is asked for: thousands are not open at once."""
    with path.open("rb") as file:
        yield from file


def first_line(path: Path) -> First | None:
    """What a file's first line says; None for a store."""
    try:
        with path.open("rb") as file:
            head = file.read(len(_SQLITE))
            return None if head == _SQLITE else first_of(head + file.readline())
    except OSError as error:
        raise FileUnreadable(f"{path}: {error.strerror}", "Name a file that can be read") from None


def _has_numbers(path: Path) -> None:
    """Raises `PartsUnnumbered` for a part of a log that cannot be put together with others."""
    with path.open("rb") as file:
        if unnumbered(file):
            raise PartsUnnumbered(
                f"{path}: no event has a number, and only numbers say in which order the parts of a"
                " log belong together",
                "Export it with `ccr log export --node`, which keeps them, or judge all of them by"
                f" what is possible: `ccr audit --partial {path}` and the others",
            )


def seal_of(wanted: Wanted) -> Seal | None:
    """The seal to hold a log against, its signature checked. Raises what `checked` raises."""
    if wanted.seal is None and wanted.public_key is None:
        return None
    if wanted.seal is None or wanted.public_key is None:
        raise click.UsageError("--seal and --public-key go together")
    if wanted.as_of is not None:
        raise click.UsageError("--seal is about the end of a log: it does not go with --as-of")
    return checked(wanted.seal, wanted.public_key)


def about(seal: Seal | None, logs: Sequence[Log]) -> None:
    """Refuse a seal that is of none of the logs. Raises `SealForeign`."""
    names = sorted({log.cluster for log in logs})
    if seal is not None and seal.cluster not in names:
        raise SealForeign(
            f"the seal is of cluster {seal.cluster}, not of {' or '.join(names) or 'any log here'}",
            "Name the log that it belongs to",
        )
