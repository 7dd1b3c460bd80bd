"""What every command is made of: the lazy group, the help layout, and the options that are the same
everywhere.

A group names its commands as text and imports a command's module when it is asked for, so that `ccr
--help` and `ccr log` start at once. Must not import any engine (`ccr_es`, `specs`, z3). Sits at the
bottom of `cli`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import click


@dataclass
class Settings:
    """What the options say, for one call: the store (a path, or `postgresql://...`) and the
    cluster's name (None: the only one).
    """

    store: str = "ccr.db"
    cluster: str | None = None
    model: Path | None = None
    trial: bool = False
    """Whether all that is done is only tried (`--dry-run`)."""
    subject: object = None
    """What `cli.session.subject` made of the model file, or `cli.verify.pinning` of the model."""
    files: dict[str, tuple[Path, ...]] = field(default_factory=dict)
    """Files to be written, by kind (`cli.verify.asfiles`)."""
    words: tuple[str, ...] = ()
    """What was typed after `ccr`."""


@dataclass(frozen=True)
class Lazy:
    """Where a command lives (`cli.cluster.node:node`) and its line in the list of commands."""

    where: str
    about: str


def settings() -> Settings:
    """The settings of the running call."""
    return click.get_current_context().ensure_object(Settings)


def _set_store(ctx: click.Context, _param: click.Parameter, value: str | None) -> None:
    if value is not None:
        ctx.ensure_object(Settings).store = value


def _set_cluster(ctx: click.Context, _param: click.Parameter, value: str | None) -> None:
    if value is not None:
        ctx.ensure_object(Settings).cluster = value


def _set_model(ctx: click.Context, _param: click.Parameter, value: Path | None) -> None:
    if value is not None:
        ctx.ensure_object(Settings).model = value


def _set_trial(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        ctx.ensure_object(Settings).trial = True


_STORE = "The store: one SQLite file, or postgresql://USER@HOST/DATABASE.  [default: ccr.db]"


def where_options(hidden: bool) -> list[click.Parameter]:
    """`--store` and `--cluster`, taken before or after the command's name."""
    env: dict[str, Any] = {} if hidden else {"show_envvar": True}
    return [
        click.Option(
            ["--store"], metavar="STORE", callback=_set_store, expose_value=False, hidden=hidden,
            envvar=None if hidden else "CCR_STORE", help=_STORE, **env,
        ),
        click.Option(
            ["--cluster"], metavar="NAME", callback=_set_cluster, expose_value=False, hidden=hidden,
            envvar=None if hidden else "CCR_CLUSTER",
            help="The cluster in that store.  [default: the only one]", **env,
        ),
    ]  # fmt: skip


def _model_option(hidden: bool) -> click.Option:
    kind = click.Path(path_type=Path)
    return click.Option(
        ["--model"], type=kind, callback=_set_model, expose_value=False, hidden=hidden
    )


class Command(click.Command):
    """A leaf command.

    Its help ends with one example and the Exchange cmdlet that it mirrors, if there is one.
    """

    def __init__(self, *args: Any, example: str = "", cmdlet: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.example, self.cmdlet = example, cmdlet
        self.params = [*self.params, *where_options(hidden=True)]
        if not any("--model" in p.opts for p in self.params):
            self.params.append(_model_option(hidden=True))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The example and the cmdlet."""
        if self.example:
            with formatter.section("Example"):
                for line in self.example.splitlines():
                    formatter.write(f"{'':{formatter.current_indent}}{line}\n")
        if self.cmdlet:
            with formatter.section("Exchange"):
                formatter.write_text(f"mirrors {self.cmdlet}")


class Group(click.Group):
    """A group whose commands are imported when they are asked for."""

    command_class = Command

    def __init__(
        self, *args: Any, lazy: Mapping[str, Mapping[str, Lazy]] | None = None, **kwargs: Any
    ) -> None:
        """`lazy` are commands by name, in sections of the help."""
        super().__init__(*args, **kwargs)
        self.sections = dict(lazy or {})
        self.lazy = {name: found for part in self.sections.values() for name, found in part.items()}
        self.params = [*self.params, *(where_options(hidden=True) if not lazy else [])]

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which they were declared: the order of a story, not of the alphabet."""
        return [*self.lazy, *self.commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now if need be."""
        found = self.lazy.get(cmd_name)
        if found is None:
            return super().get_command(ctx, cmd_name)
        module, _, name = found.where.partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands in their sections, without importing a lazy one."""
        said = {
            n: [(name, x.about) for name, x in part.items()] for n, part in self.sections.items()
        }
        own = [(n, c.get_short_help_str(300)) for n, c in self.commands.items() if not c.hidden]
        for title, rows in (said | {"Commands": own}).items():
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)


AGES = {"ignore_unknown_options": True}
"""The setting of a command that takes a point as an argument: `-5m` is an age, not an option."""

Decorator = Callable[[Any], Any]

json_option: Decorator = click.option(
    "--json", "as_json", is_flag=True, help="The answer as one JSON document."
)
trial_option: Decorator = click.option(
    "--dry-run", is_flag=True, callback=_set_trial, expose_value=False,
    help="Tell what would happen and write nothing.",
)  # fmt: skip
csv_option: Decorator = click.option("--csv", "as_csv", is_flag=True, help="The rows as CSV.")
as_of_option: Decorator = click.option(
    "--as-of",
    metavar="POINT",
    help="As of 42 (an event), 2007-01-01T00:05:00Z, -5m (an age) or NodeFailed~1 (the last one).",
)


def model_option(function: Any) -> Any:
    """`--model`, in the help of the commands that are often given one; the others take it too."""
    return click.option(
        "--model",
        type=click.Path(path_type=Path),
        metavar="FILE.py",
        callback=_set_model,
        expose_value=False,
        help="A model of your own instead of CCR's: a Python file that defines MODEL.",
    )(function)


def reading(function: Any) -> Any:
    """The options of every command that reads: `--as-of` and `--json`."""
    return as_of_option(json_option(function))
