"""`ccr witness`: the file share witness: its host, its paths, its files."""

from __future__ import annotations

from cli.frame.base import reading
from cli.session.acts import WITNESS
from cli.session.thin import add, group_named

witness = group_named("witness", "Show, fail, restore, wipe or cut off the file share witness.")


@witness.command("show", example="ccr witness show", cmdlet="Get-ClusterQuorum")
@reading
def show(as_of: str | None, as_json: bool) -> None:
    """Who reaches the share, who holds its lock, and what the note board says."""
    from cli.cluster.showing import show_witness

    show_witness(as_of, as_json)


add(witness, WITNESS)
