"""What all tests share: reproducible Hypothesis, a clean environment, no test skipped in silence.

A test that needs a system package which is not here skips with `tests.needs.program(...)`, which
names the command that installs it. The summary lists every test that was NOT RUN, and where `CI` is
set that fails the run.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

settings.register_profile("ccr", derandomize=True, deadline=None, database=None)
settings.load_profile("ccr")

OURS = ("CCR_STORE", "CCR_CLUSTER", "NO_COLOR", "FORCE_COLOR")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--rewrite`: scenario files are written with what the command line answers now."""
    parser.addoption("--rewrite", action="store_true", help="write the scenario files again")


def pytest_configure(config: pytest.Config) -> None:
    """Watch what is skipped."""
    config.pluginmanager.register(Skips(), "skips")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in OURS:
        monkeypatch.delenv(name, raising=False)


class Skips:
    """Collects what was skipped, on the process that reports (with xdist: the controller)."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A skipped test; an expected failure is not one."""
        if report.skipped and not hasattr(report, "wasxfail"):
            self._note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A module that skipped itself."""
        if report.skipped:
            self._note(report)

    def _note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        self.found.append(f"{report.nodeid}: {why.removeprefix('Skipped: ')}")

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Where CI is set, a test that was not run is a failure."""
        if self.found and os.environ.get("CI") and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Name them all."""
        if self.found:
            terminalreporter.section(f"NOT RUN: {len(self.found)}", yellow=True)
            for line in self.found:
                terminalreporter.line(line)
