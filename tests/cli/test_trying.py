"""`--dry-run`: every command that acts can be tried; it tells the same and writes nothing."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from tests.cli.calling import call, good
from tests.cli.test_help import LEAVES, named

OTHERS = {
    *("cluster create", "store copy", "store checkpoint", "backup logging", "verify", "simulate"),
    *("explain", "demo", "log export", "log key", "log import"),
}
"""Commands that neither read a point in time nor act on a cluster that is there."""
ACTS = [
    "node fail A --reason 'power supply'",
    "wait 2m",
    "workload --logs 3",
    "network cut LAN",
    "copy suspend SG1 --comment disks",
    "cms stop --reason maintenance",
    "hub add HUB1",
    "server install MBX1",
    "site set A=HQ B=DR witness=HQ",
]


def test_whatever_acts_on_a_cluster_can_be_tried() -> None:
    options = {named(p): {o for q in c.params for o in q.opts} for p, c in LEAVES.items()}
    untried = {name for name, has in options.items() if not has & {"--dry-run", "--as-of"}}
    assert untried == OTHERS


@pytest.mark.parametrize("line", ACTS)
def test_a_dry_run_tells_what_would_happen_and_leaves_every_byte(line: str, tmp_path: Path) -> None:
    store, words = tmp_path / "x.db", shlex.split(line)
    at = ("--store", str(store))
    good(*at, "cluster", "create", "MAIL")
    before = {p: p.read_bytes() for p in tmp_path.iterdir()}
    tried = call(*at, *words, "--dry-run")
    assert {p: p.read_bytes() for p in tmp_path.iterdir()} == before
    done = call(*at, *words)
    assert (tried.exit_code, tried.stdout) == (done.exit_code, done.stdout)
    assert tried.stderr == f"{done.stderr}a dry run: nothing was written\n"
    assert store.read_bytes() != before[store]


def test_what_is_refused_is_refused_when_it_is_tried(tmp_path: Path) -> None:
    at = ("--store", str(tmp_path / "x.db"))
    good(*at, "cluster", "create", "MAIL")
    tried, done = (call(*at, "node", "start", "A", *dry) for dry in (("--dry-run",), ()))
    assert (tried.exit_code, tried.stderr) == (done.exit_code, done.stderr)
    assert tried.exit_code == 1
