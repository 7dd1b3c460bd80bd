"""The quorum table: set up the faults, wait, read who serves. One combination for each row through
the command line; all of them, and faults that come one after another, by the driver alone.

Inputs: each node up, the link between them, each node's path to the share, the witness host, and
who controlled before. The 192 combinations fold into fourteen rows; what each row says is written
here as the table has it, and at every event on the way at most one node may serve.
"""

from __future__ import annotations

import itertools
import json
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ccr_es.cluster.cluster import Cluster
from ccr_es.state.fold import Fold
from ccr_es.store.store import Store
from cli.main import root
from cli.session.views import Lens
from models.ccr.model import CCR
from models.language.model import Instance
from models.plain.driver import Driver
from models.plain.layout import State, Value
from models.plain.reader import Reader, Step

BEFORE = ("A", "B", "none")
ONE_OF_BOTH = ("A", "B")


@dataclass(frozen=True)
class Faults:
    """True is whole: nodes A and B, the link, the two paths to the share, the witness host."""

    a: bool = True
    b: bool = True
    link: bool = True
    path_a: bool = True
    path_b: bool = True
    host: bool = True

    @property
    def linked(self) -> bool:
        """Both nodes are up and hear each other."""
        return self.a and self.b and self.link

    @property
    def reach(self) -> tuple[bool, bool]:
        """Which node reaches the share."""
        return self.a and self.path_a and self.host, self.b and self.path_b and self.host

    def __str__(self) -> str:
        words = ("a", "b", "link", "path_a", "path_b", "host")
        return "-".join(w for w in words if not getattr(self, w)) or "whole"


ALL = [Faults(*whole) for whole in itertools.product((True, False), repeat=6)]

TABLE: dict[tuple[bool, bool, bool, bool, bool], tuple[tuple[str, ...], ...]] = {
    # n1     n2     l      s1     s2        H=A    H=B    H=none
    (True, True, True, True, True): (("A",), ("B",), ONE_OF_BOTH),
    (True, True, True, True, False): (("A",), ("B",), ONE_OF_BOTH),
    (True, True, True, False, True): (("A",), ("B",), ONE_OF_BOTH),
    (True, True, True, False, False): (("A",), ("B",), ONE_OF_BOTH),
    (True, True, False, True, True): (("A",), ("B",), ONE_OF_BOTH),
    (True, True, False, True, False): (("A",), ("A",), ("A",)),
    (True, True, False, False, True): (("B",), ("B",), ("B",)),
    (True, True, False, False, False): ((), (), ()),
    (True, False, False, True, False): (("A",), ("A",), ("A",)),
    (True, False, False, False, False): ((), (), ()),
    (False, True, False, False, True): (("B",), ("B",), ("B",)),
    (False, True, False, False, False): ((), (), ()),
    (False, False, False, False, False): ((), (), ()),
}
"""Rows 1 to 13; row 14 (the witness host is down alone) folds into row 4."""


def expected(faults: Faults, before: str) -> tuple[str, ...]:
    """Who may serve in the end: one of these; nobody, if there is none."""
    row = (faults.a, faults.b, faults.linked, *faults.reach)
    return TABLE[row][BEFORE.index(before)]


def ccr(*words: str) -> Result:
    """One call of the command line, which must succeed."""
    result = CliRunner().invoke(root, list(words), prog_name="ccr")
    assert result.exit_code == 0, (words, result.output)
    return result


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A cluster controlled by A, one by B after a move, and one that never ran."""
    folder = tmp_path_factory.mktemp("quorum")
    found = {before: folder / f"{before}.db" for before in BEFORE}
    for before, path in found.items():
        start = ("--no-start",) if before == "none" else ()
        ccr("--store", str(path), "cluster", "create", "MAIL", *start)
    move = ("move", "--to", "B", "--comment", "to begin with", "--yes")
    ccr("--store", str(found["B"]), *move)
    return found


def commands(faults: Faults, before: str) -> list[tuple[str, ...]]:
    """The faults as commands. Where the cluster never ran, what is up is powered on last."""
    ups = {"A": faults.a, "B": faults.b}
    found: list[tuple[str, ...]] = []
    if not faults.link:
        found.append(("network", "cut", "LAN"))
    found += [
        ("witness", "cut", n) for n, ok in (("A", faults.path_a), ("B", faults.path_b)) if not ok
    ]
    if not faults.host:
        found.append(("witness", "fail"))
    if before == "none":
        return [*found, *(("node", "start", n) for n, up in ups.items() if up)]
    return [*found, *(("node", "fail", n) for n, up in ups.items() if not up)]


def play(store: Path, todo: list[tuple[str, ...]], pause: str = "") -> str | None:
    """Give the commands, wait, and read who serves."""
    at = ("--store", str(store))
    for command in todo:
        ccr(*at, *command)
        if pause:
            ccr(*at, "wait", pause)
    ccr(*at, "wait", "2m")
    shown = json.loads(ccr(*at, "cluster", "show", "--json").stdout)
    serving: str | None = shown["serving"]
    return serving


def most_serving(path: Path) -> int:
    """The greatest number of nodes that served at once, after any event of the log."""
    with Store.open(path) as store:
        cluster = Cluster.open(store, None, CCR)
        lens, fold = Lens(cluster.reader), Fold(store.book)
        most = 0
        for recorded in cluster.events():
            fold.apply(recorded)
            most = max(most, len(lens.serving(fold.state)))
    return most


def judged(
    stores: dict[str, Path], tmp_path: Path, faults: Faults, before: str, **how: object
) -> None:
    """One combination: the table's answer, and never two on the way."""
    store = tmp_path / f"{before}-{faults}.db"
    shutil.copy(stores[before], store)
    todo = commands(faults, before)
    if how.get("backwards"):
        todo.reverse()
    serving = play(store, todo, str(how.get("pause", "")))
    allowed = expected(faults, before)
    assert serving in allowed if allowed else serving is None, (str(faults), before, serving)
    assert most_serving(store) <= 1
    for left in tmp_path.glob(f"{store.name}*"):
        left.unlink()


EACH_ROW = [
    Faults(),
    Faults(path_b=False),
    Faults(path_a=False),
    Faults(host=False),
    Faults(link=False),
    Faults(link=False, path_b=False),
    Faults(link=False, path_a=False),
    Faults(link=False, host=False),
    Faults(b=False),
    Faults(b=False, host=False),
    Faults(a=False),
    Faults(a=False, host=False),
    Faults(a=False, b=False),
]
"""One combination for each row."""


def test_the_table_has_a_row_for_every_combination() -> None:
    rows = {(f.a, f.b, f.linked, *f.reach) for f in ALL}
    assert rows == set(TABLE)
    assert {(f.a, f.b, f.linked, *f.reach) for f in EACH_ROW} == set(TABLE)


@pytest.mark.seed("S-045", "S-046", "S-052", "S-053", "S-054", "S-055", "S-056", "S-085")
@pytest.mark.parametrize(
    "before", ["A", *(pytest.param(h, marks=pytest.mark.slow) for h in ("B", "none"))]
)
@pytest.mark.parametrize("faults", EACH_ROW, ids=str)
def test_each_row_comes_out_as_the_table_says(
    stores: dict[str, Path], tmp_path: Path, faults: Faults, before: str
) -> None:
    judged(stores, tmp_path, faults, before)


STEPS = {
    ("network", "cut"): ("cut_network", "w"),
    ("witness", "cut"): ("cut_share", "n"),
    ("witness", "fail"): ("fail_share", ""),
    ("node", "start"): ("power_on", "n"),
    ("node", "fail"): ("fail_node", "n"),
}
"""The rule behind each command, with the argument that it names."""
READER = Reader(CCR, Instance({"Node": ("A", "B"), "Network": ("LAN",), "Group": ("SG1",)}))
LENS = Lens(READER)
LONG = 120_000


@cache
def started(before: str) -> State:
    """The state of `stores`, without a store."""
    driver = Driver(READER, READER.initial())
    if before != "none":
        for node in ("A", "B"):
            driver.fire(Step("power_on", {"n": node}))
        driver.wait(LONG)
    if before == "B":
        driver.fire(Step("request_move", {"n": "A"}))
        driver.wait(LONG)
    assert LENS.serving(driver.state) == ([] if before == "none" else [before])
    return driver.state


def driven(faults: Faults, before: str, pause: int = 0, *, backwards: bool = False) -> list[str]:
    """The same as `play`, by the driver alone: who serves in the end, and never two on the way."""
    driver = Driver(READER, started(before))
    todo = commands(faults, before)
    for command in reversed(todo) if backwards else todo:
        rule, argument = STEPS[command[0], command[1]]
        arguments: dict[str, Value] = {argument: command[-1]} if argument else {}
        both = [arguments | {"n": n} for n in ("A", "B")]
        for each in both if rule == "cut_network" else [arguments]:
            driver.fire(Step(rule, each))
        _watched(driver, faults, pause)
    _watched(driver, faults, LONG)
    return LENS.serving(driver.state)


def _watched(driver: Driver, faults: Faults, ms: int) -> None:
    for _ in driver.waiting(ms) if ms else driver.settling():
        assert len(LENS.serving(driver.state)) <= 1, str(faults)


@pytest.mark.slow
@pytest.mark.seed("S-045", "S-054", "S-056")
@pytest.mark.parametrize("before", BEFORE)
def test_all_combinations_come_out_as_the_table_says(before: str) -> None:
    for faults in ALL:
        serving, allowed = driven(faults, before), expected(faults, before)
        assert serving in [[n] for n in allowed] if allowed else not serving, str(faults)


@pytest.mark.slow
@pytest.mark.seed("S-045")
@pytest.mark.parametrize("backwards", [False, True], ids=["forwards", "backwards"])
@pytest.mark.parametrize("pause", [4_000, 11_000])
def test_faults_that_come_one_after_another_never_let_two_serve(
    pause: int, backwards: bool
) -> None:
    for faults, before in itertools.product(ALL, ("A", "B")):
        driven(faults, before, pause, backwards=backwards)
