"""Sparsity, spectrum or errors of the biased NTK, a cell of config.toml's study."""

import time

from experiments.biased_ntk.models import PARTS


def measure(part, **cell):
    """What a part measures, and CPU seconds."""
    begin = time.process_time()
    found = PARTS[part](**cell)
    found["cpu_seconds"] = time.process_time() - begin
    return {name: float(value) for name, value in found.items()}
