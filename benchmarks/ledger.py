"""Measurements in a file, so that a long run may stop and go on."""

import csv
from pathlib import Path


class Ledger:
    """Pairs (error, seconds) by key, each measured once; in memory without a path.

    A key is a tuple of strings and whole numbers. The file is a CSV table that grows
    by a line a measurement: to measure anew, take lines out.
    """

    def __init__(self, path=None):
        self.path = path
        self.known = {}
        if path is not None and Path(path).exists():
            with open(path, newline="") as file:
                for *key, error, seconds in csv.reader(file):
                    self.known[tuple(key)] = float(error), float(seconds)

    def get(self, key, work):
        """The measurement of a key: what is known, or what ``work()`` returns."""
        key = tuple(str(part) for part in key)
        if key not in self.known:
            self.known[key] = tuple(work())
            self._append(key)
        return self.known[key]

    def _append(self, key):
        if self.path is not None:
            with open(self.path, "a", newline="") as file:
                csv.writer(file).writerow([*key, *self.known[key]])
