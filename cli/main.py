"""The root of the `ccr` command: its groups by name, the global options, and the boundary where
errors become exit codes.

0 yes, 1 no, 2 usage, 3 unknown, 4 unusable input, 70 a bug (a report is written), 130 interrupted.
Must not import an engine: a command's module is imported when the command is asked for.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from cli import __version__
from cli.commands import SECTIONS
from cli.frame.base import Group, Settings, where_options
from cli.frame.interrupts import listen

EXIT_BUG = 70
EXIT_INTERRUPTED = 130
GARBAGE = 20_000
"""Objects after which Python looks for cycles: those of a model and of a large state are many and
stay, and looking through them after each 700 takes a tenth of a short call."""


class Root(Group):
    """The root group. Every error of a call ends here, as one line on stderr and an exit code."""

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, **extra: Any
    ) -> NoReturn:
        """Run one call and exit with its code."""
        extra.pop("standalone_mode", None)
        try:
            code = super().main(args, standalone_mode=False, **extra)
        except click.ClickException as error:
            _usage(error)
            code = error.exit_code
        except (click.Abort, KeyboardInterrupt) as error:
            said = (
                str(error.__cause__ or "") or "interrupted; what was recorded before stays recorded"
            )
            click.echo(f"ccr: {said}", err=True)
            code = EXIT_INTERRUPTED
        except Exception as error:
            code = _failed(error, list(args if args is not None else sys.argv[1:]))
        sys.exit(code if isinstance(code, int) else 0)

    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> click.Context:
        """The context, with what was typed kept for whoever says how to do it again."""
        words = tuple(args)
        made = super().make_context(info_name, args, parent, **extra)
        made.ensure_object(Settings).words = words
        return made


def _usage(error: click.ClickException) -> None:
    from cli.session.refusals import coloured

    hint = ""
    context = getattr(error, "ctx", None)
    if context is not None and not isinstance(error, click.exceptions.NoArgsIsHelpError):
        hint = f"; see {context.command_path} --help"
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message())
    else:
        click.echo(coloured("ccr: ", f"{error.format_message().rstrip('.')}{hint}"), err=True)


def _failed(error: Exception, args: list[str]) -> int:
    """Print what a user can do about `error`; a bug gets a report file."""
    from cli.frame.messages import code_and_exit, described

    known = described(error)
    if known is not None:
        click.echo(known, err=True)
        return code_and_exit(error)[1]
    from cli.frame.bugs import write_report

    report = write_report(error, args)
    said = f"{type(error).__name__}: {error}".partition("\n")[0]
    click.echo(f"ccr: this is a bug: {said}; the report is {report}", err=True)
    return EXIT_BUG


def settle_colour(ctx: click.Context, choice: str) -> None:
    """`--color` before NO_COLOR before FORCE_COLOR before "is it a terminal" (None: click
    looks).
    """
    if choice != "auto":
        ctx.color = choice == "always"
    elif os.environ.get("NO_COLOR"):
        ctx.color = False
    elif os.environ.get("FORCE_COLOR"):
        ctx.color = True


@click.group(
    "ccr",
    cls=Root,
    lazy=SECTIONS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    params=where_options(hidden=False),
    no_args_is_help=True,
)
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="Colour; NO_COLOR is obeyed too.",
)
@click.version_option(__version__, "--version", prog_name="ccr")
@click.pass_context
def root(ctx: click.Context, color: str) -> None:
    """A two-node mailbox cluster that runs, is recorded, replayed, audited and proved.

    Start with `ccr demo`, or:

    \b
      ccr cluster create MAIL --nodes A,B --witness //HUB/MAIL --storage-groups SG1
      ccr workload --logs 20
      ccr node fail A
      ccr wait 60s
      ccr cluster show

    Exit codes: 0 yes, 1 no (refused, violated, not finished), 2 usage, 3 unknown, 4 unusable
    input, 70 a bug (a report is written), 130 interrupted.
    """
    ctx.ensure_object(Settings)
    settle_colour(ctx, color)


def main() -> None:
    """The console script `ccr`."""
    gc.set_threshold(GARBAGE)
    atexit.register(gc.freeze)  # what is left at the end is not looked through once more
    listen()
    root(prog_name="ccr")
