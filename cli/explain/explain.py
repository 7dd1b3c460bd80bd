"""`ccr explain`: a rule, a property, a message code or a file, in words."""

from __future__ import annotations

import click

from cli.frame.base import Command, json_option, model_option
from cli.verify.asfiles import counterexample_option


@click.command("explain", cls=Command, example="ccr explain claim_lock")
@click.argument("what", metavar="RULE|PROPERTY|CODE|FILE|mapping|partial")
@click.option(
    "--full",
    is_flag=True,
    help="Of a property, also its term; of a run, also what other rules' guards would do.",
)
@counterexample_option
@model_option
@json_option
def explain(what: str, full: bool, as_json: bool) -> None:
    """Explain a rule or event (R202, claim_lock, WitnessClaimed), a property (P01), a message
    code (CCR120), a file (an exported log, a run, a record of another system), the language in
    which such records are mapped (mapping), a shipped mapping by name, or what a partial record
    declares of itself (partial).
    """
    from cli.explain.explaining import explain_it

    explain_it(what, full, as_json)
