"""The options that write an answer to files, for the commands that find runs: `--counterexample`,
and for `ccr verify` also `--junit`, `--sarif` and `--markdown`.

What they say is kept in the call's settings, so that a command's own arguments stay few. Must not
import an engine. Sits beside `base`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from cli.frame.base import Decorator, Settings, settings

COUNTEREXAMPLE, JUNIT, SARIF, MARKDOWN = "counterexample", "junit", "sarif", "markdown"
HTML = "html"

_Callback = Callable[[click.Context, click.Parameter, tuple[Path, ...]], None]


def _kept(kind: str) -> _Callback:
    def keep(ctx: click.Context, _param: click.Parameter, value: tuple[Path, ...]) -> None:
        if value:
            ctx.ensure_object(Settings).files[kind] = value

    return keep


def _file(name: str, about: str) -> Decorator:
    return click.option(
        f"--{name}",
        type=click.Path(path_type=Path),
        multiple=True,
        metavar="FILE",
        callback=_kept(name),
        expose_value=False,
        help=about,
    )


counterexample_option: Decorator = _file(
    COUNTEREXAMPLE,
    "Write the run to FILE: .ndjson (for `ccr log import`), .itf.json, .svg, .txt, .md, or .py (a"
    " test for pytest); repeatable.",
)
html_option: Decorator = _file(
    HTML, "Write a page to FILE that opens offline and prints; repeatable."
)


def tell_page(kind: str, as_of: str | None, answered: Callable[[Any], Any] | None = None) -> None:
    """Write the page of a question, if one is asked for; see `cli.page.answers`."""
    if settings().files.get(HTML):
        from cli.page.answers import answer_page

        answer_page(kind, as_of, answered)


def report_options(function: Any) -> Any:
    """The files that CI systems read, and `--counterexample`."""
    for option in (
        _file(MARKDOWN, "Write a summary to FILE as Markdown."),
        _file(SARIF, "Write what is violated to FILE as SARIF 2.1.0, runs as code flows."),
        _file(JUNIT, "Write a test case a property to FILE as JUnit XML."),
        counterexample_option,
    ):
        function = option(function)
    return function
