"""`--seconds`: how long the tests of each folder took, for the table in README.md beside this."""

from collections import defaultdict

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """A hook of pytest, which conftest.py takes from here, as the next one."""
    parser.addoption("--seconds", action="store_true", help="tell the seconds of each folder")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not terminalreporter.config.getoption("seconds"):
        return
    seconds: defaultdict[str, float] = defaultdict(float)
    tests: defaultdict[str, int] = defaultdict(int)
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                folder = _folder(report.nodeid)
                seconds[folder] += report.duration  # of its set-up, of itself, of its end
                tests[folder] += report.when == "call"
    terminalreporter.section("seconds of each folder, as if one test ran at a time")
    for folder in sorted(seconds, key=lambda folder: -seconds[folder]):
        terminalreporter.write_line(f"{seconds[folder]:7.1f}  {tests[folder]:5}  {folder}")
    total = f"{sum(seconds.values()):7.1f}  {sum(tests.values()):5}  all"
    terminalreporter.write_line(total)


def _folder(nodeid: str) -> str:
    """tests/core for tests/core/test_ids.py::test_x; tests for a file that lies there itself."""
    path = nodeid.partition("::")[0]
    return "/".join(path.split("/")[:-1][:2])
