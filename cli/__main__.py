"""`python -m cli` is the `ccr` command."""

from cli.main import main

main()
