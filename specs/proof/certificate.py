"""Certificates: a proof as files that another solver can check.

A folder has one SMT-LIB script per rule (and one for the initial state, and one for steps that
change nothing), in which every answer must be `unsat`; whole scripts for what k-induction and
Spacer proved; and `manifest.json`, which says what was proved of which model, under which
parameters, by what, with a hash of each script, what each obligation assumed, and, where the frame
is the proof, which keys the rule writes and the property reads.

A script needs nothing else: `cvc5 --incremental FILE` or `z3 FILE`. Before each answer it prints
which property it is about. Imports the standard library only.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from .cache import make
from .task import Task, assume

FORMAT, VERSION = "ccr-certificate", 1
MANIFEST = "manifest.json"
EXPECTED = "unsat"
MOST = 6
"""Certificates beside one another; the oldest goes."""


@dataclass(frozen=True)
class Claim:
    """One obligation in a script: its property, and the names of what is assumed."""

    number: str
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Script:
    """One file: everything about one rule."""

    rule: str
    method: str
    text: str
    claims: tuple[Claim, ...]

    @property
    def slug(self) -> str:
        """The rule as part of a file's name."""
        return re.sub(r"\W+", "-", self.rule).strip("-").lower() or "whole"


@dataclass(frozen=True)
class Certificate:
    """A proof in files. `about` is what the manifest says besides the scripts."""

    about: Mapping[str, Any]
    scripts: tuple[Script, ...] = ()
    reads: Mapping[str, list[str]] = field(default_factory=dict)
    """The keys that a property with frames reads."""
    writes: Mapping[str, list[str]] = field(default_factory=dict)
    """The keys that a rule changes."""


class Damaged(Exception):
    """A certificate that is not there, or whose manifest cannot be read."""


def script_of(task: Task, preamble: str, claims: Sequence[Claim]) -> Script:
    """A task as a script of its own. `preamble` has all that the claims assume."""
    goals = {g.number: g.literal for g in task.goals}
    lines = [
        f"; {task.label}: each answer must be {EXPECTED}",
        "(set-logic ALL)",
        preamble,
        task.only(c.number for c in claims).text,
    ]
    for claim in claims:
        literals = " ".join([goals[claim.number], *(assume(n) for n in claim.assumed)])
        lines += [f'(echo "{claim.number}")', f"(check-sat-assuming ({literals}))"]
    return Script(task.label, task.method, "\n".join(lines) + "\n", tuple(claims))


def write(folder: Path, found: Certificate) -> None:
    """Write a certificate to a folder of its own, the manifest last. Raises `OSError`."""
    make(folder.parents[1])
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    files = []
    for number, script in enumerate(found.scripts):
        name = f"{number:03d}-{script.slug}.smt2"
        (folder / name).write_text(script.text, encoding="utf-8")
        files.append(
            {
                "file": name,
                "sha256": _hash(script.text),
                "rule": script.rule,
                "method": script.method,
                "obligations": [
                    {"property": c.number, "expected": EXPECTED, "assumes": list(c.assumed)}
                    for c in script.claims
                ],
            }
        )
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        **found.about,
        "scripts": files,
        "frames": {"reads": dict(found.reads), "writes": dict(found.writes)},
    }
    text = json.dumps(manifest, indent=1, ensure_ascii=False)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")
    _prune(folder.parent)


def _prune(folder: Path) -> None:
    found = sorted(folder.iterdir(), key=lambda p: p.stat().st_mtime)
    for old in found[: max(0, len(found) - MOST)]:
        shutil.rmtree(old, ignore_errors=True)


@dataclass(frozen=True)
class Listed:
    """A script as the manifest lists it; `text` is None if the file is not what was written."""

    path: Path
    rule: str
    method: str
    claims: tuple[Claim, ...]
    text: str | None


def read(folder: Path) -> tuple[Mapping[str, Any], list[Listed]]:
    """A certificate: its manifest, and every script with its hash compared. Raises `Damaged`."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if (manifest["format"], manifest["version"]) != (FORMAT, VERSION):
            raise Damaged(f"{folder / MANIFEST} is not a {FORMAT} of version {VERSION}")
        return manifest, [_listed(folder, entry) for entry in manifest["scripts"]]
    except OSError as error:
        raise Damaged(f"{folder / MANIFEST}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise Damaged(f"{folder / MANIFEST} cannot be read: {error}") from None


def _listed(folder: Path, entry: Mapping[str, Any]) -> Listed:
    path = folder / Path(entry["file"]).name
    try:
        text: str | None = path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        text = None
    if text is not None and _hash(text) != entry["sha256"]:
        text = None
    claims = tuple(Claim(o["property"], tuple(o["assumes"])) for o in entry["obligations"])
    return Listed(path, entry["rule"], entry["method"], claims, text)


def whole(rule: str, method: str, number: str, texts: Iterable[str]) -> list[Script]:
    """Scripts with one question each, as z3 writes them out."""
    return [
        Script(rule, method, f'(set-logic ALL)\n(echo "{number}")\n{plain(t)}', (Claim(number),))
        for t in texts
    ]


def plain(text: str) -> str:
    """z3's text without what others read differently: testers of quoted names, its status."""
    text = re.sub(r"\(\(_ is (\|[^|]*\|)\s*\)", r"(= \1", text)
    return re.sub(r"^\(set-info :status \w*\)$", "", text, flags=re.MULTILINE)


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()
