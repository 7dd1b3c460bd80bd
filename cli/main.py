"""The root of the `ccr` command: its groups by name, the global options, and the boundary where
errors become exit codes.

0 yes, 1 no, 2 usage, 3 unknown, 4 unusable input, 70 a bug (a report is written), 130 interrupted.
Must not import an engine: a command's module is imported when the command is asked for.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from cli import __version__
from cli.frame.base import Group, Lazy, Settings, where_options

EXIT_BUG = 70
EXIT_INTERRUPTED = 130

COMMANDS = {
    "cluster": Lazy(
        "cli.cluster.cluster:cluster",
        "Create a cluster, show and describe it, list those in the store.",
    ),
    "node": Lazy("cli.cluster.node:node", "Fail, start, freeze, thaw, pause or resume a node."),
    "network": Lazy("cli.network.network:network", "Cut or heal a cluster network."),
    "witness": Lazy(
        "cli.cluster.witness:witness",
        "Show, fail, restore, wipe or cut off the file share witness.",
    ),
    "site": Lazy(
        "cli.places.site:site",
        "Say what stands where; lose or restore a site; cut or heal the line between two.",
    ),
    "quorum": Lazy("cli.cluster.quorum:quorum", "Force a lone node to run without a majority."),
    "cms": Lazy(
        "cli.cluster.cms:cms", "Start or stop the clustered mailbox server, or show its status."
    ),
    "move": Lazy(
        "cli.cluster.move:move",
        "Move the clustered mailbox server to the passive node, without loss.",
    ),
    "workload": Lazy("cli.cluster.workload:workload", "Close log files on the serving node."),
    "wait": Lazy("cli.cluster.wait:wait", "Let simulated time pass."),
    "copy": Lazy(
        "cli.copies.copies:copy", "Status of the copies; suspend, resume, seed or restore one."
    ),
    "health": Lazy(
        "cli.health.health:health",
        "Test replication and the cluster; what the next fault would do.",
    ),
    "metrics": Lazy(
        "cli.copies.metrics:metrics", "Performance counters of replication, for Prometheus."
    ),
    "backup": Lazy(
        "cli.copies.backup:backup",
        "Back up a storage group; which logs are kept, and what is restored.",
    ),
    "plan": Lazy(
        "cli.places.plan:plan",
        "Which faults each placement of the witness survives; recommendations.",
    ),
    "standby": Lazy(
        "cli.standby.standby:standby",
        "Standby copies (SCR) elsewhere: enable, watch, activate by hand.",
    ),
    "hub": Lazy("cli.mail.hub:hub", "Add, list, fail or start a Hub Transport server."),
    "mail": Lazy("cli.mail.mail:mail", "Send mail through a hub; write what no hub holds."),
    "dumpster": Lazy(
        "cli.mail.dumpster:dumpster",
        "The transport dumpster: its limits, what each hub holds, requests.",
    ),
    "loss": Lazy("cli.mail.loss:loss", "What each lossy mount took, and what came back."),
    "lcr": Lazy("cli.standby.lcr:lcr", "Local copies (LCR) on a stand-alone server."),
    "server": Lazy("cli.standby.server:server", "Mailbox servers outside the cluster."),
    "can": Lazy("cli.cluster.can:can", "Which rules may fire now, and why another may not."),
    "inject": Lazy("cli.cluster.inject:inject", "Fire any rule, or a run of them from a file."),
    "log": Lazy("cli.log.log:log", "List, show, check, export or import the events."),
    "store": Lazy(
        "cli.log.store:store", "Copy a log from one store to another; keep its states anew."
    ),
    "replay": Lazy("cli.log.replay:replay", "The state rebuilt from the events, up to any point."),
    "diff": Lazy("cli.log.replay:diff", "What changed in the state between two points."),
    "history": Lazy(
        "cli.history.asking:history",
        "Every failover, move and interruption: why, how long, what was lost.",
    ),
    "why": Lazy(
        "cli.history.asking:why", "From an event back to what began it, with the facts behind it."
    ),
    "who": Lazy(
        "cli.history.asking:who", "Which node served, from when to when; overlaps and gaps."
    ),
    "what-if": Lazy(
        "cli.history.asking:what_if",
        "The record again with something changed, beside what happened.",
    ),
    "audit": Lazy(
        "cli.audit.audit:audit", "Judge recorded events by the rules and the properties."
    ),
    "verify": Lazy(
        "cli.verify.verify:verify",
        "Prove the properties for runs of any length, or show a run that breaks one.",
    ),
    "foresee": Lazy(
        "cli.simulate.foresee:foresee",
        "From the recorded state: what could happen within N events.",
    ),
    "simulate": Lazy(
        "cli.simulate.simulate:simulate", "Random runs, every property judged after every step."
    ),
    "explain": Lazy(
        "cli.explain.explain:explain", "Explain a rule, a property, a message code or a file."
    ),
    "demo": Lazy(
        "cli.demo.demo:demo", "A failover and a real incident, told by running the commands."
    ),
}


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
    lazy=COMMANDS,
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
    root(prog_name="ccr")
