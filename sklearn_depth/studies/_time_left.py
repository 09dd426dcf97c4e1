"""How long the cells that are left take, by estimator, from those that have ended."""

from collections import Counter, defaultdict

import numpy as np

_SIZES = ("n_samples", "n_features")
_UNITS = (("d", 86_400), ("h", 3600), ("min", 60))


class TimeLeft:
    """Seconds of work left by estimator.

    A cell takes the mean time of those of its estimator, data set and sizes; at sizes
    without any, what a power of the sizes says that is fitted to the others.
    """

    def __init__(self, labels, places):
        self.kinds = {place: kind_of(labels[place]) for place in places}
        self.left = Counter(self.kinds.values())
        self.spent = defaultdict(lambda: [0.0, 0])

    def add(self, place, values):
        """Count a cell that ended, and its time if it has one."""
        kind = self.kinds[place]
        self.left[kind] -= 1
        seconds = values.get("fit_time", 0) + values.get("score_time", 0)
        if seconds > 0:
            spent = self.spent[kind]
            spent[0] += seconds
            spent[1] += 1

    def by_estimator(self):
        """Seconds by name of those with cells left; None where none has been timed."""
        laws = self.laws()
        seconds = {}
        for kind, n_left in self.left.items():
            name, *_ = kind
            if n_left:
                one = self.of_one(kind, laws.get(name))
                before = seconds.get(name, 0.0)
                seconds[name] = None if None in (one, before) else before + n_left * one
        return seconds

    def of_one(self, kind, law):
        if kind in self.spent:
            total, n_cells = self.spent[kind]
            return total / n_cells
        return None if law is None else float(np.exp(law @ terms_of(kind)))

    def laws(self):
        """Coefficients of log seconds in 1 and the logarithms of the sizes.

        Without enough sizes they are those nearest to the first powers.
        """
        timed = defaultdict(list)
        for kind, (total, n_cells) in self.spent.items():
            timed[kind[0]].append((terms_of(kind), np.log(total / n_cells)))
        return {name: power_law(*zip(*pairs)) for name, pairs in timed.items()}  # noqa: B905


def kind_of(label):
    """What cells of one duration share: estimator, data set and sizes."""
    sizes = (label.get(name) or 1 for name in _SIZES)
    return label["estimator"], label.get("dataset"), *sizes


def terms_of(kind):
    return np.array([1.0, *np.log(kind[2:])])


def power_law(terms, log_seconds):
    terms, first = np.array(terms), np.array([0.0, 1.0, 1.0])
    rest = np.array(log_seconds) - terms @ first
    centred = terms - terms.mean(axis=0)
    slopes = np.linalg.lstsq(centred, rest - rest.mean())[0]
    return first + slopes + [(rest - terms @ slopes).mean(), 0, 0]


def in_words(seconds, n_workers=1):
    """How long is left, and by estimator, or nothing before any was timed."""
    known = {name: value for name, value in seconds.items() if value is not None}
    if not known:
        return ""
    parts = [f"{name} {duration(value / n_workers)}" for name, value in known.items()]
    parts += [f"{name} not yet known" for name in seconds if name not in known]
    total = duration(sum(known.values()) / n_workers)
    return f"about {total} left" + (f" ({', '.join(parts)})" if len(parts) > 1 else "")


def duration(seconds):
    """A length of time in its largest unit."""
    for unit, size in _UNITS:
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.2g} s"
