"""Seals: a signed head shows what a chain cannot, that the end of a log was cut off."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ccr_es.audit.audit import HOLDS, VIOLATED, audit
from ccr_es.audit.sealing import VARIABLE, Seal, checked, make_key, private_key, sealed, to_bytes
from ccr_es.audit.sources import FileSource
from ccr_es.errors import CcrError, FileUnreadable
from ccr_es.errors_audit import KeyUnusable, SealForged, SealMalformed
from tests.ccr_es.making import exported, made
from tests.models.teaching import MODEL


@pytest.fixture(name="key", scope="module")
def _key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "auditor.pem"
    make_key(path)
    return path


def public(key: Path) -> Path:
    """The public key beside a private one."""
    return key.with_name(key.name + ".pub")


def seal_of(lines: list[bytes], key: Path) -> Seal:
    """The seal of a whole export."""
    number, _, digest = json.loads(lines[0])["ccrhead"].partition(":")
    data = json.loads(lines[-1])["data"]
    return sealed(
        private_key(key, {}),
        cluster=data["cluster"],
        number=int(number),
        digest=digest,
        model=data["model"],
        time=data["time"],
    )


@pytest.fixture(name="lines", scope="module")
def _lines(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    return exported(made(tmp_path_factory.mktemp("sealed") / "ccr.db"))


@pytest.fixture(name="file")
def _file(tmp_path: Path, lines: list[bytes], key: Path) -> Path:
    path = tmp_path / "exch.seal"
    path.write_bytes(to_bytes(seal_of(lines, key)))
    return path


def test_a_log_that_comes_by_its_sealed_head_holds(
    file: Path, key: Path, lines: list[bytes]
) -> None:
    head = checked(file, public(key)).head
    assert audit(FileSource("log", lines), MODEL, head=head).verdict == HOLDS


def test_a_tail_that_was_cut_off_is_seen_even_if_the_rest_was_made_whole_again(
    file: Path, key: Path, lines: list[bytes]
) -> None:
    """The chain of the shorter log is perfect, and its first line promises what it has."""
    last = json.loads(lines[8])
    first = json.loads(lines[0]) | {"ccrhead": f"9:{last['ccrhash']}"}
    shorter = [json.dumps(first).encode(), *lines[1:9]]
    assert audit(FileSource("log", shorter), MODEL).verdict == HOLDS
    report = audit(FileSource("log", shorter), MODEL, head=checked(file, public(key)).head)
    assert report.verdict == VIOLATED
    assert "its end is missing: it stops at event 9" in report.findings[0].text


def test_anybody_can_check_a_seal_as_its_help_says(file: Path) -> None:
    found = json.loads(file.read_text())
    signature = bytes.fromhex(found.pop("signature"))
    signed = json.dumps(found, sort_keys=True, separators=(",", ":")).encode()
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(found["public_key"])).verify(signature, signed)


@pytest.mark.parametrize(
    ("field", "value"),
    [("cluster", "other"), ("hash", "0" * 64), ("number", 3), ("time", 1), ("model", "x"),
     ("signature", "00" * 64), ("signature", "zz")],
)  # fmt: skip
def test_a_seal_that_was_changed_proves_nothing(
    file: Path, key: Path, field: str, value: object
) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | {field: value}))
    with pytest.raises(SealForged, match="signature does not fit"):
        checked(file, public(key))


def test_a_seal_made_with_another_key_is_refused(file: Path, tmp_path: Path) -> None:
    other = make_key(tmp_path / "other.pem")
    with pytest.raises(SealForged, match="was made with another key than"):
        checked(file, other)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b"\xff\xfe", b"[" * 50_000, b'{"format":"ccr-seal"}', b"0" * 99]
)
def test_a_file_that_is_no_seal_is_refused(tmp_path: Path, key: Path, data: bytes) -> None:
    path = tmp_path / "x.seal"
    path.write_bytes(data)
    with pytest.raises(SealMalformed):
        checked(path, public(key))


def test_a_seal_of_another_version_is_refused(file: Path, key: Path) -> None:
    seal = msgspec.json.decode(file.read_bytes(), type=Seal)
    file.write_bytes(to_bytes(msgspec.structs.replace(seal, version=2)))
    with pytest.raises(SealMalformed, match="version 2, this program reads ccr-seal 1"):
        checked(file, public(key))


def test_the_private_key_is_for_its_owner_only_and_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "k.pem"
    make_key(path)
    before = path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(FileUnreadable, match="File exists"):
        make_key(path)
    assert path.read_bytes() == before


def test_the_key_may_stand_in_the_environment(key: Path) -> None:
    found = private_key(None, {VARIABLE: key.read_text()})
    assert found.private_bytes_raw() == private_key(key, {}).private_bytes_raw()


@pytest.mark.parametrize("text", ["", "no key", "-----BEGIN PRIVATE KEY-----\nAA\n-----END"])
def test_what_is_no_key_is_refused(tmp_path: Path, key: Path, text: str) -> None:
    path = tmp_path / "bad.pem"
    path.write_text(text)
    for bad in (lambda: private_key(path, {}), lambda: private_key(None, {VARIABLE: text})):
        with pytest.raises(KeyUnusable):
            bad()
    with pytest.raises(KeyUnusable):
        checked(path, path)
    with pytest.raises(CcrError):
        private_key(public(key), {})
    with pytest.raises(FileUnreadable):
        checked(path, tmp_path)
