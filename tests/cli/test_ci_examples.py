"""The example workflow and hooks do what they say, tried with the real commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.calling import HOME
from tests.cli.test_model_file import LIGHT
from tests.cli.test_run_files import GUARD
from tests.needs import program

CI = HOME / "specs" / "examples" / "ci"
WORKFLOW: dict[str, Any] = yaml.safe_load((CI / "verify.yml").read_text())
QUEUE: dict[str, Any] = yaml.safe_load((CI / "queue.yml").read_text())


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A folder of its own, with `ccr` on the path, and git that belongs to nobody."""
    monkeypatch.chdir(tmp_path)
    script = tmp_path / "bin" / "ccr"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cli "$@"\n')
    script.chmod(0o755)
    who = {f"GIT_{w}_{x}": "x@example.org" for w in ("AUTHOR", "COMMITTER")
           for x in ("NAME", "EMAIL")}  # fmt: skip
    path = f"{script.parent}{os.pathsep}{os.environ['PATH']}"
    return {"PATH": path, "PYTHONPATH": str(HOME), "HOME": str(tmp_path), **who}


def shell(text: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """One script, as a workflow runs it."""
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", text], env=environment, capture_output=True, text=True,
        check=False, timeout=120,
    )  # fmt: skip


def runs(name: str, workflow: dict[str, Any] = WORKFLOW) -> str:
    """The script of the named step."""
    return str(next(s["run"] for s in steps(workflow) if s.get("name") == name))


def steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    """The steps of all its jobs."""
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("workflow", [WORKFLOW, QUEUE], ids=["verify", "queue"])
def test_a_workflow_is_one_and_uses_known_keys(workflow: dict[str, Any]) -> None:
    # YAML 1.1 reads `on` as true
    assert set(workflow) - {"env"} == {"name", True, "permissions", "jobs"}
    for step in steps(workflow):
        assert ("uses" in step) != ("run" in step)
        assert set(step) <= {"name", "uses", "run", "with", "if"}


@pytest.mark.slow
@pytest.mark.parametrize("sound", [True, False])
def test_the_steps_of_the_workflow_run_and_fail_where_the_model_is_broken(
    environment: dict[str, str], sound: bool
) -> None:
    model = Path("model.py")
    model.write_text(Path(LIGHT).read_text().replace("" if sound else GUARD, ""))
    settings = {**environment, "MODEL": str(model), "GITHUB_STEP_SUMMARY": "summary.md"}
    for name in ("verify", "simulate"):
        done = shell(runs(name), settings)
        assert done.returncode == (0 if sound else 1), done.stdout + done.stderr
    assert shell(runs("summary"), settings).returncode == 0
    assert Path("summary.md").read_text().startswith("# traffic light: ")
    results = json.loads(Path("reports/verify.sarif").read_text())["runs"][0]["results"]
    assert len(results) == (0 if sound else 1)
    assert Path("reports/run.svg").exists() is not sound


def committed(environment: dict[str, str], text: str) -> subprocess.CompletedProcess[str]:
    """Try to commit a model file with this text."""
    Path("model.py").write_text(text)
    return shell("git add model.py && git commit -qm model", environment)


@pytest.mark.slow
def test_the_hook_keeps_a_broken_model_out_of_git(environment: dict[str, str]) -> None:
    hook = f"git init -q . && cp {CI / 'pre-commit'} .git/hooks/ && chmod +x .git/hooks/pre-commit"
    assert shell(hook, environment).returncode == 0
    sound = Path(LIGHT).read_text()
    assert committed(environment, sound).returncode == 0
    refused = committed(environment, sound.replace(GUARD, ""))
    assert refused.returncode != 0
    assert "P1  violated" in refused.stderr
    assert "not committed" in refused.stderr
    other = shell("git checkout -q HEAD model.py && git commit -q --allow-empty -m x", environment)
    assert other.returncode == 0, other.stderr


@pytest.mark.slow
def test_the_pre_commit_configuration_names_a_command_that_runs(
    environment: dict[str, str],
) -> None:
    (hook,) = yaml.safe_load((CI / "pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    Path("model.py").write_text(Path(LIGHT).read_text())
    assert shell(hook["entry"], environment).returncode == 0
    Path("model.py").write_text(Path(LIGHT).read_text().replace(GUARD, ""))
    assert shell(hook["entry"], environment).returncode == 1


@pytest.mark.slow
def test_a_queue_is_answered_by_two_solvers_in_parts_and_merged(
    environment: dict[str, str],
) -> None:
    solver = Path(program("cvc5", "cvc5")).parent, Path(sys.executable).parent
    path = os.pathsep.join([environment["PATH"], *map(str, solver)])
    settings = {**environment, "PATH": path, "PARTS": str(QUEUE["env"]["PARTS"])}
    settings["MODEL"] = str(HOME / QUEUE["env"]["MODEL"])
    assert shell(runs("emit", QUEUE), settings).returncode == 0
    matrix = QUEUE["jobs"]["answer"]["strategy"]["matrix"]
    for name, part in product(matrix["solver"], matrix["part"]):
        one = {**settings, "SOLVER": name, "PART": str(part)}
        assert shell(runs("answer", QUEUE), one).returncode == 0
    assert shell("mv answers/* queue/answers", settings).returncode == 0
    done = shell(runs("collect", QUEUE), settings)
    assert done.returncode == 0, done.stdout + done.stderr
    said = " ".join(done.stdout.split())
    assert "agreed on by two solvers (Z3 " in said
    assert "and cvc5 " in said
    assert "0 by one only, 0 missing" in said
    assert shell("rm queue/answers/*", settings).returncode == 0
    assert shell(runs("collect", QUEUE), settings).returncode == 3
