"""Thin commands: each is one rule of the model by name, and settling. Made from the table in
`acts`.

Must not import an engine at the top: `acting` is imported when a command runs. Sits above `acts`
and `base`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from cli.frame.base import Command, Group, json_option, trial_option
from cli.session.acts import Act

_METAVARS = {
    "n": "NODE",
    "w": "NETWORK",
    "g": "STORAGE_GROUP",
    "t": "TARGET",
    "v": "SERVER",
    "h": "SG",
}
_EXAMPLES = {"n": "A", "w": "net1", "g": "SG1", "t": "DR", "v": "MBX1", "h": "SG1"}


def add(group: click.Group, acts: Iterable[Act]) -> None:
    """Add a command for each act to its group."""
    for act in acts:
        group.add_command(command_of(act))


def command_of(act: Act) -> click.Command:
    """The command that fires the rule of `act` and settles what follows at once."""

    def run(as_json: bool, reason: str, **named: str) -> None:
        from cli.session.acting import perform

        perform([(act.rule, named)], reason=reason, as_json=as_json)

    params: list[click.Parameter] = [
        click.Argument([name], metavar=_METAVARS[name]) for name in act.args
    ]
    params.append(click.Option(["--reason"], metavar="TEXT", default="", help="Why; it is kept."))
    line = act.line.format(**_EXAMPLES)
    made = Command(
        act.name,
        callback=run,
        params=params,
        help=act.about,
        example=f"ccr {line}",
        cmdlet=act.cmdlet,
    )
    decorated: Any = trial_option(json_option(made))
    return decorated  # type: ignore[no-any-return]


def group_named(name: str, about: str) -> Group:
    """An empty group of thin commands."""
    return Group(name, help=about)
