"""`ccr site`: the sites where the nodes and the witness host stand, and the lines between them."""

from __future__ import annotations

import click

from cli.frame.base import Group, json_option, reading, trial_option

REASON = click.option("--reason", metavar="TEXT", default="", help="Why; it is kept.")


@click.group("site", cls=Group)
def site() -> None:
    """Say what stands where; lose or restore a site; cut or heal the line between two.

    A site that is lost takes with it what stands there: nodes, the witness host, hubs, standby
    servers. A line carries every cluster network between its two sites, and the paths to the share
    and to standby servers over it. Nothing is routed round.
    """


@site.command("set", example="ccr site set A=HQ B=DR witness=BRANCH")
@click.argument("pairs", nargs=-1, required=True, metavar="SERVER|witness=SITE...")
@REASON
@trial_option
@json_option
def set_(pairs: tuple[str, ...], reason: str, as_json: bool) -> None:
    """Say where nodes, the witness host, hubs and standby servers stand. It moves nothing."""
    from cli.places.siting import set_sites

    set_sites(pairs, reason, as_json)


@site.command("show", example="ccr site show")
@reading
def show(as_of: str | None, as_json: bool) -> None:
    """Each site with what stands there, and each line with what it carries."""
    from cli.places.siting import show_sites

    show_sites(as_of, as_json)


@site.command("lose", example="ccr site lose HQ --reason flood")
@click.argument("name", metavar="SITE")
@REASON
@trial_option
@json_option
def lose(name: str, reason: str, as_json: bool) -> None:
    """The site is gone: what stands there loses power, the witness host included."""
    from cli.places.siting import lose_site

    lose_site(name, reason, as_json)


@site.command("restore", example="ccr site restore HQ")
@click.argument("name", metavar="SITE")
@REASON
@trial_option
@json_option
def restore(name: str, reason: str, as_json: bool) -> None:
    """The site is back: the witness host comes back and the servers get power."""
    from cli.places.siting import restore_site

    restore_site(name, reason, as_json)


@site.command("cut", example="ccr site cut HQ DR --reason 'digger'")
@click.argument("one", metavar="SITE")
@click.argument("other", metavar="SITE")
@REASON
@trial_option
@json_option
def cut(one: str, other: str, reason: str, as_json: bool) -> None:
    """The line between two sites breaks, with everything that it carries."""
    from cli.places.siting import cut_line

    cut_line(one, other, reason, as_json)


@site.command("heal", example="ccr site heal HQ DR")
@click.argument("one", metavar="SITE")
@click.argument("other", metavar="SITE")
@REASON
@trial_option
@json_option
def heal(one: str, other: str, reason: str, as_json: bool) -> None:
    """The line between two sites is whole again."""
    from cli.places.siting import heal_line

    heal_line(one, other, reason, as_json)
