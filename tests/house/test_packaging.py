"""What is installed: the script, the packages with their data, a lock that any machine can use."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

from tests.house.sources import LAYERS, ROOT, project_files, shown

LOCK = (ROOT / "requirements.lock").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
SHIPPED = (".css", ".js", ".py", ".md", ".jsonl", ".toml", ".txt")


def locked() -> dict[str, str]:
    """Name to version of every pin in the lock."""
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+) \\$", LOCK, re.MULTILINE))


def test_the_lock_names_no_index_and_no_place_of_one_machine() -> None:
    assert not re.search(r"^\s*-|://|@ |^-e", LOCK.replace("    --hash=sha256:", ""), re.MULTILINE)


def test_every_pin_of_the_project_is_in_the_lock_and_every_pin_has_hashes() -> None:
    extras = PROJECT["optional-dependencies"].values()
    wanted = [*PROJECT["dependencies"], *(name for extra in extras for name in extra)]
    for requirement in wanted:
        name, _, version = requirement.partition("==")
        if version:
            assert locked().get(name.partition("[")[0]) == version, requirement
    blocks = re.split(r"^(?=[a-z0-9-]+==)", LOCK, flags=re.MULTILINE)[1:]
    assert len(blocks) == len(locked()) > len(wanted)
    assert all("--hash=sha256:" in block for block in blocks)


def script() -> Path:
    """The installed console script of this environment."""
    found = Path(sys.executable).with_name("ccr")
    if not found.exists():
        pytest.skip("NOT RUN: needs the installed console script; run: make test")
    return found


def hostile(folder: Path) -> Path:
    """A folder with modules of its own under our names; importing one of them is an error."""
    for name in LAYERS:
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text("raise SystemExit('the wrong package')\n")
        (folder / f"{name}.py").write_text("raise SystemExit('the wrong module')\n")
    return folder


def runs_from(command: Path, folder: Path, *words: str) -> None:
    """The command answers in a folder that has other modules under our names."""
    done = subprocess.run(
        [command, *words], cwd=hostile(folder), capture_output=True, text=True, check=False
    )
    assert "wrong" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 4), done.stderr


@pytest.mark.parametrize("words", [["--version"], ["verify", "--help"], ["cluster", "list"]])
def test_the_script_works_in_a_folder_with_its_own_models_cli_and_specs(
    words: list[str], tmp_path: Path
) -> None:
    runs_from(script(), tmp_path, *words)


def build_wheel(folder: Path) -> Path:
    """A wheel built from a copy of the project, so that no older build can leak into it."""
    for path in project_files():
        copy = folder / "project" / shown(path)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "--wheel-dir", folder, folder / "project"], check=True)
    (wheel,) = folder.glob("ccr-*.whl")
    return wheel


@pytest.mark.slow
def test_a_wheel_holds_every_module_with_its_data_and_runs(tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path)
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == {
        shown(path)
        for path in project_files()
        if path.suffix in SHIPPED and shown(path).split("/")[0] in LAYERS
    }

    # A user's environment: the wheel, and the libraries of this one.
    home = tmp_path / "home"
    venv.create(home, with_pip=False)
    install = [sys.executable, "-m", "pip", "--python", home / "bin" / "python", "install"]
    subprocess.run([*install, "--quiet", "--no-deps", "--no-index", wheel], check=True)
    (site,) = home.glob("lib/python*/site-packages")
    (site / "libraries.pth").write_text(f"{Path(pytest.__file__).parents[1]}\n")
    shutil.rmtree(tmp_path / "project")
    runs_from(home / "bin" / "ccr", tmp_path / "elsewhere", "cluster", "list")
