"""How far `ccr verify` is, on stderr: one line that is rewritten for each rule, with an estimate.

Where stderr is no terminal, a plain line now and then, and only if it takes long. Must not import
an engine.
"""

from __future__ import annotations

import sys
import time

import click

from specs.verdict import SEARCH, Obligation

EVERY = 5.0
"""Seconds between plain lines."""
WIDE = 78
FEW = 10
"""An estimate is given once one in so many is answered."""


class Progress:
    """Counts what is asked against what is planned."""

    def __init__(self, verbose: bool = False) -> None:
        self.verbose, self.terminal = verbose, sys.stderr.isatty()
        self.planned = self.done = 0
        self.start = self.said_at = time.monotonic()

    def plan(self, count: int) -> None:
        """So many obligations more will be asked."""
        self.planned += count

    def said(self, o: Obligation) -> None:
        """One of them is answered."""
        asked = o.method in ("init", "induction") and o.rule != SEARCH and not o.cached
        self.done = min(self.done + asked, max(self.planned, self.done))
        if self.verbose:
            first = o.detail.partition("\n")[0]
            head = f"{o.verdict:8} {o.property} {o.rule} {o.method}"
            click.echo(f"{head} {o.seconds:.2f} s {first}".rstrip(), err=True)
        elif self.terminal and o.method != "frame":
            self._rewrite(self.line(o))
        elif o.method != "frame" and time.monotonic() - self.said_at >= EVERY:
            self.said_at = time.monotonic()
            click.echo(self.line(o), err=True)

    def line(self, o: Obligation) -> str:
        """Where it is, how much is done, how long the rest may take."""
        if o.rule == SEARCH:
            return f"{o.property} {o.method}: {o.detail}".partition("\n")[0][:WIDE]
        spent = time.monotonic() - self.start
        said = f"{o.rule[:36]:<36} {self.done:,} of {self.planned:,}"
        if self.done * FEW < self.planned:
            return said  # too early to tell
        return f"{said}, about {spent * (self.planned - self.done) / self.done:.0f} s left"

    def clear(self) -> None:
        """Wipe the line."""
        if self.terminal and not self.verbose:
            self._rewrite("")
            sys.stderr.write("\r")
            sys.stderr.flush()

    def _rewrite(self, line: str) -> None:
        sys.stderr.write(f"\r{line[:WIDE]:<{WIDE}}")
        sys.stderr.flush()
