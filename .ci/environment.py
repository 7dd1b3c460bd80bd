"""Create .venv from requirements.lock and install this project into it; nothing to do if current.

Standard library only: it runs before anything is installed. Debian's python3 comes without
`ensurepip` unless python3-venv is installed; then pip is fetched as one wheel, its hash checked.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "ccr-environment.txt"
INPUTS = ("requirements.lock", "pyproject.toml", ".ci/environment.py")
OLDEST = (3, 11)
PIP = "pip-26.3-py3-none-any.whl"
PIP_URL = (
    "https://files.pythonhosted.org/packages/07/25/"
    f"ee8c38ae72d66b844ce8eb9711ba905dba21ca1a8a0c960057c41cd23337/{PIP}"
)
PIP_SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"


def fail(why: str) -> None:
    """End with one line on stderr."""
    sys.exit(f"environment: {why}")


def wanted() -> str:
    """The stamp of a current environment: this Python, this place, the hash of each input."""
    lines = [f"python {sys.version.split()[0]} {sys.executable}", f"at {ROOT}"]
    lines += [f"{name} {hashlib.sha256((ROOT / name).read_bytes()).hexdigest()}" for name in INPUTS]
    return "\n".join(lines) + "\n"


def run(*command: str | Path) -> None:
    """Run a step; its output is shown only if it fails."""
    words = [str(c) for c in command]
    result = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    if result.returncode:
        sys.stderr.write(result.stdout + result.stderr)
        fail(f"this step failed with {result.returncode}: {' '.join(words)}")


def fetch_pip(folder: Path) -> Path:
    """The pinned pip wheel, downloaded and checked."""
    target = folder / PIP
    try:
        with urllib.request.urlopen(PIP_URL, timeout=60) as answer:
            target.write_bytes(answer.read())
    except (urllib.error.URLError, TimeoutError) as error:
        fail(
            f"this Python has no ensurepip and {PIP_URL} cannot be had ({error}); "
            "run: apt-get install python3-venv"
        )
    found = hashlib.sha256(target.read_bytes()).hexdigest()
    if found != PIP_SHA256:
        fail(f"{PIP} has SHA-256 {found}, not {PIP_SHA256}; run: apt-get install python3-venv")
    return target


def create(python: Path) -> None:
    """A fresh .venv with pip."""
    shutil.rmtree(VENV, ignore_errors=True)
    if importlib.util.find_spec("venv") is None:
        fail("this Python has no venv module; run: apt-get install python3-venv")
    if importlib.util.find_spec("ensurepip") is not None:
        run(sys.executable, "-m", "venv", VENV)
        return
    run(sys.executable, "-m", "venv", "--without-pip", VENV)
    with tempfile.TemporaryDirectory() as folder:
        wheel = fetch_pip(Path(folder))
        run(python, f"{wheel}/pip", "install", "--quiet", "--no-index", wheel)


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
    create(python)
    pip = (python, "-m", "pip", "install", "--quiet")
    run(*pip, "--require-hashes", "-r", "requirements.lock")
    # compat: a plain path entry; the default import hook costs every start of `ccr` 12 ms.
    compat = ("--config-settings", "editable_mode=compat")
    run(*pip, "--no-deps", "--no-build-isolation", *compat, "--editable", ".")
    STAMP.write_text(stamp)


if __name__ == "__main__":
    main()
