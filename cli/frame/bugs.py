"""The report of a bug: what a maintainer needs, in one file. Sits beside `main`; imports nothing
of the engines.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import traceback
from pathlib import Path

from cli import __version__


def write_report(error: BaseException, args: list[str]) -> Path:
    """Write version, platform, the call and the traceback to a new file, and return its path."""
    lines = [
        f"ccr {__version__}",
        f"python {platform.python_version()} on {platform.platform()}",
        f"call: ccr {' '.join(args)}",
        f"folder: {os.getcwd()}",
        f"argv[0]: {sys.argv[0]}",
        "",
        *traceback.format_exception(error),
    ]
    handle, name = tempfile.mkstemp(prefix="ccr-report-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("\n".join(lines))
    return Path(name)
