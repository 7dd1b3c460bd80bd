"""The layers: models below; specs and ccr_es side by side and apart; cli on top."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.house import sources
from tests.house.sources import LAYERS, ROOT, imports, layer_files, shown

MAY_IMPORT = {
    "models": {"models"},
    "specs": {"models", "specs"},
    "ccr_es": {"models", "ccr_es"},
    "cli": {"models", "specs", "ccr_es", "cli"},
}
LIBRARIES = {
    "models": set(),
    "specs": {"z3"},
    "ccr_es": {"cryptography", "eventsourcing", "psycopg", "transitions", "msgspec", "re2"},
    "cli": {"click", "rich"},
}
ENGINES = ("specs", "ccr_es")


def strangers(layer: str, paths: list[Path]) -> list[str]:
    """Every import of a layer that it may not have, as file:line: name."""
    allowed = MAY_IMPORT[layer] | LIBRARIES[layer] | sys.stdlib_module_names
    return [
        f"{shown(path)}:{line}: {layer} imports {name}"
        for path in paths
        for line, name in imports(path)
        if name.split(".")[0] not in allowed
    ]


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_imports_only_what_is_below_it_and_its_own_libraries(layer: str) -> None:
    assert strangers(layer, layer_files(layer)) == []


@pytest.mark.parametrize("layer", LAYERS)
def test_every_layer_has_files_to_judge(layer: str) -> None:
    assert len(layer_files(layer)) > 1


@pytest.mark.parametrize("layer", ENGINES)
def test_an_engine_never_names_the_ccr_model_it_is_given(layer: str) -> None:
    named = [
        f"{shown(path)}:{line}: {name}"
        for path in layer_files(layer)
        if not shown(path).startswith(("specs/catalogue", "specs/examples"))
        for line, name in imports(path)
        if name.startswith("models.ccr")
    ]
    assert named == []


def test_every_import_is_seen_where_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "ROOT", tmp_path)
    (tmp_path / "models" / "plain").mkdir(parents=True)
    path = tmp_path / "models" / "plain" / "sly.py"
    path.write_text(
        "import os\nfrom ..language import terms\nfrom . import layout\n"
        "def f():\n    import z3.z3util\n    from specs.symbolic import Symbolic\n"
    )
    assert imports(path) == [
        (1, "os"),
        (2, "models.language"),
        (3, "models.plain"),
        (5, "z3.z3util"),
        (6, "specs.symbolic"),
    ]


@pytest.mark.parametrize("command", [["--help"], ["log", "--help"], ["cluster", "--help"]])
def test_help_starts_no_prover_and_no_store(command: list[str]) -> None:
    code = (
        "import sys\n"
        "from cli.main import main\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    assert not end.code, end.code\n"
        "print('heavy:', sorted({'z3', 'rich', 'eventsourcing'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[-1:] == ["heavy: []"], done.stdout + done.stderr
