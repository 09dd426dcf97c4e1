"""Work in fresh processes: its seconds, the process's peak memory and a result."""

import json
import statistics
import subprocess
import sys
import textwrap

SETUP = "import resource, time\n"
REPORT = """
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
import json
print(json.dumps([seconds, peak, {result}]))
"""


def measure(setup, work, result="None"):
    """Seconds of the work, peak MiB until its end, and the value of an expression."""
    report = REPORT.format(result=result)
    code = SETUP + setup + "\nstart = time.perf_counter()\n" + work + "\n" + report
    command = [sys.executable, "-c", textwrap.dedent(code)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(output)


def print_header(*titles):
    print("\n|", " | ".join(titles), "|")
    print("|" + "---|" * len(titles))


def print_ratio(title, runs):
    """The row of a case, from pairs (ours, theirs) of measurements."""
    ratios = sorted(ours[0] / theirs[0] for ours, theirs in runs)
    seconds, memory = (
        [statistics.median(run[side][what] for run in runs) for side in (0, 1)]
        for what in (0, 1)
    )
    print(
        f"| {title} | {seconds[0]:.2f} / {seconds[1]:.2f} "
        f"| {statistics.median(ratios):.2f} ({ratios[0]:.2f}-{ratios[-1]:.2f}) "
        f"| {memory[0]:.0f} / {memory[1]:.0f} |",
        flush=True,
    )
