"""Create .venv from requirements.lock and install this project into it; nothing to do if current.

Standard library only: it runs before anything is installed. Debian's python3 comes without
`ensurepip`; its package is installed if that is possible, and named if it is not.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "ccr-environment.txt"
INPUTS = ("requirements.lock", "pyproject.toml", ".ci/environment.py")
OLDEST = (3, 11)
BASE = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
"""The Python outside of any environment: .venv itself may be active, and is about to go."""


def fail(why: str) -> None:
    """End with one line on stderr."""
    sys.exit(f"environment: {why}")


def wanted() -> str:
    """The stamp of a current environment: this Python, this place, the hash of each input."""
    lines = [f"python {sys.version.split()[0]} {BASE}", f"at {ROOT}"]
    lines += [f"{name} {hashlib.sha256((ROOT / name).read_bytes()).hexdigest()}" for name in INPUTS]
    return "\n".join(lines) + "\n"


def run(*command: str | Path) -> None:
    """Run a step; its output is shown only if it fails."""
    words = [str(c) for c in command]
    result = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    if result.returncode:
        sys.stderr.write(result.stdout + result.stderr)
        fail(f"this step failed with {result.returncode}: {' '.join(words)}")


def create() -> None:
    """A fresh .venv with pip. Debian packs ensurepip apart: root gets it, others are told."""
    shutil.rmtree(VENV, ignore_errors=True)
    if importlib.util.find_spec("ensurepip") is None:
        package = f"python3.{sys.version_info.minor}-venv"
        if os.geteuid() != 0 or shutil.which("apt-get") is None:
            fail(f"this Python has no ensurepip; run: sudo apt-get install {package}")
        print(f"environment: this Python has no ensurepip; installing {package}", file=sys.stderr)
        run("apt-get", "update", "-qq")
        run("apt-get", "install", "-y", "-qq", package)
    run(BASE, "-m", "venv", VENV)


def main() -> None:
    """Make .venv current."""
    if sys.version_info < OLDEST:
        fail(f"Python 3.11 or later is needed; this is {sys.version.split()[0]}")
    stamp = wanted()
    if STAMP.is_file() and STAMP.read_text() == stamp:
        return
    print("environment: creating .venv from requirements.lock", file=sys.stderr)
    os.environ["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    python = VENV / "bin" / "python"
    create()
    pip = (python, "-m", "pip", "install", "--quiet")
    run(*pip, "--require-hashes", "-r", "requirements.lock")
    # compat: a plain path entry; the default import hook costs every start of `ccr` 12 ms.
    compat = ("--config-settings", "editable_mode=compat")
    run(*pip, "--no-deps", "--no-build-isolation", *compat, "--editable", ".")
    STAMP.write_text(stamp)


if __name__ == "__main__":
    main()
