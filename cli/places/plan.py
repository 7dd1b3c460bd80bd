"""`ccr plan`: what each placement of the witness survives, and the recommendations as checks."""

from __future__ import annotations

import click

from cli.frame.base import Group, reading


@click.group("plan", cls=Group, invoke_without_command=True)
@click.option(
    "--witness-site", metavar="SITE", help="Compare with the witness in this site, or a new one."
)
@click.option("--double", is_flag=True, help="Every two faults as well, not only their number.")
@reading
@click.pass_context
def plan(
    ctx: click.Context, witness_site: str | None, double: bool, as_of: str | None, as_json: bool
) -> None:
    """Which faults each placement of the witness survives; the recommendations as checks.

    Option 1 puts the witness into the primary datacenter, option 2 into a third site. Every single
    and every double fault (a node, the witness host, a network, a site, a line between sites)
    really happens to a copy of the state, and the rules take it from there. Two faults strike at
    once, and each after the other has had its effect; the worst of the three is told.

    \b
    Example:
      ccr plan --witness-site BRANCH
    """
    if ctx.invoked_subcommand is None:
        from cli.places.comparing import compare

        compare(witness_site, double, as_of, as_json)


@plan.command("check", example="ccr plan check")
@reading
def check(as_of: str | None, as_json: bool) -> None:
    """Each recommendation for the cluster's surroundings: met, or what to do.

    What nobody described is unknown, not met; `ccr cluster describe` says it.

    Exit code: 0 all is met, 1 something is not, 3 something is unknown and nothing worse.
    """
    from cli.places.advising import check_plan

    check_plan(as_of, as_json)
