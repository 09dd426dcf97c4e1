"""What a study says while it runs, and at its end."""

import time
from collections import Counter

from sklearn.exceptions import FitFailedWarning

from sklearn_depth.studies._cells import WARNED
from sklearn_depth.studies._shown import TOO_LATE
from sklearn_depth.studies._time_left import TimeLeft, in_words
from sklearn_depth.utils._warnings import warn_caller

_BETWEEN_WORDS = 1.0


class Progress:
    """A bar where asked for, with the time left; an early word of what fails.

    ``places`` are those of the cells that are still to be measured.
    """

    def __init__(self, labels, places, n_workers, verbose):
        self.labels, self.n_workers = labels, n_workers
        known = {*range(len(labels))}.difference(places)
        self.begun = {labels[place].get("estimator") for place in known}
        self.bar = progress_bar(len(labels), len(labels) - len(places), verbose)
        timed = self.bar is not None and "estimator" in labels[0]
        self.left = TimeLeft(labels, places) if timed else None
        self.said = 0.0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.bar is not None:
            self.bar.close()

    def add(self, place, values):
        """Note a cell that ended."""
        self.warn_if_first(place, values.get("error", ""))
        if self.left is not None:
            self.left.add(place, values)
            if time.monotonic() - self.said > _BETWEEN_WORDS:
                self.said = time.monotonic()
                words = in_words(self.left.by_estimator(), self.n_workers)
                self.bar.set_postfix_str(words, refresh=False)
        if self.bar is not None:
            self.bar.update()

    def warn_if_first(self, place, error):
        """Warn at once where the first cell of an estimator, or of all, fails."""
        label = self.labels[place]
        name = label.get("estimator")
        if name in self.begun or error == TOO_LATE:
            return
        self.begun.add(name)
        if error:
            whose = "" if name is None else f" of {name!r}"
            warn_caller(
                f"The first cell{whose} failed, {label}. It raised:\n{error}\nThe "
                "others go on; error_score='raise' stops at the first that fails.",
                FitFailedWarning,
            )


def progress_bar(total, n_done, verbose):
    """Cells done, rate and time left, on a terminal; None unless asked for."""
    if not verbose:
        return None
    from tqdm.auto import tqdm

    return tqdm(total=total, initial=n_done, unit="cell", disable=None)


def tell(labels, found):
    """Warn of what failed, of what was not begun in time, and of fits that warned."""
    tell_failures(found)
    tell_missing(labels, found)
    tell_warnings(labels, found)


def tell_failures(found):
    errors = [values["error"] for values in found if values.get("error")]
    errors = [error for error in errors if error != TOO_LATE]
    if errors:
        distinct = "\n".join(dict.fromkeys(errors))
        warn_caller(
            f"{len(errors)} of {len(found)} cells failed; see the column 'error' of "
            f"the result. They raised:\n{distinct}",
            FitFailedWarning,
        )


def tell_missing(labels, found):
    places = [k for k, values in enumerate(found) if values.get("error") == TOO_LATE]
    if places:
        warn_caller(
            f"{len(places)} of {len(found)} cells were not begun within time_limit"
            f"{by_name(labels, places)}; their column 'error' says so. With memory the "
            "next call measures them."
        )


def tell_warnings(labels, found):
    """One line on the warnings of all fits, with the first text of each kind."""
    places = [place for place, values in enumerate(found) if values.get(WARNED)]
    counts, texts = Counter(), {}
    for place in places:
        for kind, (count, text) in found[place][WARNED].items():
            counts[kind] += count
            texts.setdefault(kind, text)
    if places:
        kinds = [f"{count} {kind}, {texts[kind]!r}" for kind, count in counts.items()]
        warn_caller(
            f"{len(places)} of {len(found)} fits warned{by_name(labels, places)}: "
            f"{'; '.join(kinds)}. The column 'n_warnings' counts them."
        )


def by_name(labels, places):
    """How many of each estimator."""
    counts = Counter(labels[place].get("estimator") for place in places)
    if None in counts:
        return ""
    return f" ({', '.join(f'{name} {count}' for name, count in counts.items())})"
