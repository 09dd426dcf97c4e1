"""Work in fresh processes: its seconds, the process's peak memory and a result."""

import json
import statistics
import subprocess
import sys
import textwrap

SETUP = "import resource, time\n"
REPORT = r"""
seconds = time.perf_counter() - start
import json, re
# Of this process alone: getrusage passes on the peak of the one that started it.
peak = int(re.search(r"VmHWM:\s+(\d+)", open("/proc/self/status").read())[1]) / 1024
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


def print_ratio(title, runs, *cells, digits=2):
    """The row of a case, from pairs (ours, theirs) of measurements."""
    ratios = sorted(ours[0] / theirs[0] for ours, theirs in runs)
    median = statistics.median(ratios)
    seconds, memory = (
        [statistics.median(run[side][what] for run in runs) for side in (0, 1)]
        for what in (0, 1)
    )
    columns = [
        f"{seconds[0]:.{digits}f} / {seconds[1]:.{digits}f}",
        f"{median:.{digits}f} ({ratios[0]:.{digits}f}-{ratios[-1]:.{digits}f})",
        f"{memory[0]:.0f} / {memory[1]:.0f}",
        *cells,
    ]
    print(f"| {title} |", " | ".join(columns), "|", flush=True)
