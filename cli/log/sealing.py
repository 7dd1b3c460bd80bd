"""What `ccr log key` and `ccr log seal` do. Sits above `session`."""

from __future__ import annotations

import os
from pathlib import Path

from ccr_es.audit.sealing import make_key, private_key, public_of, sealed, to_bytes
from cli.frame.errors import FileExists
from cli.frame.output import answer, clock, document
from cli.log.exporting import write_lines
from cli.session.session import reading


def key_pair(path: Path) -> None:
    """`ccr log key`. Raises `FileExists` or `FileUnreadable`."""
    for there in (path, public_of(path)):
        if there.exists():
            raise FileExists(f"{there} exists", "Name another file: a key is never replaced")
    public = make_key(path)
    answer(f"{path} signs seals: keep it to yourself")
    answer(f"{public} checks them: give it to whoever audits")


def seal_log(
    path: Path, key_path: Path | None, force: bool, as_of: str | None, as_json: bool
) -> None:
    """`ccr log seal`. Raises `KeyUnusable`, `FileExists` or `FileUnreadable`."""
    key = private_key(key_path, os.environ)
    with reading(as_of) as session:
        fold = session.fold
        seal = sealed(
            key,
            cluster=session.cluster.name,
            number=fold.number,
            digest=fold.hash,
            model=fold.written,
            time=fold.time,
        )
    write_lines(path, [to_bytes(seal)], force)
    if as_json:
        body = {
            n: getattr(seal, n) for n in seal.__struct_fields__ if n not in ("format", "version")
        }
        document("seal", {"file": str(path), **body})
    else:
        answer(f"{path} seals cluster {seal.cluster} at event {seal.number}, {clock(seal.time)}")
        answer(f"  head {seal.hash}")
