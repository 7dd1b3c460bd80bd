"""A real PostgreSQL server for tests: made in a folder of its own, reached over a Unix socket.

Started once for a process that asks for it, and stopped when that ends. The server refuses to run
as root, so root starts it as the user that Debian's package made.
"""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import subprocess
import tempfile
from functools import cache
from glob import glob
from pathlib import Path

from tests.needs import program


def _binary(name: str) -> str:
    found = sorted(glob(f"/usr/lib/postgresql/*/bin/{name}"))
    return found[-1] if found else program(name, "postgresql")


@cache
def postgres() -> str:
    """The URL of a database on a running server, `postgresql://ccr@/postgres?host=...`."""
    initdb, control = _binary("initdb"), _binary("pg_ctl")
    user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="ccr-pg-"))
    atexit.register(shutil.rmtree, folder, True)
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)

    def run(*words: str) -> None:
        done = subprocess.run(
            words,
            user=None if user is None else user.pw_uid,
            group=None if user is None else user.pw_gid,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    data = str(folder / "data")
    run(initdb, "-D", data, "-U", "ccr", "-A", "trust", "--no-sync", "-E", "UTF8")
    quick = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    run(control, "-D", data, "-l", str(folder / "log"), "-o", quick, "-w", "start")
    atexit.register(run, control, "-D", data, "-m", "immediate", "-w", "stop")
    return f"postgresql://ccr@/postgres?host={folder}"
