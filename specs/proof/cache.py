"""Answers kept on disk: what was proved once is not asked again.

An entry is one `unsat`: a key, which is a hash of everything that the answer depends on (the rule's
text under its binding, the property's text, sorts and keys, limits, the versions of z3 and of this
engine), and what it assumed, each with a hash of its formula. It is used again only if all that it
assumed may still be assumed, word for word. Nothing else is kept: `unknown` may be better next
time, and `sat` is shown by a run, which is found and replayed.

The file is text, a line per entry with a checksum; lines are only appended, so that whoever is
interrupted keeps what was proved. A line that is cut off or damaged is not an entry. Imports the
standard library only.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from .task import Answer, digest

NAME = "verdicts.txt"
LARGEST = 64_000_000
"""Bytes at which the file is begun anew."""


def engine_stamp() -> str:
    """A hash of what answers: z3's version, and the text of the modules that say what is asked."""
    root = Path(__file__).parents[2]
    engine = [
        p for p in root.glob("specs/**/*.py") if p.parent.name not in ("catalogue", "examples")
    ]
    found = sha256(version("z3-solver").encode())
    for path in sorted([*engine, *root.glob("models/[lp]*/*.py")]):
        found.update(path.read_bytes())
    return found.hexdigest()[:32]


@dataclass
class Cache:
    """The answers in one folder. `stamp` has whatever else they depend on, limits for one."""

    folder: Path
    stamp: str
    entries: dict[str, list[Entry]] = field(default_factory=dict)
    writable: bool = True

    @staticmethod
    def opened(folder: Path, stamp: str) -> Cache:
        """The cache of a folder, which is made when something is kept."""
        cache = Cache(folder, f"{engine_stamp()} {stamp}")
        try:
            data = (folder / NAME).read_bytes()
        except OSError:
            return cache
        if len(data) > LARGEST:
            cache._forget()
            return cache
        for line in data.splitlines():
            found = _read(line)
            if found is not None:
                cache.entries.setdefault(found[0], []).append(found[1])
        return cache

    def get(self, key: str, assumed: Mapping[str, str]) -> Answer | None:
        """The answer under this key whose needs are among what is `assumed` (name: hash)."""
        for entry in self.entries.get(self._key(key), []):
            if all(assumed.get(n) == h for n, h in entry.needed.items()):
                return Answer("unsat", tuple(entry.needed), rlimit=entry.rlimit, cached=True)
        return None

    def keep(self, found: Iterable[tuple[str, Answer]], assumed: Mapping[str, str]) -> None:
        """Remember those that are `unsat`."""
        lines = []
        for key, answer in found:
            if answer.said != "unsat":
                continue
            entry = Entry({n: assumed[n] for n in answer.needed}, answer.rlimit)
            self.entries.setdefault(self._key(key), []).append(entry)
            lines.append(_line(self._key(key), entry))
        if lines and self.writable:
            self._append(b"".join(lines))

    def _key(self, key: str) -> str:
        return digest(f"{self.stamp} {key}")

    def _append(self, data: bytes) -> None:
        try:
            make(self.folder)
            with (self.folder / NAME).open("ab") as file:
                file.write(data)
        except OSError:
            self.writable = False  # a cache that cannot be written is a cache that is not there

    def _forget(self) -> None:
        try:
            (self.folder / NAME).unlink()
        except OSError:
            self.writable = False


@dataclass(frozen=True)
class Entry:
    """What an `unsat` needed, each with the hash of its formula, and what it cost."""

    needed: dict[str, str]
    rlimit: int


def make(folder: Path) -> None:
    """Make the folder, which version control is to ignore."""
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")


def _line(key: str, entry: Entry) -> bytes:
    text = json.dumps([key, entry.needed, entry.rlimit], separators=(",", ":"))
    return f"{digest(text)[:8]} {text}\n".encode()


def _read(line: bytes) -> tuple[str, Entry] | None:
    try:
        check, _, text = line.decode().partition(" ")
        if digest(text)[:8] != check:
            return None
        key, needed, rlimit = json.loads(text)
        return key, Entry(dict(needed), int(rlimit))
    except (ValueError, TypeError):
        return None
