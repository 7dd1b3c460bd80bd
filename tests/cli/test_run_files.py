"""A counterexample in every form: each is read back by the tool it is meant for."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import click
import itf_py
import jsonschema
import pytest

from cli.cluster.injecting import read_run
from cli.main import root
from cli.session.subject import loaded
from cli.verify.ci_reports import junit, markdown, sarif
from specs.rendering.itf import from_itf
from specs.rendering.steps import drawing
from specs.rendering.text import diagram
from specs.report import Report
from specs.runs import BadRun, Run, from_lines
from specs.verdict import UNKNOWN, Obligation
from tests.cli.calling import HOME, call, document, good
from tests.cli.test_model_file import LIGHT
from tests.models import teaching
from tests.published import sarif_schema
from tests.specs.runs import prop, run_of

FORMS = ("ndjson", "itf.json", "svg", "txt", "md", "py")
GUARD = '        given={"the crossing is clear": s.light[peer(x)].colour == Colour.RED},\n'


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The traffic light without its guard, in a folder of its own that is the working folder."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "broken.py"
    path.write_text(Path(LIGHT).read_text().replace(GUARD, ""))
    return path


def refuted(broken: Path, *words: str) -> str:
    """The output of verifying the broken light."""
    result = call("verify", "--no-cache", "--model", str(broken), *words)
    assert result.exit_code == 1, result.output
    return result.stdout


def test_the_run_is_written_in_every_form_at_once(broken: Path) -> None:
    files = [f"a.{form}" for form in FORMS]
    refuted(broken, "P1", *(w for f in files for w in ("--counterexample", f)))
    for name in files:
        text = Path(name).read_text()
        assert "TurnedGreen" in text or "turn_green" in text
    assert "a.ndjson" in good("explain", "--model", str(broken), "a.ndjson")


def test_two_broken_properties_are_two_files(broken: Path) -> None:
    extra = (
        '\n@promise("P3", kind=ALWAYS, source="x")\ndef never_green(s, x: Light):\n'
        '    """No light is green."""\n    return s.light[x].colour != Colour.GREEN\n\n'
        "MODEL = MODEL.promising([never_green])\n"
    )
    broken.write_text(broken.read_text() + extra)
    refuted(broken, "P1", "P3", "--counterexample", "run.svg")
    assert sorted(p.name for p in Path().glob("*.svg")) == ["run-P1.svg", "run-P3.svg"]


def test_a_name_that_tells_no_form_is_refused_before_anything_is_proved(broken: Path) -> None:
    result = call("verify", "--model", str(broken), "--counterexample", "run.pdf")
    assert result.exit_code == 2
    assert "CCR213" in result.stderr
    assert not result.stdout


def test_itf_py_reads_the_trace_and_gives_the_same_back(broken: Path) -> None:
    refuted(broken, "P1", "--counterexample", "a.itf.json", "--counterexample", "a.ndjson")
    text = Path("a.itf.json").read_text()
    trace = itf_py.trace_from_json(json.loads(text))
    assert len(trace.states) == 3
    assert trace.states[2].values["light"]["NORTH"].colour == "GREEN"
    assert trace.states[2].values["clock"].now == 0
    back = itf_py.trace_from_json(itf_py.trace_to_json(trace))
    assert [s.values for s in back.states] == [s.values for s in trace.states]
    model = loaded(broken).model
    assert from_itf(model, text) == from_lines(model, Path("a.ndjson").read_text().splitlines())


def test_a_run_in_itf_is_taken_like_any_run(broken: Path) -> None:
    refuted(broken, "P1", "--counterexample", "a.itf.json")
    model = ("--model", str(broken))
    assert document("audit", *model, "a.itf.json", exit_code=1)["events"] == 2
    good("log", "import", *model, "a.itf.json", "--store", "x.db")
    assert "TurnedGreen" in good("log", "list", "--store", "x.db", *model)
    assert "light.EAST.colour" in good("replay", "--store", "x.db", *model)
    assert "light.EAST.colour" in good("diff", "2", "3", "--store", "x.db", *model)
    assert "hash" in good("log", "show", "2", "--store", "x.db", *model)


CHANGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "another state": lambda d: d["states"][2]["light"]["#map"][0][1].update(colour="RED"),
    "a rule that is not there": lambda d: d["states"][1].update(action_taken="fly"),
    "no arguments": lambda d: d["states"][1].update(arguments={}),
    "a list as an argument": lambda d: d["states"][1].update(arguments={"x": []}),
    "no head": lambda d: d.pop("#meta"),
    "a state left out": lambda d: d["states"].pop(1),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_trace_that_was_changed_is_refused(broken: Path, change: Any) -> None:
    refuted(broken, "P1", "--counterexample", "a.itf.json")
    data = json.loads(Path("a.itf.json").read_text())
    change(data)
    with pytest.raises(BadRun):
        from_itf(loaded(broken).model, json.dumps(data))


def test_the_written_test_fails_while_the_bug_is_there_and_passes_without_it(broken: Path) -> None:
    refuted(broken, "P1", "--counterexample", "test_light.py")
    run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_light.py"]
    settings = {"PYTHONPATH": str(HOME), "PATH": "/usr/bin:/bin"}
    bad = subprocess.run(run, capture_output=True, text=True, env=settings, check=False)
    assert bad.returncode == 1, bad.stdout + bad.stderr
    assert "P1 never_two_open is broken at step 2, by turn_green" in bad.stdout
    broken.write_text(Path(LIGHT).read_text())
    mended = subprocess.run(run, capture_output=True, text=True, env=settings, check=False)
    assert mended.returncode == 0, mended.stdout


def test_the_diagram_shows_who_read_what_of_whom_and_how_long_a_fault_lasts() -> None:
    shown = "\n".join(diagram(drawing(teaching.MODEL, run_of(teaching.FAILOVER_RUN))))
    lines = shown.splitlines()
    assert lines[0].split() == ["A", "lock", "B"]
    assert "✗ NodeCrashed" in lines[3]
    assert "║" in lines[4]
    assert "10.000 s" in lines[4]
    assert "▶● LockClaimed" in lines[1] or "● LockClaimed" in lines[1]
    assert all(len(line) <= 79 for line in lines)


def test_the_picture_is_well_formed_and_has_every_step(broken: Path) -> None:
    refuted(broken, "P1", "--counterexample", "a.svg")
    root = ElementTree.parse("a.svg").getroot()
    circles = [e for e in root.iter() if e.tag.endswith("circle")]
    assert len(circles) == 2
    assert all(e.find("{http://www.w3.org/2000/svg}title") is not None for e in circles)


def test_a_fault_is_a_band_until_it_is_repaired() -> None:
    steps = (("cut", {"n": "A"}), ("tick", {"dt": 5}), ("heal", {"n": "A"}), ("tick", {"dt": 5}))
    (band,) = drawing(teaching.MODEL, run_of(steps)).bands
    assert (band.start, band.end, band.covers(2), band.covers(3)) == (1, 3, True, False)


def test_sarif_is_what_the_standard_says(broken: Path) -> None:
    refuted(broken, "--sarif", "s.sarif")
    found = json.loads(Path("s.sarif").read_text())
    (result,) = found["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("P1", "error")
    flow = result["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [f["executionOrder"] for f in flow] == [1, 2]
    place = flow[0]["location"]["physicalLocation"]
    line = broken.read_text().splitlines()[place["region"]["startLine"] - 1]
    assert line.startswith("@rule(2")
    assert place["artifactLocation"]["uri"] == "broken.py"


@pytest.mark.slow
def test_sarif_obeys_the_published_schema(broken: Path) -> None:
    refuted(broken, "--sarif", "broken.sarif")
    good("verify", "--no-cache", "--model", LIGHT, "--sarif", "sound.sarif")
    with click.Context(root):
        Path("unknown.sarif").write_text(sarif(_unknown()))
    for name in ("broken", "sound", "unknown"):
        jsonschema.validate(json.loads(Path(f"{name}.sarif").read_text()), sarif_schema())
    found = json.loads(Path("broken.sarif").read_text())
    found["runs"][0]["results"][0]["level"] = "dreadful"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(found, sarif_schema())


def _unknown() -> Report:
    report = Report("teaching lock", (prop(teaching.MODEL, "P01"),), {}, (), ())
    report.obligations.append(Obligation("R001 tick", "P01", "induction", UNKNOWN, 0.1, "too hard"))
    return report


def test_a_sound_model_has_no_results(broken: Path) -> None:
    good("verify", "--no-cache", "--model", LIGHT, "--sarif", "s.sarif", "--junit", "j.xml",
         "--markdown", "m.md")  # fmt: skip
    found = json.loads(Path("s.sarif").read_text())
    assert found["runs"][0]["results"] == []
    assert ElementTree.parse("j.xml").getroot().get("failures") == "0"
    assert Path("m.md").read_text().startswith("# traffic light: holds")


def test_junit_has_a_case_a_property_and_the_run_in_the_failure(broken: Path) -> None:
    refuted(broken, "--junit", "j.xml", "--markdown", "m.md")
    suite = ElementTree.parse("j.xml").getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "1", "0")
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert "● TurnedGreen" in (failure.text or "")
    assert "| P1 never_two_open | violated: a run of 2 steps |" in Path("m.md").read_text()


def test_what_is_unknown_is_no_success_in_any_form() -> None:
    report = _unknown()
    with click.Context(root):
        suite = ElementTree.fromstring(junit(report).partition("\n")[2])
        found = json.loads(sarif(report))
        assert "unknown: too hard" in markdown(report)
    assert (suite.get("errors"), suite.get("failures")) == ("1", "0")
    assert [r["kind"] for r in found["runs"][0]["results"]] == ["open"]


def test_a_file_that_cannot_be_written_is_one_line(broken: Path) -> None:
    result = call("verify", "--no-cache", "--model", LIGHT, "P1", "--junit", "none/j.xml")
    assert (result.exit_code, "CCR151" in result.stderr) == (4, True)


def test_a_saved_run_is_written_in_another_form(broken: Path) -> None:
    refuted(broken, "P1", "--counterexample", "a.ndjson")
    good("explain", "--model", str(broken), "a.ndjson", "--counterexample", "b.svg")
    run = read_run(Path("a.ndjson"), loaded(broken).model)
    assert isinstance(run, Run)
    assert Path("b.svg").read_text().startswith("<svg")


@pytest.mark.slow
def test_explain_names_the_guard_that_is_missing_or_the_value_that_is_too_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = good("explain", str(HOME / "tests" / "scenarios" / "windows2003.ndjson"))
    assert "with 4001 (the default is 10000) the run is stopped" in " ".join(said.split())
    Path("weak.py").write_text(
        "from models.language.variant import Variant\nfrom specs.catalogue import CCR\n"
        "mine = Variant(CCR, 'weak')\nmine.drop('bring_online', 'node is the controller')\n"
        "MODEL = mine.model\n"
    )
    call("simulate", "--model", "weak.py", "P08", "--runs", "200", "--counterexample", "y.ndjson")
    causes = document("explain", "--model", "weak.py", "y.ndjson")["causes"]
    assert [c["guard"] for c in causes] == ["node is the controller"]
