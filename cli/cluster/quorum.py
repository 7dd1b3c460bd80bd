"""`ccr quorum`: what an operator does when no majority is left."""

from __future__ import annotations

import click

from cli.frame.base import Group, json_option, reading, trial_option


@click.group("quorum", cls=Group)
def quorum() -> None:
    """Force a lone node to run without a majority, and what to do before that."""


@quorum.command(
    "force",
    example='ccr quorum force B --reason "primary site lost, A is switched off"',
    cmdlet="Start-ClusterNode -FixQuorum (cluster service started with /forcequorum)",
)
@click.argument("node", metavar="NODE")
@click.option("--reason", metavar="TEXT", required=True, help="Why the other node is surely off.")
@trial_option
@json_option
def force(node: str, reason: str, as_json: bool) -> None:
    """Let NODE control the cluster alone, without the witness.

    By this you attest that the other node is off and stays off until it rejoins. If that is not
    so, both may serve at once: until the note board holds the forced epoch nothing prevents it.
    """
    from cli.frame.output import say
    from cli.session.acting import perform

    perform([("force_quorum", {"n": node})], reason=reason, as_json=as_json)
    say(
        f"{node} may now act without a majority. Keep the other node off, and bring the witness"
        " back so that the note board holds this epoch."
    )


@quorum.command("advice", example="ccr quorum advice")
@reading
def advice(as_of: str | None, as_json: bool) -> None:
    """When nobody has a majority: every way back, what it costs, and what to verify before forcing.

    Each repair really happens to a copy of the state, and the rules take it from there.
    """
    from cli.cluster.guiding import show_advice

    show_advice(as_of, as_json)
