"""What a test needs from the machine. Without it a test is NOT RUN and says what to type."""

from __future__ import annotations

import shutil

import pytest


def program(name: str, package: str) -> str:
    """The path of a program from a Debian package; without it the test is NOT RUN."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"NOT RUN: needs {name}; run: apt-get install {package}")
    return found
