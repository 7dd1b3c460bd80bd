"""Pages written to files, where a file that is not ours is left as it was."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence
from hashlib import file_digest
from pathlib import Path

from ccr_es.errors import FileUnreadable
from cli.frame.base import settings
from cli.frame.errors import PageInTheWay
from cli.page.frame import MARK
from cli.verify.asfiles import HTML

_FROM_ENVIRONMENT = {"CCR_STORE": "--store", "CCR_CLUSTER": "--cluster"}
_PASSWORD = re.compile(r"(\w+://[^\s:/@]*):[^\s@]*@")


def wanted() -> tuple[Path, ...]:
    """The files that `--html` names; none may be one that would be lost.

    Raises `PageInTheWay` or `FileUnreadable`.
    """
    found = settings().files.get(HTML, ())
    for path in found:
        _free(path)
    return found


def _free(path: Path) -> None:
    try:
        with path.open("rb") as file:
            ours = file.read(len(MARK)) == MARK.encode()
    except FileNotFoundError:
        return
    except OSError as error:
        raise FileUnreadable(f"{path}: {error.strerror}", "Name a file to write to") from None
    if not ours:
        raise PageInTheWay(f"{path} is there, and it is no page of ours", "Name another file")


def put(paths: Sequence[Path], text: str) -> None:
    """Write the page. Raises `FileUnreadable`."""
    for path in paths:
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise FileUnreadable(f"{path}: {error.strerror}", "Name a file to write to") from None


def command() -> str:
    """What was typed, to be typed again, with what the environment said besides; without the
    password of a server.
    """
    words = settings().words
    said = [
        f"{name}={shlex.quote(value)} "
        for name, option in _FROM_ENVIRONMENT.items()
        if (value := os.environ.get(name)) and option not in {w.split("=")[0] for w in words}
    ]
    return _PASSWORD.sub(r"\1:...@", "".join(said) + shlex.join(("ccr", *words)))


def digests(paths: Sequence[Path]) -> list[tuple[str, str]]:
    """SHA-256 of each file, as names and values."""
    found = []
    for path in paths:
        with path.open("rb") as file:
            found.append((f"SHA-256 of {path.name}", file_digest(file, "sha256").hexdigest()))
    return found
