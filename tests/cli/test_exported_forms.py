"""A log as other tools read it: CloudEvents by the published schema, CSV, ITF; and back again."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import itf_py
import jsonschema
import pytest

from ccr_es.store.store import Store
from cli.log.exporting import as_csv, as_itf
from specs.rendering.itf import Outline
from tests.cli.calling import call, document, good
from tests.cli.test_page import store
from tests.published import cloud_events_schema

__all__ = ["store"]

Form = Callable[[Store, str], Iterator[bytes]]


@pytest.fixture(autouse=True)
def _at(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(store, tmp_path / "ccr.db")
    monkeypatch.chdir(tmp_path)


@pytest.mark.slow
def test_every_line_is_a_cloud_event_by_the_published_schema() -> None:
    good("log", "export", "log.ndjson")
    good("log", "export", "--node", "B", "part.ndjson")
    checks = jsonschema.Draft7Validator(cloud_events_schema())
    lines = [x for name in ("log", "part") for x in Path(f"{name}.ndjson").read_text().splitlines()]
    assert len(lines) > 100
    for line in lines:
        checks.validate(json.loads(line))
    without = json.loads(lines[-1])
    del without["id"]
    assert not checks.is_valid(without)


def test_what_is_exported_and_imported_has_the_same_head_and_is_exported_alike() -> None:
    good("log", "export", "log.ndjson")
    good("log", "import", "log.ndjson", "--store", "other.db")
    head = document("log", "check")["head"]
    assert document("log", "check", "--store", "other.db")["head"] == head
    good("log", "export", "again.ndjson", "--store", "other.db")
    assert Path("again.ndjson").read_bytes() == Path("log.ndjson").read_bytes()


def test_rows_hold_what_the_events_hold() -> None:
    good("log", "export", "log.csv", "--as", "csv")
    rows = list(csv.DictReader(Path("log.csv").read_text().splitlines()))
    events = document("log", "list")["events"]
    assert len(rows) == len(events)
    for row, event in zip(rows, events, strict=True):
        assert json.loads(row.pop("args")) == event["args"]
        told = {k: "" if event[k] is None else str(event[k]) for k in event if k != "args"}
        assert {k: row[k] for k in told} == told
    part = call("log", "export", "-", "--as", "csv", "--node", "B")
    assert 1 < len(part.stdout.splitlines()) < len(events)


def test_itf_py_reads_the_states_of_a_whole_log() -> None:
    good("log", "export", "log.itf.json", "--as", "itf")
    trace = itf_py.trace_from_json(json.loads(Path("log.itf.json").read_text()))
    events = document("log", "list")["events"]
    assert len(trace.states) == len(events)
    last = trace.states[-1].values
    state = document("replay", "--all")["state"]
    assert last["witness"].epoch == state["witness.epoch"]
    assert {n: last["node"][n].power for n in "AB"} == {n: state[f"node.{n}.power"] for n in "AB"}
    taken = [s.values["action_taken"] for s in trace.states]
    assert taken == ["init", *(e["rule"] for e in events[1:])]
    part = call("log", "export", "part.itf.json", "--as", "itf", "--node", "B")
    assert part.exit_code == 2
    assert not Path("part.itf.json").exists()


@pytest.mark.parametrize("form", [as_csv, as_itf])
def test_a_line_is_made_when_it_is_written(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    """So a log may be larger than memory."""
    read = []

    with Store.open("ccr.db") as found:
        every = found.read

        def counted(*args: int | str) -> object:
            for stored in every(*args):  # type: ignore[arg-type]
                read.append(stored.number)
                yield stored

        monkeypatch.setattr(found, "read", counted)
        lines = form(found, "MAIL")
        first = [next(lines) for _ in range(3)]
        assert all(first)
        assert len(read) <= 3
        assert sum(1 for _ in lines) > 50


def test_a_log_whose_models_differ_in_their_records_is_no_trace(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = Outline.state

    def other(self: Outline, *args: Any) -> bytes:
        self.records = ("clock",)
        return known(self, *args)

    monkeypatch.setattr(Outline, "state", other)
    found = call("log", "export", "log.itf.json", "--as", "itf")
    assert found.exit_code == 4
    assert "CCR241" in found.stderr
    assert list(Path().glob("*itf*")) == []
