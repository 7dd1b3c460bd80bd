"""Records of other systems at the command line: mappings listed and explained, clocks assumed."""

from __future__ import annotations

import sys
from importlib import import_module

import pytest

from ccr_es.observations import INCIDENT_2020, mapping_language, shipped_mappings
from tests.cli.calling import call, document, good
from tests.observations.samples import FAILOVER, RECORDS, UNREACHABLE


def test_the_shipped_mappings_are_listed_with_what_they_read() -> None:
    shown = good("audit", "--mappings")
    listed = document("audit", "--mappings")["mappings"]
    assert [m["name"] for m in listed] == [m.name for m in shipped_mappings()]
    assert all(m["name"] in shown and m["about"] in shown for m in listed)


def test_the_language_and_each_mapping_can_be_explained() -> None:
    assert good("explain", "mapping").strip() == mapping_language().strip()
    for mapping in shipped_mappings():
        assert good("explain", mapping.name).strip().endswith(mapping.text.strip())
        assert document("explain", mapping.name)["toml"] == mapping.text


@pytest.mark.parametrize("path", RECORDS, ids=lambda p: p.stem)
def test_every_record_is_audited_in_words_and_in_json(path) -> None:
    result = call("audit", str(path))
    assert result.exit_code == (1 if path == UNREACHABLE else 3)
    found = document("audit", str(path), exit_code=result.exit_code)
    assert found["record"]["mapping_because"] == "its shape fits no other"
    assert f"Mapping   {found['record']['mapping']}: its shape fits no other" in result.stdout
    assert good("explain", str(path)).startswith(f"{path}: ")


def test_several_records_have_one_verdict() -> None:
    assert call("audit", str(FAILOVER), str(INCIDENT_2020)).exit_code == 3
    assert call("audit", str(FAILOVER), str(UNREACHABLE)).exit_code == 1


def test_the_prover_is_asked_only_where_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "specs.sweep.differences", None)
    monkeypatch.delitem(sys.modules, "cli.audit.skew", raising=False)
    assert document("audit", str(INCIDENT_2020), exit_code=3)["skew"] == []
    with pytest.raises(ImportError):
        import_module("cli.audit.skew")


def test_the_least_skew_is_in_the_json_with_its_core() -> None:
    found = document("audit", str(INCIDENT_2020), "--least-skew", exit_code=3)["skew"]
    assert found[0]["at_least_s"] == pytest.approx(43, abs=1e-4)
    assert found[0]["core"] == [35, 37]
