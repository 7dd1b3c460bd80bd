"""`ccr store`: logs between stores, whatever database holds them."""

from __future__ import annotations

import click

from cli.frame.base import Group, json_option


@click.group("store", cls=Group)
def store() -> None:
    """Copy a log from one store to another; keep its states anew."""


@store.command("copy", example="ccr store copy postgresql://ccr@db/mail")
@click.argument("target", metavar="TARGET")
@json_option
def copy(target: str, as_json: bool) -> None:
    """Write the cluster's whole log into another store: a file, or postgresql://USER@HOST/DATABASE.

    Every event is checked as an import checks it, in one transaction: the copy ends at the same
    head, or nothing is written. The log stays where it is, too.
    """
    from cli.log.storing import copy_log

    copy_log(target, as_json)


@store.command("checkpoint", example="ccr store checkpoint")
@json_option
def checkpoint(as_json: bool) -> None:
    """Read the cluster's whole log and keep its states at intervals, instead of those there are.

    Reading starts from the newest kept state, so that commands are quick on a long log. States are
    kept as events are written; this is for a log that lacks them, or has damaged ones.
    """
    from cli.log.storing import keep_states

    keep_states(as_json)
