"""`ccr network`: the cluster networks. A partition is the loss of all that carry heartbeats
(S-044).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli.frame.base import Group, json_option, reading, trial_option

if TYPE_CHECKING:
    from cli.session.session import Session

ONE_WAY = click.option(
    "--one-way", "sender", metavar="FROM", help="Only the packets that this node sends."
)
REASON = click.option("--reason", metavar="TEXT", default="", help="Why; it is kept.")


@click.group("network", cls=Group)
def network() -> None:
    """Cut or heal a cluster network, say what it is for, and ship logs over it.

    A mixed network carries clients and heartbeats, a private one heartbeats, a public one clients.
    The nodes are cut off from each other when every network that carries heartbeats is cut. Logs go
    over mixed networks with a replication host name of each node, else over the public network.
    """


@network.command("cut", example="ccr network cut LAN --one-way A")
@click.argument("name", metavar="NETWORK")
@ONE_WAY
@REASON
@trial_option
@json_option
def cut(name: str, sender: str | None, reason: str, as_json: bool) -> None:
    """Packets on this network are lost, in both directions or in one."""
    _each_way("cut_network", name, sender, reason, as_json, carries=True)


@network.command("heal", example="ccr network heal LAN")
@click.argument("name", metavar="NETWORK")
@ONE_WAY
@REASON
@trial_option
@json_option
def heal(name: str, sender: str | None, reason: str, as_json: bool) -> None:
    """Packets on this network pass again, in both directions or in one."""
    _each_way("heal_network", name, sender, reason, as_json, carries=False)


def _each_way(
    rule: str, name: str, sender: str | None, reason: str, as_json: bool, *, carries: bool
) -> None:
    """Fire `rule` for each direction asked for; a direction that is so already is left alone."""
    from cli.session.acting import perform

    def steps(session: Session) -> list[tuple[str, dict[str, str]]]:
        ways = [sender] if sender else list(session.lens.nodes)
        todo = [n for n in ways if session.state.get(f"network.{name}.carries.{n}") is carries]
        return [(rule, {"w": name, "n": n}) for n in (todo or ways[:1])]

    perform(steps, reason=reason, as_json=as_json)


@network.command("show", example="ccr network show")
@reading
def show(as_of: str | None, as_json: bool) -> None:
    """Each node's adapter on each network, its replication host name, and what is in use."""
    from cli.network.networking import show_networks

    show_networks(as_of, as_json)


@network.command("limit", example="ccr network limit LAN --bandwidth 12500 --clients 4000")
@click.argument("name", metavar="NETWORK")
@click.option(
    "--bandwidth",
    metavar="KBPS",
    type=click.IntRange(min=0),
    required=True,
    help="What it carries, in kB a second (100 Mbit/s are 12500); 0: not said.",
)
@click.option(
    "--clients",
    metavar="KBPS",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="What clients ask of it, in kB a second.",
)
@REASON
@trial_option
@json_option
def limit(name: str, bandwidth: int, clients: int, reason: str, as_json: bool) -> None:
    """Say how much a network carries, and how much of that clients ask for.

    Logs and clients share it: each gets what the other leaves, and at least half if it needs it.
    Storage groups share the part of the logs evenly.
    """
    from cli.network.networking import limit_network

    limit_network(name, bandwidth, clients, reason, as_json)


@network.command("load", example="ccr network load --backlog 600")
@click.option(
    "--backlog",
    metavar="LOGS",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="What if this many more logs of each storage group waited?",
)
@reading
def load(backlog: int, as_of: str | None, as_json: bool) -> None:
    """What logs and clients get of each network, and how long a copy needs to catch up over it.

    The time is found by letting it happen on a copy of the state; a node that is off is started
    there first.
    """
    from cli.network.networking import show_load

    show_load(backlog, as_of, as_json)


@network.command("check", example="ccr network check")
@reading
def check(as_of: str | None, as_json: bool) -> None:
    """What stands against log shipping: names, how they are found, NetBIOS. Exit 1 if anything."""
    from cli.network.networking import check_networks

    check_networks(as_of, as_json)


@network.command("role", example="ccr network role REPL mixed --not-public")
@click.argument("name", metavar="NETWORK")
@click.argument("role", type=click.Choice(["mixed", "private", "public"]))
@click.option(
    "--public/--not-public",
    default=None,
    help="The nodes' own names are registered in DNS here  [default: unless private]",
)
@REASON
@trial_option
@json_option
def role(name: str, role: str, public: bool | None, reason: str, as_json: bool) -> None:
    """Say what a network is for, and whether log shipping uses it by default."""
    from cli.session.acting import Wanted, perform

    default = role != "private" if public is None else public
    step: Wanted = ("configure_network", {"w": name, "role": role.upper(), "public": default})
    perform([step], reason=reason, as_json=as_json)


@network.command(
    "enable",
    example="ccr network enable REPL A --ip 10.0.1.1",
    cmdlet="Enable-ContinuousReplicationHostName",
)
@click.argument("name", metavar="NETWORK")
@click.argument("node", metavar="NODE")
@click.option("--ip", metavar="ADDRESS", required=True, help="The IPv4 address of the name.")
@REASON
@trial_option
@json_option
def enable(name: str, node: str, ip: str, reason: str, as_json: bool) -> None:
    """Give NODE a replication host name on a mixed network.

    Log shipping uses the network once both nodes have one there. Where another network is public,
    this one stops being so.
    """
    from cli.network.networking import enable_name

    enable_name(name, node, ip, reason, as_json)


@network.command(
    "disable", example="ccr network disable REPL A", cmdlet="Disable-ContinuousReplicationHostName"
)
@click.argument("name", metavar="NETWORK")
@click.argument("node", metavar="NODE")
@REASON
@trial_option
@json_option
def disable(name: str, node: str, reason: str, as_json: bool) -> None:
    """Take NODE's replication host name away."""
    from cli.session.acting import perform

    perform([("disable_host_name", {"w": name, "n": node})], reason=reason, as_json=as_json)


@network.command("adapter", example="ccr network adapter REPL A --no-resolution")
@click.argument("name", metavar="NETWORK")
@click.argument("node", metavar="NODE")
@click.option("--resolution/--no-resolution", "resolves", default=None, help="It finds names.")
@click.option("--netbios/--no-netbios", default=None, help="NetBIOS is enabled.")
@click.option("--registered/--not-registered", default=None, help="It is registered in DNS.")
@REASON
@trial_option
@json_option
def adapter(
    name: str, node: str, resolves: bool | None, netbios: bool | None, registered: bool | None,
    reason: str, as_json: bool,
) -> None:  # fmt: skip
    """Set, or break, the names and settings of NODE's adapter; what is not named stays."""
    from cli.network.networking import set_adapter

    changed = {"resolves": resolves, "netbios": netbios, "registered": registered}
    set_adapter(name, node, changed, reason, as_json)
