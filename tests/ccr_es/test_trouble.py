"""Trouble with the machine: no room, no permission, an interrupt, two writers; nothing half saved.

Each case runs in a process of its own, as a user would meet it.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ccr_es.audit.audit import HOLDS, StoreSource, audit
from ccr_es.cluster.cluster import Cluster
from ccr_es.cluster.config import ClusterConfig
from ccr_es.store.store import Store
from tests.ccr_es.making import digest, made, opened
from tests.interrupts import interruptible
from tests.models.teaching import MODEL

ROOT = Path(__file__).parents[2]
START = """
import os, resource, signal, sys
sys.path.insert(0, {root!r})
from ccr_es.cluster.cluster import Act, Cluster, Pause
from ccr_es.cluster.config import ClusterConfig
from ccr_es.errors import CcrError
from ccr_es.store.store import Store
from tests.models.teaching import MODEL
path = {path!r}
def main():
{body}
try:
    main()
except CcrError as error:
    print(error.code, error)
"""
MUCH = "(Act(r, {'n': 'B'}) for i in range(20_000) for r in ('cut', 'heal'))"


def source(path: Path, body: str) -> list[str]:
    """A Python process that runs `body` on the store at `path`."""
    indented = "\n".join("    " + line for line in body.strip().splitlines())
    text = START.format(root=str(ROOT), path=str(path), body=indented)
    return [sys.executable, "-c", text]


def run(path: Path, body: str) -> str:
    """What the process says."""
    done = subprocess.run(source(path, body), capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.stdout.strip()


def holds(path: Path) -> int:
    """The number of events of a store that passes the audit."""
    with Store.open(path) as store:
        report = audit(StoreSource(store, "exch"), MODEL)
    assert (report.verdict, report.findings) == (HOLDS, [])
    return report.events


def test_a_full_disk_loses_the_unfinished_batch_and_nothing_else(tmp_path: Path) -> None:
    path = made(tmp_path / "ccr.db")
    said = run(
        path,
        f"""
resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))
with Store.open(path, write=True) as store:
    for outcome in Cluster.open(store, None, MODEL).run({MUCH}):
        pass
""",
    )
    assert said.startswith("CCR105")
    assert "ccr.db" in said
    assert 11 < holds(path) < 40_000
    with opened(path) as cluster:
        cluster.wait(10)
    holds(path)


def test_a_database_at_its_page_limit_says_that_it_is_full(tmp_path: Path) -> None:
    path = made(tmp_path / "ccr.db")
    with Store.open(path, write=True) as store:
        cluster = Cluster.open(store, None, MODEL)
        head = cluster.head
        store._rows("PRAGMA max_page_count=1")
        said = run_into(cluster)
        assert said.startswith("CCR105")
        assert store.head("exch") == head
    assert holds(path) == head.number


def run_into(cluster: Cluster) -> str:
    """The error that much writing ends in."""
    from ccr_es.cluster.cluster import Act
    from ccr_es.errors import CcrError

    acts = (Act(r, {"n": "B"}) for _ in range(20_000) for r in ("cut", "heal"))
    try:
        for _ in cluster.run(acts):
            pass
    except CcrError as error:
        return f"{error.code} {error}"
    return ""


def test_no_room_for_a_new_store_leaves_no_file(tmp_path: Path) -> None:
    said = run(
        tmp_path / "ccr.db",
        """
resource.setrlimit(resource.RLIMIT_FSIZE, (3_000, 3_000))
Store.create(path)
""",
    )
    assert said.startswith("CCR105")
    assert list(tmp_path.iterdir()) == []


AS_NOBODY = "os.getuid() or (os.setgid(65534), os.setuid(65534))"


@pytest.fixture(name="folder")
def _folder() -> Iterator[Path]:
    """A folder that every user can come to; pytest's own are for one user only."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def test_a_store_that_may_not_be_written_can_be_read(folder: Path) -> None:
    path = made(folder / "ccr.db")
    before = digest(path)
    path.chmod(0o444)
    folder.chmod(0o555)
    body = f"""
{AS_NOBODY}
with Store.open(path) as store:
    print(Cluster.open(store, None, MODEL).head.number)
Store.open(path, write=True)
"""
    head, refused = run(path, body).splitlines()
    assert head == "11"
    assert refused.startswith("CCR104")
    assert "may not be written" in refused
    assert digest(path) == before


def test_what_a_killed_writer_left_can_be_read_without_writing(folder: Path) -> None:
    path = made(folder / "ccr.db")
    killed = """
store = Store.open(path, write=True)
Cluster.open(store, None, MODEL).do("boot", {"n": "A"})
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run(source(path, killed), check=False)
    before = digest(path)
    assert "ccr.db-wal" in before
    for name in ("ccr.db", "ccr.db-wal", "ccr.db-shm"):
        (folder / name).chmod(0o444)
    folder.chmod(0o555)
    body = f"""
{AS_NOBODY}
with Store.open(path) as store:
    print(Cluster.open(store, None, MODEL).head.number)
"""
    assert run(path, body) == "12"
    assert digest(path) == before


def test_a_store_that_may_not_be_read_is_refused(folder: Path) -> None:
    path = made(folder / "ccr.db")
    path.chmod(0o000)
    assert run(path, f"{AS_NOBODY}\nStore.open(path)").startswith("CCR104")


def test_a_store_that_cannot_be_reached_is_refused(folder: Path) -> None:
    (folder / "deep").mkdir()
    path = made(folder / "deep" / "ccr.db")
    (folder / "deep").chmod(0o000)
    for call in ("Store.open(path)", "Store.create(path)"):
        assert run(path, f"{AS_NOBODY}\n{call}").startswith("CCR104")
    (folder / "deep").chmod(0o755)


def test_a_store_is_not_made_where_one_may_not_write(folder: Path) -> None:
    folder.chmod(0o555)
    said = run(folder / "ccr.db", f"{AS_NOBODY}\nStore.create(path)")
    assert said.startswith("CCR104")
    assert list(folder.iterdir()) == []


def test_an_interrupt_keeps_the_batches_that_were_saved(tmp_path: Path) -> None:
    path = made(tmp_path / "ccr.db")
    body = f"""
with Store.open(path, write=True) as store:
    try:
        for outcome in Cluster.open(store, None, MODEL).run({MUCH}):
            print("saved", flush=True)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""
    started = source(path, body)
    with subprocess.Popen(
        started, stdout=subprocess.PIPE, text=True, preexec_fn=interruptible
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "saved\n"
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
    assert rest.endswith("interrupted\n")
    kept = holds(path)
    assert 11 < kept < 40_000
    assert [p.name for p in tmp_path.iterdir()] == ["ccr.db"]


def test_a_killed_writer_leaves_a_whole_log(tmp_path: Path) -> None:
    path = made(tmp_path / "ccr.db")
    body = f"""
store = Store.open(path, write=True)
for outcome in Cluster.open(store, None, MODEL).run({MUCH}):
    print("saved", flush=True)
"""
    with subprocess.Popen(source(path, body), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "saved\n"
        process.kill()
    assert 11 < holds(path) < 40_000


@pytest.mark.parametrize("writers", [2, 4])
def test_writers_at_once_make_one_chain_in_which_every_step_was_allowed(
    tmp_path: Path, writers: int
) -> None:
    path = tmp_path / "ccr.db"
    with Store.create(path) as store:
        Cluster.create(store, ClusterConfig("exch"), MODEL)
    go = tmp_path / "go"
    body = f"""
import time
with Store.open(path, write=True) as store:
    cluster = Cluster.open(store, None, MODEL)
    print("ready", flush=True)
    while not os.path.exists({str(go)!r}):
        time.sleep(0.001)
    done = refused = 0
    for i in range(40):
        outcome = cluster.do("cut" if i % 2 else "heal", {{"n": "B"}}, actor=str(os.getpid()))
        done, refused = done + len(outcome.events), refused + (outcome.refusal is not None)
        done += len(cluster.wait(1))
    print(done, refused)
"""
    command = source(path, body)
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(writers)]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    go.touch()
    said = [process.communicate()[0].split() for process in running]
    assert all(len(words) == 2 for words in said), said
    assert holds(path) == 1 + sum(int(done) for done, _ in said)
    with opened(path) as cluster:
        pids = {r.event.actor for r in cluster.events() if r.event.rule in ("cut", "heal")}
    assert len(pids) == writers


def test_two_that_create_at_once_end_up_in_one_store(tmp_path: Path) -> None:
    path, go = tmp_path / "ccr.db", tmp_path / "go"
    body = f"""
import time
while not os.path.exists({str(go)!r}):
    time.sleep(0.0005)
with Store.create(path) as store:
    Cluster.create(store, ClusterConfig("c" + str(os.getpid())), MODEL)
"""
    running = [subprocess.Popen(source(path, body), stdout=subprocess.PIPE) for _ in range(3)]
    time.sleep(0.5)
    go.touch()
    assert [process.communicate()[0] for process in running] == [b""] * 3
    with Store.open(path) as store:
        assert store.clusters() == sorted(f"c{process.pid}" for process in running)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["ccr.db", "go"]
