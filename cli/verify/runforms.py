"""A run written to a file, in the form that the file's name asks for. Imports no z3."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from ccr_es.errors import FileUnreadable
from cli.frame.base import settings
from cli.frame.errors import UnknownForm
from cli.session.subject import Subject, subject
from cli.verify.asfiles import COUNTEREXAMPLE
from models.language.model import Property
from specs.rendering.itf import SUFFIX, to_itf
from specs.rendering.regression import regression
from specs.rendering.steps import drawing
from specs.rendering.svg import svg
from specs.rendering.text import diagram, markdown_table, table
from specs.runs import Run, to_lines


def _title(prop: Property, run: Run) -> str:
    return f"{prop.label}: {len(run)} steps"


def _ndjson(of: Subject, prop: Property, run: Run) -> str:
    return "".join(f"{line}\n" for line in to_lines(of.model, run))


def _text(of: Subject, prop: Property, run: Run) -> str:
    drawn = drawing(of.model, run)
    said = [_title(prop, run), prop.sentence, "", *table(drawn), "", *diagram(drawn)]
    return "\n".join(said) + "\n"


def _markdown(of: Subject, prop: Property, run: Run) -> str:
    drawn = drawing(of.model, run)
    lines = [f"# {_title(prop, run)}", "", prop.sentence, "", *markdown_table(drawn), "", "```"]
    return "\n".join([*lines, *diagram(drawn), "```", ""])


FORMS: Mapping[str, Callable[[Subject, Property, Run], str]] = {
    SUFFIX: lambda of, prop, run: to_itf(of.model, run),
    ".ndjson": _ndjson,
    ".svg": lambda of, prop, run: svg(drawing(of.model, run), _title(prop, run)),
    ".txt": _text,
    ".md": _markdown,
    ".py": lambda of, prop, run: regression(prop, run, of.path),
}
"""By the end of the file's name."""


def form_of(path: Path) -> str:
    """The ending of `path` that says its form. Raises `UnknownForm`."""
    found = next((ending for ending in FORMS if path.name.endswith(ending)), None)
    if found is None:
        raise UnknownForm(f"{path}: the name does not say a form", f"End it in {', '.join(FORMS)}")
    return found


def check_forms() -> None:
    """Refuse a file that could not be written, before anything is proved. Raises `UnknownForm`."""
    for path in settings().files.get(COUNTEREXAMPLE, ()):
        form_of(path)


def write_runs(runs: Mapping[str, Run]) -> list[Path]:
    """Write each run (by its property's number) to each file asked for; with more than one run a
    file's name gets the number. Raises `FileUnreadable`.
    """
    written = []
    of = subject()
    for path in settings().files.get(COUNTEREXAMPLE, ()):
        ending = form_of(path)
        for number, run in runs.items():
            stem = path.name.removesuffix(ending)
            name = path if len(runs) == 1 else path.with_name(f"{stem}-{number}{ending}")
            prop = of.model.numbered(number)
            assert isinstance(prop, Property)
            write(name, FORMS[ending](of, prop, run))
            written.append(name)
    return written


def write(path: Path, text: str) -> None:
    """Raises `FileUnreadable`."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise FileUnreadable(f"{path}: {error.strerror}", "Name a file to write to") from None
