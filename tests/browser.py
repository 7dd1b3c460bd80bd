"""Chromium without a window, to open a page as its reader does. It fetches nothing."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.needs import program

QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-default-apps", "--disable-extensions", "--disable-dev-shm-usage"),
    *("--enable-logging=stderr", "--virtual-time-budget=3000"),
)


@dataclass(frozen=True)
class Opened:
    """What a page became: the document after its scripts ran, and what the console said."""

    dom: str
    console: tuple[str, ...]


def opened(page: Path, fragment: str = "") -> Opened:
    """The page, opened once."""
    home = page.parent / "browser"
    done = subprocess.run(
        [
            program("chromium", "chromium"), *QUIET, f"--user-data-dir={home}",
            "--dump-dom", page.resolve().as_uri() + fragment,
        ],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    said = tuple(line for line in done.stderr.splitlines() if re.search(r":CONSOLE[:(]", line))
    assert done.returncode == 0, done.stderr
    return Opened(done.stdout, said)
