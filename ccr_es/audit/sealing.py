"""Seals: a signed statement of where a log ended, kept elsewhere.

A chain shows every change but one: a log whose end was cut off is a good, shorter log. A seal is
one JSON object that names the head (number and hash) with the cluster, its simulated time and the
fingerprint of the model, signed with Ed25519 over these fields as canonical JSON (keys in
alphabetical order, no white space, UTF-8; `public_key` included, `signature` not). Whoever holds
the public key can tell later that the log still comes by that head. Sits above `recorder`; must not
import the store.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ..errors import FileUnreadable
from ..errors_audit import KeyUnusable, SealForged, SealMalformed

FORMAT = "ccr-seal"
VERSION = 1
VARIABLE = "CCR_SEAL_KEY"
"""The environment variable that holds the private key itself, as PEM text."""
_LARGEST = 100_000
"""Bytes of a key or seal file: more is something else."""


class Seal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A signed head. `time` is simulated ms; `hash` and `signature` are hex, as is `public_key`.

    Fields are in alphabetical order: that is their order in the bytes that are signed.
    """

    cluster: str
    format: str
    hash: str
    model: str
    number: int
    public_key: str
    signature: str = ""
    time: int
    version: int

    @property
    def signed(self) -> bytes:
        """The bytes that the signature is over."""
        fields = msgspec.structs.asdict(self)
        del fields["signature"]
        return msgspec.json.encode(fields, order="sorted")

    @property
    def head(self) -> str:
        """`number:hash`, as the audit takes it."""
        return f"{self.number}:{self.hash}"


def public_of(path: Path) -> Path:
    """Where the public key of a private key's file is put."""
    return path.with_name(path.name + ".pub")


def make_key(path: Path) -> Path:
    """Write a new private key (PEM, for its owner's eyes only) and, beside it, its public key.

    Gives the public key's path. Raises `FileUnreadable`; a file that is there is never replaced.
    """
    public = public_of(path)
    key = Ed25519PrivateKey.generate()
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    shown = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    try:
        for place, data, mode in ((path, secret, 0o600), (public, shown, 0o644)):
            with os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as f:
                f.write(data)
    except OSError as error:
        raise FileUnreadable(
            f"{path}: {error.strerror}", "Name a file that may be written"
        ) from None
    return public


def private_key(path: Path | None, environment: Mapping[str, str]) -> Ed25519PrivateKey:
    """The key to sign with: of a file or, without one, of the environment. Raises `KeyUnusable`."""
    where = str(path) if path is not None else VARIABLE
    if path is None and not environment.get(VARIABLE):
        raise KeyUnusable(
            "no key to seal with", f"Name a file with --key, or set {VARIABLE} to the key's text"
        )
    data = read(path) if path is not None else environment[VARIABLE].encode()
    try:
        found = serialization.load_pem_private_key(data, None)
    except (ValueError, TypeError) as error:
        raise KeyUnusable(_said(where, "private", error), "Make one with `ccr log key`") from None
    if not isinstance(found, Ed25519PrivateKey):
        raise KeyUnusable(f"{where} is a key of another kind", "Make one with `ccr log key`")
    return found


def public_key(path: Path) -> Ed25519PublicKey:
    """The key to check with. Raises `KeyUnusable` or `FileUnreadable`."""
    try:
        found = serialization.load_pem_public_key(read(path))
    except (ValueError, TypeError) as error:
        raise KeyUnusable(
            _said(str(path), "public", error), "It is the .pub file that `ccr log key` wrote"
        ) from None
    if not isinstance(found, Ed25519PublicKey):
        raise KeyUnusable(f"{path} is a key of another kind", "A seal is checked with Ed25519")
    return found


def _said(where: str, kind: str, error: Exception) -> str:
    first = str(error).partition(".")[0].partition("\n")[0]
    return f"{where} holds no {kind} key that can be used ({first[:80]})"


def read(path: Path) -> bytes:
    """The bytes of a small file. Raises `FileUnreadable`."""
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST)
    except OSError as error:
        raise FileUnreadable(f"{path}: {error.strerror}", "Name a file that can be read") from None


def sealed(
    key: Ed25519PrivateKey, *, cluster: str, number: int, digest: str, model: str, time: int
) -> Seal:
    """The seal of a head."""
    seal = Seal(
        cluster=cluster,
        format=FORMAT,
        hash=digest,
        model=model,
        number=number,
        public_key=key.public_key().public_bytes_raw().hex(),
        time=time,
        version=VERSION,
    )
    return msgspec.structs.replace(seal, signature=key.sign(seal.signed).hex())


def to_bytes(seal: Seal) -> bytes:
    """A seal as the file holds it."""
    return msgspec.json.format(msgspec.json.encode(seal), indent=2) + b"\n"


def checked(path: Path, public: Path) -> Seal:
    """The seal of a file, if the holder of this key made it.

    Raises `SealMalformed`, `SealForged`, `KeyUnusable` or `FileUnreadable`.
    """
    key = public_key(public)
    try:
        seal = msgspec.json.decode(read(path), type=Seal)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SealMalformed(f"{path} is not a seal: {error}", "`ccr log seal` writes one") from None
    if (seal.format, seal.version) != (FORMAT, VERSION):
        raise SealMalformed(
            f"{path} is {seal.format} version {seal.version}, this program reads {FORMAT} {VERSION}"
        )
    if seal.public_key != key.public_bytes_raw().hex():
        raise SealForged(
            f"{path} was made with another key than {public}", "Name that key with --public-key"
        )
    try:
        key.verify(bytes.fromhex(seal.signature), seal.signed)
    except (ValueError, InvalidSignature):
        raise SealForged(
            f"{path}: the signature does not fit: the seal was changed after it was made",
            "It proves nothing; find another copy",
        ) from None
    return seal
