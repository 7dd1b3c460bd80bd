"""Chromium without a window, to open a page as its reader does, or print it. It fetches nothing."""

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


@dataclass(frozen=True)
class Printed:
    """What came out on paper: the text of each sheet, and its dots, from 0 (black) to white."""

    sheets: tuple[str, ...]
    shades: tuple[bytes, ...]


def printed(page: Path) -> Printed:
    """The page as somebody prints it who reads it in the dark."""
    home, file = page.parent / "browser", page.with_suffix(".pdf")
    done = subprocess.run(
        [
            program("chromium", "chromium"), *QUIET, "--force-dark-mode",
            f"--user-data-dir={home}", "--no-pdf-header-footer", f"--print-to-pdf={file}",
            page.resolve().as_uri(),
        ],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    read, drawn = (program(name, "poppler-utils") for name in ("pdftotext", "pdftoppm"))
    told = subprocess.run([read, "-layout", file, "-"], capture_output=True, text=True, check=True)
    inked = subprocess.run([drawn, "-gray", "-r", "30", file], capture_output=True, check=True)
    # Each is "P5", its width and height, "255", and a byte a dot.
    images = re.split(rb"P5\s\d+\s\d+\s255\s", inked.stdout)[1:]
    return Printed(tuple(told.stdout.split("\f")[:-1]), tuple(images))


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
