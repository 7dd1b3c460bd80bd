"""A published schema that tests hold our files against; it is not ours to ship.

That of SARIF 2.1.0 comes with a package of npm's, in the version and with the hash named here. A
test that cannot have it is NOT RUN.
"""

from __future__ import annotations

import json
import subprocess
import tarfile
import tempfile
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.needs import program

PACKAGE = "@microsoft/jest-sarif@1.0.0-beta.0"
MEMBER = "package/lib/schemas/sarif-2.1.0-rtm.5.json"
HASH = "2d99159ae54a3eea97f81781cff48780548657c35949f4b7f25e99a2ba4de4f8"


@cache
def _fetched() -> bytes | None:
    with tempfile.TemporaryDirectory() as folder:
        words = [program("npm", "npm"), "pack", "--silent", PACKAGE]
        done = subprocess.run(words, cwd=folder, capture_output=True, timeout=120, check=False)
        archives = sorted(Path(folder).glob("*.tgz"))
        if done.returncode or not archives:
            return None
        with tarfile.open(archives[0]) as archive:
            member = archive.extractfile(MEMBER)
            return member.read() if member is not None else None


def sarif_schema() -> dict[str, Any]:
    """The JSON schema of SARIF 2.1.0."""
    data = _fetched()
    if data is None:
        pytest.skip(f"NOT RUN: needs the npm registry; run: npm pack {PACKAGE}")
    assert sha256(data).hexdigest() == HASH
    schema: dict[str, Any] = json.loads(data)
    return schema
