"""A side in a fresh process: its seconds, the process's peak memory, its numbers."""

import json
import os
import subprocess
import sys
import textwrap

START = """
import json, re, resource, time
def resident():
    pages = int(open("/proc/self/statm").read().split()[1])
    return pages * resource.getpagesize() / 2**20
{setup}
before = resident()
start, cpu = time.perf_counter(), time.process_time()
{work}
seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
# Of this process alone: getrusage passes on the peak of the one that started it.
peak = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024
measured = dict(seconds=seconds, cpu=cpu, MiB=peak, above=peak - before)
print(json.dumps(measured | dict({numbers}), default=float))
"""
POOLS = "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"


def measure(name, work, setup, numbers, threads, repeat):
    """Seconds on the clock and of CPUs, MiB at the peak and since the start.

    Name and repeat only tell one measurement from another.
    """
    parts = {"setup": setup, "work": work, "numbers": numbers}
    code = START.format(**{key: textwrap.dedent(part) for key, part in parts.items()})
    command = [sys.executable, "-c", code]
    pools = dict.fromkeys(POOLS, str(threads)) if threads else {}
    process = subprocess.run(
        command, env=os.environ | pools, capture_output=True, text=True
    )
    if process.returncode:
        *_, last = ["", *process.stderr.strip().splitlines()]
        raise RuntimeError(last or f"the process ended with {process.returncode}")
    return json.loads(process.stdout)
