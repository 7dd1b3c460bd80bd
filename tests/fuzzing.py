"""The readers of files under atheris: `python -m tests.fuzzing READER|every [libFuzzer options]`.

Bytes that no table thought of go into a reader of files; whatever it does but return or raise one
of our errors ends the run with a trace. The code under test is instrumented, so that the fuzzer
finds its way. Same seed, same run.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["ccr_es", "models", "specs.rendering"]):
    from ccr_es.audit.audit import audit
    from ccr_es.audit.keep_going import audit_going_on
    from ccr_es.audit.parts import PartsSource
    from ccr_es.audit.sources import FileSource
    from ccr_es.errors import CcrError
    from ccr_es.observations import audit_observations, mapping_named
    from ccr_es.observations.mappings.language import RecordMapping
    from ccr_es.partial import Declared, audit_partial, audit_together
    from ccr_es.record.book import Book, model_from_bytes
    from ccr_es.record.interchange import Reading, checked, lines_of
    from models.language.misuse import ModelError
    from specs.rendering.itf import from_itf
    from specs.runs import BadRun
    from tests.ccr_es.making import exported, made
    from tests.ccr_es.partial_making import failed_over, without
    from tests.models.teaching import MODEL

Reader = Callable[[bytes], object]


def _log() -> list[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        return exported(made(Path(folder) / "ccr.db"))


LOG = _log()
PARTIAL = without(failed_over().lines)


def spliced(lines: list[bytes], data: bytes) -> list[bytes]:
    """A log whose line (the first byte says which) is these bytes, or has them in its middle."""
    place = data[0] % len(lines) if data else 0
    line = lines[place]
    new = data[2:] if data[1:2] < b"\x80" else line[: len(line) // 2] + data[2:]
    return [*lines[:place], new, *lines[place + 1 :]]


def imported(data: bytes) -> None:
    """An import, up to the store."""
    reading = Reading(Book())
    for line in lines_of(spliced(LOG, data)):
        checked(reading, line)


def record(name: str) -> Reader:
    """A record of another system, by a mapping."""
    mapping: RecordMapping = mapping_named(name)

    def read(data: bytes) -> object:
        path = Path(tempfile.gettempdir()) / f"ccr-fuzz-{name}"
        path.write_bytes(data)
        return audit_observations(path, mapping=mapping)

    return read


READERS: dict[str, Callable[[], Reader]] = {
    "import": lambda: imported,
    "audit": lambda: lambda data: audit(FileSource("log", spliced(LOG, data)), MODEL),
    "going-on": lambda: lambda data: audit_going_on(FileSource("log", spliced(LOG, data)), MODEL),
    "parts": lambda: (
        lambda data: audit(
            PartsSource([FileSource("a", spliced(LOG, data)), FileSource("b", LOG)]), MODEL
        )
    ),
    "partial": lambda: (
        lambda data: audit_partial("record", spliced(PARTIAL, data), MODEL, Declared(width_max=8))
    ),
    "together": lambda: (
        lambda data: audit_together(
            {"a": spliced(PARTIAL, data), "b": PARTIAL}, MODEL, Declared(width_max=8)
        )
    ),
    "model": lambda: lambda data: model_from_bytes(data, "fuzzed"),
    "itf": lambda: lambda data: from_itf(MODEL, data.decode("utf-8", "replace")),
    "patroni": lambda: record("patroni"),
    "pg-autoctl": lambda: record("pg_autoctl_log"),
    "repmgr-table": lambda: record("repmgr_table"),
}


def every() -> Reader:
    """All of them: the first byte says which."""
    readers = [make() for make in READERS.values()]
    return lambda data: readers[data[0] % len(readers) if data else 0](data[1:])


def main() -> None:
    """Fuzz the reader that the first argument names."""
    name = sys.argv.pop(1)
    read = every() if name == "every" else READERS[name]()

    def one(data: bytes) -> None:
        try:
            read(data)
        except (CcrError, ModelError, BadRun):
            return

    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
