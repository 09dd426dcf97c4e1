"""Samples at which learning curves reach a target, and how they grow; in logarithms."""

import numpy as np


def log_samples_needed(log_n, errors, target):
    """Where errors, of shape (n_sizes,), fall below a target for good, on a line.

    Infinite where the last is above it or there are none, and minus infinity where none
    is above: then it was reached before the first size.
    """
    if len(errors) == 0 or errors[-1] > target:
        return np.inf
    above = np.flatnonzero(errors > target)
    if len(above) == 0:
        return -np.inf
    last = above[-1]
    ends = slice(last + 1, last - 1 if last else None, -1)  # the errors must rise
    return np.interp(target, errors[ends], log_n[ends])


def log_median(log_needed):
    """Over the last axis; infinite if half do not reach the target."""
    with np.errstate(invalid="ignore"):  # one half reached it at once, and one never
        middle = np.median(log_needed, axis=-1)
    return np.where(np.isnan(middle), np.inf, middle)


def fit_power(log_d, log_n):
    """Exponent k and log c of c d^k by least squares, of medians that are finite.

    NaN from less than two of them.
    """
    usable = np.isfinite(log_n)
    if usable.sum() < 2:
        return np.nan, np.nan
    log_d, log_n = log_d[usable], log_n[usable]
    centred = log_d - log_d.mean()
    exponent = centred @ log_n / (centred @ centred)
    return exponent, log_n.mean() - exponent * log_d.mean()


def resampled_exponents(log_d, log_needed, n_resamples, rng):
    """Exponents of medians over repeats drawn with replacement at each dimension."""
    draws = np.empty((n_resamples, len(log_d)))
    for k, of_repeats in enumerate(log_needed):
        chosen = rng.integers(len(of_repeats), size=(n_resamples, len(of_repeats)))
        draws[:, k] = log_median(of_repeats[chosen])
    return np.array([fit_power(log_d, medians)[0] for medians in draws])
