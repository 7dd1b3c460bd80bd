"""What a call is about: the CCR model with its properties, or the one in the user's `--model` file.

A model file is ordinary Python that defines `MODEL` and, if it likes, `INSTANCE`; it is run once,
when a command asks for it. Whatever goes wrong in it is told with its line. Must not import a
prover or the store.
"""

from __future__ import annotations

import linecache
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from cli.frame.base import settings
from cli.frame.errors import ModelFileBroken, NoModelInFile
from models.language.misuse import ModelError
from models.language.model import Instance, Model, small_instance
from models.plain.reader import Reader
from specs.catalogue import CCR, SMALL


@dataclass(frozen=True)
class Subject:
    """A model with the instance that proofs use; `path` is its file, None for the CCR model."""

    model: Model
    instance: Instance
    path: Path | None = None
    base: Subject | None = None
    """What it was made from, where `--set` or `--sweep` made a parameter of a setting."""


def subject() -> Subject:
    """The subject of this call. Raises `ModelFileBroken` or `NoModelInFile`."""
    chosen = settings()
    if not isinstance(chosen.subject, Subject):
        if chosen.model is None:
            return Subject(CCR, SMALL)
        chosen.subject = loaded(chosen.model)
    return chosen.subject


def loaded(path: Path) -> Subject:
    """The subject in a model file. Raises `ModelFileBroken` or `NoModelInFile`."""
    found = vars(_module(path))
    model = found.get("MODEL")
    if not isinstance(model, Model):
        what = "defines no MODEL" if model is None else f"has a MODEL that is a {_kind(model)}"
        raise NoModelInFile(f"{path}: it {what}", "Write MODEL = Variant(...).model, or model_of")
    instance = found.get("INSTANCE", _instance(model))
    if not isinstance(instance, Instance):
        raise NoModelInFile(
            f"{path}: its INSTANCE is a {_kind(instance)}", "Write INSTANCE = Instance({...})"
        )
    try:
        Reader(model, instance)
    except ModelError as error:
        raise ModelFileBroken(f"{path}: INSTANCE: {error}", _HINT) from None
    for rule in model.rules.values():
        free = [n for n, _ in rule.valued if n not in rule.bindings]
        if free and rule.trigger in ("consequence", "beat") and rule.where.startswith(f"{path}:"):
            text = f"{rule.name}: it fires by itself, but nothing says what {free[0]} is"
            raise ModelFileBroken(f"{rule.where}: {text}", "Equate it with something read")
    return Subject(model, instance, path)


def _instance(model: Model) -> Instance:
    names = {s.name for s in model.schema.identities}
    return SMALL if names == set(SMALL.members) else small_instance(model)


def _kind(value: object) -> str:
    return type(value).__name__


_HINT = "See specs/examples for model files that work"


def _module(path: Path) -> ModuleType:
    """The file, run. Its own folder is not on the path, so that nothing there hides our packages.

    Raises `ModelFileBroken`.
    """
    try:
        text = path.read_text(encoding="utf-8")
        code = compile(text, str(path), "exec")
    except OSError as error:
        raise ModelFileBroken(f"{path}: {error.strerror}", "Name a file that can be read") from None
    except UnicodeDecodeError:
        raise ModelFileBroken(f"{path}: it is not UTF-8 text", _HINT) from None
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        raise ModelFileBroken(f"{path}:{line}: {_said(error)}", _HINT) from None
    module = ModuleType(f"ccr_model_file_{path.stem}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module
    linecache.checkcache(str(path))
    try:
        exec(code, vars(module))  # noqa: S102 - the user's own file, named on the command line
    except (Exception, SystemExit) as error:
        raise ModelFileBroken(_placed(path, error), _HINT) from None
    return module


def _said(error: BaseException) -> str:
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    return text if isinstance(error, ModelError) else f"{_kind(error)}: {text}"


def _placed(path: Path, error: BaseException) -> str:
    """The error with the line of the file that led to it before it, unless it says so itself."""
    text = " ".join(_said(error).split())
    if text.startswith(f"{path}:"):
        return text
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f.lineno for f in frames if f.filename == str(path) and f.lineno]
    return f"{path}:{lines[-1] if lines else 1}: {text}"
