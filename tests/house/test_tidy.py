"""Small, plain, alike: lengths, docstrings, words that do not belong in a finished project."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.sources import LAYERS, layer_files, project_files, python_files, shown, tree

FILE_LINES, FUNCTION_LINES, LINE_LENGTH = 300, 70, 100
WORDS = Path(__file__).parents[1] / "data" / "forbidden_words.txt"
FORBIDDEN = [
    re.compile(line) for line in WORDS.read_text().splitlines() if not line.startswith("# ")
]
TOP_LEVEL = {
    *("pyproject.toml", "README.md", "Makefile", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md"),
    *("requirements.lock", "tests", *LAYERS),
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def too_long(text: str, name: str) -> list[str]:
    """Where a Python text breaks one of the three lengths."""
    lines = text.splitlines()
    found = [] if len(lines) <= FILE_LINES else [f"{name}: {len(lines)} lines"]
    found += [
        f"{name}:{i}: {len(x)} characters" for i, x in enumerate(lines, 1) if len(x) > LINE_LENGTH
    ]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, Function):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                found.append(f"{name}:{node.lineno}: {node.name} has {length} lines")
    return found


def unwritten(module: ast.Module, name: str, public: bool) -> list[str]:
    """A module without a docstring, and (if `public`) each public class or function without one."""
    empty = not module.body
    found = [] if empty or ast.get_docstring(module) else [f"{name}: no module docstring"]
    if public:
        found += [
            f"{name}:{node.lineno}: {node.name} has no docstring"
            for node in _public(module.body)
            if not ast.get_docstring(node)
        ]
    return found


def _public(body: list[ast.stmt]) -> Iterator[Function | ast.ClassDef]:
    for node in body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from _public(node.body)


def test_files_functions_and_lines_are_short() -> None:
    found = [x for path in python_files() for x in too_long(path.read_text(), shown(path))]
    assert found == []


def test_every_module_says_what_it_is_and_every_public_name_what_it_does() -> None:
    judged = {path for layer in LAYERS for path in layer_files(layer)}
    found = [
        x for path in python_files() for x in unwritten(tree(path), shown(path), path in judged)
    ]
    assert found == []


def test_nothing_is_left_open_and_no_machine_is_named() -> None:
    found = []
    for path in project_files():
        if path.suffix in (".lock", ".jsonl", ".db"):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if any(pattern.search(line) for pattern in FORBIDDEN):
                found.append(f"{shown(path)}:{number}: {line.strip()[:80]}")
    assert found == []


def test_the_top_level_holds_what_it_may_hold() -> None:
    names = {Path(shown(path)).parts[0] for path in project_files()}
    assert {name for name in names if not name.startswith(".")} <= TOP_LEVEL


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1\n" * 301, ["a.py: 301 lines"]),
        ("x = '" + "y" * 100 + "'\n", ["a.py:1: 106 characters"]),
        ("def f():\n" + "    x = 1\n" * 70, ["a.py:1: f has 71 lines"]),
        ("x = 1\n" * 300 + "", []),
    ],
)
def test_each_length_can_be_broken(text: str, expected: list[str]) -> None:
    assert too_long(text, "a.py") == expected


def test_a_missing_docstring_is_found() -> None:
    module = ast.parse("class A:\n    def f(self): pass\n    def _g(self): pass\n")
    assert unwritten(module, "a.py", True) == [
        "a.py: no module docstring",
        "a.py:1: A has no docstring",
        "a.py:2: f has no docstring",
    ]
    assert unwritten(module, "a.py", False) == ["a.py: no module docstring"]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("# {} later".format("TO" + "DO"), True),
        ("see {}work{}x".format("/", "/"), True),
        ("a network that works", False),
    ],
)
def test_a_forbidden_word_is_found(line: str, found: bool) -> None:
    assert any(pattern.search(line) for pattern in FORBIDDEN) == found
