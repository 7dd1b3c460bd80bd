"""`ccr demo`: a failover and a real incident, told by really running the commands."""

from __future__ import annotations

import click

from cli.frame.base import Command


@click.command("demo", cls=Command, example="ccr demo")
def demo() -> None:
    """Tell a failover in a minute, by running the commands you see in a temporary store.

    A cluster is created, ships logs, loses its active node, gets it back, reseeds it and moves
    home; what was recorded is audited, and what may never happen is proved. At the end a real
    incident of 2020, on record from two machines with two clocks, is audited.
    """
    from cli.demo.telling import tell_story

    tell_story()
