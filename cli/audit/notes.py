"""Where it is kept how far an audit came: `.ccr/audit` beside the log, bound to this user's key.
Imports no engine.
"""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

from ccr_es.audit.resuming import key_in
from specs.proof.cache import make


def place_of(beside: Path, name: str) -> Path:
    """Where is kept how far the audit of `name` came, beside a file of it."""
    found = sha256(name.encode()).hexdigest()[:16]
    return beside.parent / ".ccr" / "audit" / f"{found}.json"


def kept(place: Path) -> bytes | None:
    """What is kept there."""
    try:
        return place.read_bytes()
    except OSError:
        return None


def put(place: Path, data: bytes) -> None:
    """Keep it. Raises `OSError`."""
    make(place.parents[1])
    place.parent.mkdir(exist_ok=True)
    place.with_suffix(".new").write_bytes(data)
    place.with_suffix(".new").replace(place)


def own_key() -> bytes:
    """This user's key. Raises `OSError`."""
    home = os.environ.get("XDG_STATE_HOME")
    return key_in((Path(home) if home else Path.home() / ".local" / "state") / "ccr")
