"""How far `ccr verify` or a long `ccr audit` is, on stderr: one line that is rewritten, with an
estimate.

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
OFTEN = 0.2
"""Seconds between two states of a line on a terminal."""
WIDE = 78
FEW = 10
"""An estimate is given once one in so many is answered."""


def left(done: int, planned: int, start: float) -> str:
    """How long the rest may take, from what is done since `start`; nothing if it is too early."""
    if done * FEW < planned or not done:
        return ""
    spent = time.monotonic() - start
    return f", about {spent * max(planned - done, 0) / done:.0f} s left"


class Line:
    """A line on a terminal that is written again and again."""

    def __init__(self) -> None:
        self.terminal = sys.stderr.isatty()
        self.start = self.said_at = time.monotonic()

    def rewrite(self, line: str) -> None:
        """Write the line in place of the one before it."""
        sys.stderr.write(f"\r{line[:WIDE]:<{WIDE}}")
        sys.stderr.flush()

    def clear(self) -> None:
        """Wipe the line."""
        if self.terminal:
            self.rewrite("")
            sys.stderr.write("\r")
            sys.stderr.flush()


class Counted(Line):
    """Counts one kind of thing against about how many there are."""

    def __init__(self, what: str, planned: int) -> None:
        super().__init__()
        self.what, self.planned, self.done = what, planned, 0

    def at(self, done: int) -> None:
        """So many are done."""
        self.done = done
        now = time.monotonic()
        if self.terminal and now - self.said_at >= OFTEN:
            self.rewrite(self.line())
        elif not self.terminal and now - self.said_at >= EVERY:
            click.echo(self.line(), err=True)
        else:
            return
        self.said_at = now

    def line(self) -> str:
        """How many of how many, and how long the rest may take."""
        said = f"{self.done:,} of {max(self.planned, self.done):,} {self.what}"
        return f"{said}{left(self.done, self.planned, self.start)}"


class Progress(Line):
    """Counts what is asked against what is planned."""

    def __init__(self, verbose: bool = False) -> None:
        super().__init__()
        self.verbose = verbose
        self.terminal = self.terminal and not verbose
        self.planned = self.done = 0

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
            self.rewrite(self.line(o))
        elif o.method != "frame" and time.monotonic() - self.said_at >= EVERY:
            self.said_at = time.monotonic()
            click.echo(self.line(o), err=True)

    def line(self, o: Obligation) -> str:
        """Where it is, how much is done, how long the rest may take."""
        if o.rule == SEARCH:
            return f"{o.property} {o.method}: {o.detail}".partition("\n")[0][:WIDE]
        said = f"{o.rule[:36]:<36} {self.done:,} of {self.planned:,}"
        return f"{said}{left(self.done, self.planned, self.start)}"
