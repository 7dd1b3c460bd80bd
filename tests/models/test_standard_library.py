"""`models` runs on a bare Python, where nothing that was installed can be imported."""

from __future__ import annotations

import subprocess
import sys

from tests.house.sources import ROOT, layer_files, shown


def run(code: str) -> subprocess.CompletedProcess[str]:
    """Python without site-packages, environment or user folder, in the project's folder."""
    command = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, '.'); {code}"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_every_module_of_models_can_be_imported_without_any_package() -> None:
    names = [shown(p)[:-3].replace("/", ".") for p in layer_files("models")]
    names = [name.removesuffix(".__init__") for name in names]
    assert "models.plain.driver" in names
    done = run("; ".join(f"import {name}" for name in sorted(names)))
    assert done.stderr == ""


def test_a_package_could_not_be_imported_there() -> None:
    done = run("import z3")
    assert "No module named 'z3'" in done.stderr
