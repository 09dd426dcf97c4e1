"""The width that an error takes, and how it grows."""

import numpy as np


def width_needed(widths, errors, goal):
    """Where the errors fall below a goal for good, on the broken line of logarithms.

    0 if they all are, which bounds the width from above; infinite if the last is not.
    """
    widths, errors = np.asarray(widths, dtype=float), np.asarray(errors, dtype=float)
    above = np.flatnonzero(errors > goal)
    if len(above) == 0:
        return 0.0
    last = above[-1]
    if last == len(errors) - 1:
        return np.inf
    ends = slice(last + 1, last - 1 if last else None, -1)
    log_width = np.interp(np.log(goal), np.log(errors[ends]), np.log(widths[ends]))
    return float(np.exp(log_width))


def growth(x, widths, law="power"):
    """Exponent of the power law c x^p, or rate of c e^(px), and what it leaves.

    Least squares on the logarithms of the widths. What is left is the root mean square
    of the residuals, as a factor; nan from less than three points.
    """
    if len(x) < 3:
        return np.nan, np.nan
    abscissa, log_width = np.log(x) if law == "power" else x, np.log(widths)
    line = np.polyfit(abscissa, log_width, 1)
    left = log_width - np.polyval(line, abscissa)
    return float(line[0]), float(np.exp(np.sqrt(np.mean(left**2))))
