"""`ccr network`: the cluster networks. A partition is the loss of all of them (S-044)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.base import Group, json_option

if TYPE_CHECKING:
    from cli.session import Session

ONE_WAY = click.option(
    "--one-way", "sender", metavar="FROM", help="Only the packets that this node sends."
)
REASON = click.option("--reason", metavar="TEXT", default="", help="Why; it is kept.")


@click.group("network", cls=Group)
def network() -> None:
    """Cut or heal a cluster network.

    A network carries heartbeats and log files. The nodes are cut off from each other when every
    network between them is cut.
    """


@network.command("cut", example="ccr network cut LAN --one-way A")
@click.argument("name", metavar="NETWORK")
@ONE_WAY
@REASON
@json_option
def cut(name: str, sender: str | None, reason: str, as_json: bool) -> None:
    """Packets on this network are lost, in both directions or in one."""
    _each_way("cut_network", name, sender, reason, as_json, carries=True)


@network.command("heal", example="ccr network heal LAN")
@click.argument("name", metavar="NETWORK")
@ONE_WAY
@REASON
@json_option
def heal(name: str, sender: str | None, reason: str, as_json: bool) -> None:
    """Packets on this network pass again, in both directions or in one."""
    _each_way("heal_network", name, sender, reason, as_json, carries=False)


def _each_way(
    rule: str, name: str, sender: str | None, reason: str, as_json: bool, *, carries: bool
) -> None:
    """Fire `rule` for each direction asked for; a direction that is so already is left alone."""
    from cli.acting import perform

    def steps(session: Session) -> list[tuple[str, dict[str, str]]]:
        ways = [sender] if sender else list(session.lens.nodes)
        todo = [n for n in ways if session.state.get(f"network.{name}.carries.{n}") is carries]
        return [(rule, {"w": name, "n": n}) for n in (todo or ways[:1])]

    perform(steps, reason=reason, as_json=as_json)
