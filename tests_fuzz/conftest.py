"""The report of the fuzzer: how many inputs of each class there were."""

from inputs import SEEN


def pytest_terminal_summary(terminalreporter):
    terminalreporter.section("inputs by class")
    for name, count in sorted(SEEN.items()):
        terminalreporter.write_line(f"{count:7,} {name}")
