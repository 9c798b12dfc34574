"""A pytest plugin: runs the tests that keep promises, and writes down what they showed.

    pytest -p tests.conformance.plugin --conformance docs/conformance.md
    pytest -p tests.conformance.plugin --promise lobby-8 --promise lobby-9
    pytest -p tests.conformance.plugin --promises-to FILE --collect-only

The page is made of the results of this very run, so it cannot say more than the tests show. A
promise without a test, or with one that did not pass, fails the run.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.naming import kept_by, promises, unknown
from tests.conformance.page import Shown, page, summary


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("conformance")
    group.addoption("--conformance", metavar="FILE", help="write the page about all promises")
    group.addoption("--promise", action="append", default=[], help="only the tests that keep it")
    group.addoption("--promises-to", metavar="FILE", help="which tests keep which, as JSON")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Conformance(config), "conformance-run")


class Conformance:
    """One run."""

    def __init__(self, config: pytest.Config) -> None:
        self._known, self._titles = promises()
        self._config = config
        self._kept: dict[str, list[str]] = {}
        self._shown: dict[str, Shown] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        wanted = set(self._config.getoption("promise"))
        wrong = unknown(wanted, self._known)
        for item in items:
            marks = [mark.args for mark in item.iter_markers("promise")]
            kept = kept_by(item.name, marks)
            wrong += [f"{promise} ({item.nodeid})" for promise in unknown(kept, self._known)]
            if kept and (not wanted or wanted & set(kept)):
                self._kept[item.nodeid] = kept
        if wrong:
            raise pytest.UsageError(f"no such promise: {', '.join(wrong)}")
        others = [item for item in items if item.nodeid not in self._kept]
        self._config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item.nodeid in self._kept]
        listing = self._config.getoption("promises_to")
        if listing:
            Path(listing).write_text(json.dumps(self._kept))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        shown = self._shown.get(report.nodeid, Shown.PASSED)
        if report.failed:
            shown = Shown.FAILED
        elif report.skipped and shown is Shown.PASSED:
            shown = Shown.SKIPPED
        self._shown[report.nodeid] = shown

    def _results(self) -> Iterator[tuple[str, str, Shown]]:
        for nodeid, kept in self._kept.items():
            for promise in kept:
                yield promise, nodeid, self._shown.get(nodeid, Shown.NOT_RUN)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        target = self._config.getoption("conformance")
        if not target or self._config.getoption("collectonly"):
            return
        written, good = page(self._known.values(), self._titles, self._results())
        Path(target).write_text(written, encoding="utf-8")
        if not good and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        target = self._config.getoption("conformance")
        if target and not self._config.getoption("collectonly"):
            terminalreporter.section("conformance")
            for line in summary(self._known.values(), self._results()):
                terminalreporter.write_line(line)
            terminalreporter.write_line(f"written to {target}")
