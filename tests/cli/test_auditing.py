"""`ccr audit` on many logs: stores, files and parts; each its own verdict, and one over all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.ccr_es.making import meddle
from tests.cli.calling import call, document, good

pytestmark = pytest.mark.slow


@pytest.fixture(name="stores", autouse=True)
def _stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two stores, one of them with two clusters, the second of which was edited."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CCR_STORE", raising=False)
    for store, name in (("a.db", "ONE"), ("b.db", "TWO"), ("b.db", "THREE")):
        good("cluster", "create", name, "--store", store, "--witness", "//HUB/W")


def test_every_cluster_of_every_store_has_a_verdict_of_its_own() -> None:
    found = document("audit", "a.db", "b.db")
    assert [(r["cluster"], r["verdict"]) for r in found["reports"]] == [
        ("ONE", "holds"),
        ("THREE", "holds"),
        ("TWO", "holds"),
    ]
    assert found["verdict"] == "holds"
    only = document("audit", "b.db", "--cluster", "TWO")
    assert only["cluster"] == "TWO"


def test_one_bad_log_makes_the_whole_bad_and_leaves_the_others_as_they_are() -> None:
    where = "originator_id = 'TWO/node.A' AND originator_version = 1"
    meddle(Path("b.db"), f"UPDATE stored_events SET state = ? WHERE {where}", b"{}")
    found = document("audit", "a.db", "b.db", exit_code=1)
    assert {r["cluster"]: r["verdict"] for r in found["reports"]} == {
        "ONE": "holds",
        "THREE": "holds",
        "TWO": "violated",
    }
    going = document("audit", "b.db", "--keep-going", "--cluster", "TWO", exit_code=1)
    assert going["events"] > found["reports"][2]["events"]
    assert going["unjudged"]


def test_violated_outranks_unknown_and_unknown_outranks_holds() -> None:
    for words in (("x.ndjson",), ("p.ndjson", "--node", "A")):
        good("log", "export", *words, "--store", "a.db")
    assert document("audit", "a.db", "p.ndjson", exit_code=3)["verdict"] == "unknown"
    lines = Path("x.ndjson").read_bytes().splitlines(keepends=True)
    Path("x.ndjson").write_bytes(b"".join(lines[:-1]))
    assert document("audit", "a.db", "p.ndjson", "x.ndjson", exit_code=1)["verdict"] == "violated"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("audit", "."), 4, "CCR151: .: Is a directory"),
        (("audit", "nothing.db"), 4, "CCR151: nothing.db: No such file"),
        (("audit", "a.db", "--seal", "x"), 2, "--seal and --public-key go together"),
        (("audit", "a.db", "--seal", "x", "--public-key", "y"), 4, "CCR151: y: No such file"),
        (("log", "seal", "x", "--store", "a.db"), 4, "CCR220: no key to seal with"),
        (("log", "export", "x", "--node", "C", "--store", "a.db"), 2, "CCR136"),
        (("log", "export", "x", "--node", "A", "--outside"), 2, "are three parts"),
    ],
)
def test_what_cannot_be_used_is_one_line_and_a_code(
    words: tuple[str, ...], code: int, said: str
) -> None:
    result = call(*words)
    assert result.exit_code == code, result.output
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert not Path("x").exists()


def test_a_seal_is_of_one_cluster_and_of_its_whole_log() -> None:
    good("log", "key", "k.pem")
    good("log", "seal", "one.seal", "--key", "k.pem", "--store", "a.db")
    seal = json.loads(Path("one.seal").read_text())
    assert (seal["cluster"], seal["time"]) == ("ONE", 0)
    words = ("--seal", "one.seal", "--public-key", "k.pem.pub")
    assert document("audit", "a.db", "b.db", *words)["verdict"] == "holds"
    assert "CCR223" in call("audit", "b.db", *words).stderr
    assert call("audit", "--store", "a.db", "--as-of", "3", *words).exit_code == 2
    before = Path("one.seal").read_bytes()
    again = call("log", "seal", "one.seal", "--key", "k.pem", "--store", "a.db")
    assert (again.exit_code, Path("one.seal").read_bytes()) == (1, before)
