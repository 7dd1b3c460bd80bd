"""The project's own files, for the house checks: what git tracks, or would track."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ("models", "specs", "ccr_es", "cli")


@cache
def project_files() -> tuple[Path, ...]:
    """Every file of the project: tracked, or new and not ignored; test data is not judged."""
    paths = _known_to_git() if (ROOT / ".git").exists() else _walked()
    return tuple(p for p in paths if p.is_file() and not shown(p).startswith("tests/data/"))


def _known_to_git() -> list[Path]:
    command = ["git", "-c", f"safe.directory={ROOT}", "ls-files"]
    command += ["--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in sorted(done.stdout.splitlines())]


def _walked() -> list[Path]:
    """For an unpacked archive: the files of the layers and the tests."""
    folders = (ROOT / name for name in (*LAYERS, "tests"))
    found = sorted(p for folder in folders for p in folder.rglob("*"))
    return [p for p in found if "__pycache__" not in p.parts]


def python_files() -> list[Path]:
    """Every Python file of the project."""
    return [path for path in project_files() if path.suffix == ".py"]


def layer_files(layer: str) -> list[Path]:
    """The Python files of one layer."""
    return [path for path in python_files() if path.relative_to(ROOT).parts[0] == layer]


@cache
def tree(path: Path) -> ast.Module:
    """The parsed file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def shown(path: Path) -> str:
    """The path as a person types it."""
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> list[tuple[int, str]]:
    """(line, dotted name) of everything a file imports, wherever in the file the import stands."""
    package = path.relative_to(ROOT).parent.parts
    found: list[tuple[int, str]] = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            found.append((node.lineno, ".".join((*base, *filter(None, [node.module])))))
    return found
