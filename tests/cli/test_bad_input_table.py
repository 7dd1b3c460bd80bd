"""Every reader of files against every kind of bad file: one clear line, exit code 4, nothing
written. Only the audit of a log goes on where a log is recognised: there it is a finding, located.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ccr_es.making import digest
from tests.cli.calling import call, good
from tests.cli.test_page import HOSTILE, store

__all__ = ["store"]

pytestmark = pytest.mark.slow

LINE = 5
"""The line that is spoiled, counted from 0."""
Spoil = Callable[[bytes], bytes]


def _attributes(**changed: object) -> Spoil:
    return lambda line: json.dumps({**json.loads(line), **changed}).encode()


SPOILT: dict[str, Spoil] = {
    "a line cut short": lambda line: line[:80],
    "a key twice": lambda line: line.replace(b'"data":{', b'"data":{"actor":"x",', 1),
    "a huge number": lambda line: line.replace(b'"time":0', b'"time":' + b"9" * 5_000),
    "no UTF-8": lambda line: line.replace(b"MAIL", b"\xff\xfe", 1),
    "a wrong type": _attributes(data=[1]),
    "deep nesting": lambda _: b"[" * 100_000,
    "hostile HTML": _attributes(type=HOSTILE),
}
"""What is done to one line of a log."""
FILES = ["random bytes", "an empty file", "a folder", "no file", "a file that cannot be read"]
READERS = {
    "import": ("log", "import", "--store", "fresh.db"),
    "partial": ("audit", "--partial", "--complete", "all"),
    "mapping": ("audit", "--mapping", "patroni"),
    "record": ("history", "--record"),
    "seal": ("audit", "log.ndjson", "--public-key", "key.pem.pub", "--seal"),
    "public key": ("audit", "log.ndjson", "--seal", "log.seal", "--public-key"),
    "store": ("log", "list", "--store"),
    "store to copy from": ("store", "copy", "other.db", "--store"),
    "model": ("verify", "--list", "--model"),
    "explain": ("explain",),
    "language": ("audit", "log.ndjson", "--mapping"),
    "run": ("inject", "--file"),
}


@pytest.fixture(scope="module")
def folder(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store, its log, keys and a seal."""
    path = tmp_path_factory.mktemp("bad")
    shutil.copy(store, path / "ccr.db")
    where = ("--store", str(path / "ccr.db"))
    good("log", "export", str(path / "log.ndjson"), *where)
    good("log", "key", str(path / "key.pem"))
    good("log", "seal", str(path / "log.seal"), "--key", str(path / "key.pem"), *where)
    return path


@pytest.fixture
def at(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it."""
    found = tmp_path / "at"
    shutil.copytree(folder, found)
    monkeypatch.chdir(found)
    return found


def made(kind: str, at: Path) -> str:
    """The path of a bad file of a kind."""
    path = at / "bad.toml"
    lines = (at / "log.ndjson").read_bytes().splitlines()
    if kind in SPOILT:
        spoilt = SPOILT[kind](lines[LINE])
        assert spoilt != lines[LINE]
        path.write_bytes(b"\n".join([*lines[:LINE], spoilt, *lines[LINE + 1 :]]) + b"\n")
    elif kind == "random bytes":
        path.write_bytes(random.Random(4).randbytes(4_000))
    elif kind == "an empty file":
        path.write_bytes(b"")
    elif kind == "a folder":
        path.mkdir()
    elif kind == "a file that cannot be read":
        return "/proc/self/mem"  # Whoever reads it, an administrator too, gets an error.
    return str(path)


def contents(at: Path) -> dict[str, str]:
    """What is in the folder."""
    return {p.name: digest(p) if p.is_file() else "" for p in at.iterdir()}


@pytest.mark.parametrize("kind", [*SPOILT, *FILES])
@pytest.mark.parametrize("reader", READERS)
def test_a_bad_file_is_one_clear_line_and_exit_code_4(at: Path, reader: str, kind: str) -> None:
    path = made(kind, at)
    before = contents(at)
    found = call(*READERS[reader], path)
    said = found.stderr.strip().splitlines()
    assert found.exit_code == (2 if reader == "explain" and kind in ("a folder", "no file") else 4)
    assert len(said) == 1, said
    assert said[0].startswith("ccr: CCR")
    assert len(said[0]) < 500
    assert found.stdout == ""
    assert contents(at) == before


@pytest.mark.parametrize("kind", SPOILT)
def test_in_a_log_that_is_judged_it_is_a_finding_at_its_line(at: Path, kind: str) -> None:
    path = made(kind, at)
    before = contents(at)
    found = call("audit", path, "--json")
    assert found.exit_code == 1
    (report,) = [json.loads(found.stdout)]
    assert report["verdict"] == "violated"
    finding = report["findings"][0]
    assert f"line {LINE + 1}" in (finding["where"] or finding["text"])
    assert contents(at) == before
    assert call("audit", path, "--html", "page.html").exit_code == 1
    assert HOSTILE not in Path("page.html").read_text()


@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_is_no_log_is_not_called_a_log_that_was_tampered_with(
    at: Path, kind: str
) -> None:
    path = made(kind, at)
    for words in (("audit",), ("audit", "--keep-going")):
        found = call(*words, path, "--html", "page.html")
        assert (found.exit_code, found.stdout) == (4, "")
        assert found.stderr.count("\n") == 1
    assert not Path("page.html").exists()
