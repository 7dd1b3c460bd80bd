"""`ccr cluster`: create a cluster, show and describe it, list those in the store."""

from __future__ import annotations

from pathlib import Path

import click

from cli.cluster.cms import NO_WAIT
from cli.frame.base import Group, json_option, reading
from cli.session.presets import DIALS, PRESETS, RELEASES


def _names(_ctx: click.Context, _param: click.Parameter, value: str | None) -> list[str] | None:
    return None if value is None else [part.strip() for part in value.split(",")]


def _roles(networks: list[str]) -> dict[str, str]:
    pairs = (name.partition(":") for name in networks)
    return {name: role or "mixed" for name, _, role in pairs}


@click.group("cluster", cls=Group)
def cluster() -> None:
    """Create a cluster, show and describe it, list those in the store."""


@cluster.command(
    "create",
    example="ccr cluster create MAIL --nodes A,B --witness //HUB/MAIL \\\n"
    "    --storage-groups SG1,SG2 --mount-dial best",
    cmdlet="Setup /NewCMS, and Set-MailboxServer -AutoDatabaseMountDial",
)
@click.argument("name", required=False)
@click.option("--nodes", metavar="A,B", callback=_names, help="The two nodes  [default: A,B]")
@click.option("--witness", metavar="PATH", help="The file share witness, such as //HUB/MAIL")
@click.option("--site", "sites", multiple=True, metavar="NODE=SITE", help="Where a node stands")
@click.option("--witness-site", metavar="SITE", help="Where the witness host stands")
@click.option("--storage-groups", metavar="SG1,SG2", callback=_names, help="[default: SG1]")
@click.option(
    "--networks",
    metavar="LAN:public,REPL:mixed",
    callback=_names,
    help="The cluster networks: mixed, private or public  [default: LAN:mixed]",
)
@click.option(
    "--mount-dial",
    type=click.Choice(list(DIALS)),
    help="Lost logs with which a database mounts by itself: 0, 3 or 6  [default: best]",
)
@click.option(
    "--release",
    type=click.Choice(RELEASES),
    help="The release of Exchange 2007, where they differ  [default: sp1]",
)
@click.option("--preset", metavar="NAME", help=f"A set of parameters: {', '.join(PRESETS)}")
@click.option("--set", "changed", multiple=True, metavar="PARAMETER=VALUE", help="One parameter")
@click.option("--seed", type=int, metavar="N", help="Order of what may happen in any order")
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path),
    metavar="FILE.toml",
    help="A description of the cluster; options go over it.",
)
@click.option("--no-start", is_flag=True, help="Leave both nodes powered off.")
@NO_WAIT
@json_option
def create(
    name: str | None,
    nodes: list[str] | None,
    witness: str | None,
    sites: tuple[str, ...],
    witness_site: str | None,
    storage_groups: list[str] | None,
    networks: list[str] | None,
    mount_dial: str | None,
    release: str | None,
    preset: str | None,
    changed: tuple[str, ...],
    seed: int | None,
    path: Path | None,
    no_start: bool,
    no_wait: bool,
    as_json: bool,
) -> None:
    """Create the cluster NAME, power its two nodes on, and wait until it serves.

    The store is made if there is none. Everything starts at simulated time zero; a seed gives the
    same events every time.
    """
    from cli.cluster.creating import Options, create_cluster, described

    given = {
        "name": name,
        "nodes": nodes,
        "witness": witness,
        "storage_groups": storage_groups,
        "networks": None if networks is None else _roles(networks),
        "preset": preset,
        "seed": seed,
    }
    start, wait = not no_start, not (no_wait or no_start)
    if sites or witness_site:
        given["described"] = described(sites, witness_site)
    options = Options(given, release, mount_dial, changed, path)
    create_cluster(options, start=start, wait=wait, as_json=as_json)


@cluster.command("show", example="ccr cluster show --as-of NodeFailed")
@reading
def show(as_of: str | None, as_json: bool) -> None:
    """Who serves, each node's role and votes, the networks, the witness, the storage groups."""
    from cli.cluster.showing import show_cluster

    show_cluster(as_of, as_json)


@cluster.command("list", example="ccr cluster list")
@reading
def list_(as_of: str | None, as_json: bool) -> None:
    """The clusters in the store, with the number of their events."""
    from cli.cluster.showing import list_clusters

    list_clusters(as_of, as_json)


@cluster.command("describe", example="ccr cluster describe witness.role=hub witness.dfs=no")
@click.argument("pairs", nargs=-1, metavar="[KEY=VALUE]...")
@click.option("--reason", metavar="TEXT", default="", help="Why; it is kept.")
@reading
def describe(pairs: tuple[str, ...], reason: str, as_of: str | None, as_json: bool) -> None:
    """Say what stands around the cluster, or list what was said and what there is to say.

    No rule reads it; sites make faults, the rest is what `ccr plan check` gives advice on. An empty
    value takes a fact back.
    """
    from cli.places.siting import describe_cluster, show_description

    if pairs and as_of:
        raise click.UsageError("facts are recorded now; --as-of only looks")
    if pairs:
        describe_cluster(pairs, reason, as_json)
    else:
        show_description(as_of, as_json)
