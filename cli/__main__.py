"""`python -m cli` is the `ccr` command."""

from cli.main import root

root(prog_name="ccr")
