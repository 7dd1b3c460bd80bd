"""ccr foresee through the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.calling import begin, call, document, good

WEAK = """\
from models.language.variant import Variant
from specs.catalogue import CCR

mine = Variant(CCR, "no controller needed")
mine.drop("bring_online", "node is the controller")
mine.drop("bring_online", "node is joined, or alone for its head start")
MODEL = mine.model
"""


@pytest.fixture(autouse=True)
def _cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    begin("cluster create MAIL --nodes A,B --storage-groups SG1")


def test_nothing_within_n_events_is_a_bound() -> None:
    said = good("foresee", "P01", "--depth", "1")
    assert "P01  nothing within 1 events" in said
    assert "holds" not in said


def test_a_history_with_members_that_joined_is_gone_on_from() -> None:
    good("hub", "add", "HUB1")
    assert "P01  nothing within 1 events" in good("foresee", "P01", "--depth", "1")


def test_what_can_come_about_is_shown_and_its_run_becomes_a_cluster() -> None:
    Path("weak.py").write_text(WEAK)
    model = ("--model", "weak.py")
    result = call("foresee", "P08", "--depth", "2", *model, "--counterexample", "x.ndjson")
    assert result.exit_code == 1, result.output
    assert "P08  violated within 1 event: host_follows_control" in result.stdout
    assert "CmsOnlinePending       ccr inject bring_online n=B" in result.stdout
    good("log", "import", "x.ndjson", *model)
    recorded = document("log", "list", "--cluster", "MAIL")["events"]
    longer = document("log", "list", "--cluster", "x")["events"]
    assert len(longer) == len(recorded) + 1
    assert call("audit", "--cluster", "x", *model).exit_code == 1
    assert call("audit", "--cluster", "MAIL").exit_code == 0


@pytest.mark.slow
def test_from_an_earlier_state_it_may_take_longer() -> None:
    found = document("foresee", "S11", "--depth", "1", "--as-of", "3")
    assert (found["from"], found["foreseen"][0]["found"]) == (3, False)


@pytest.mark.slow
def test_a_history_of_other_rules_is_not_gone_on_from() -> None:
    Path("strict.py").write_text(
        "from models.language.variant import Variant\nfrom specs.catalogue import CCR\n"
        "mine = Variant(CCR, 'strict')\n"
        "mine.guard('bring_online', 'never', lambda s, n: s.node[n].stored > 99)\n"
        "MODEL = mine.model\n"
    )
    result = call("foresee", "P01", "--depth", "1", "--model", "strict.py")
    assert (result.exit_code, "CCR214" in result.stderr) == (4, True)


def test_what_cannot_be_asked_is_usage() -> None:
    assert call("foresee", "P999").exit_code == 2
    assert call("foresee", "--depth", "0").exit_code == 2
    assert call("foresee", "--counterexample", "x.pdf").exit_code == 2
    assert call("foresee", "P01", "--as-of", "NoSuchEvent").exit_code in (2, 4)
