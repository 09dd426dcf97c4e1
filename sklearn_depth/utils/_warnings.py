"""Warnings at the line of the user's that led to them."""

import sys
import warnings

# What stands between a user and a function of ours that warns.
_BETWEEN = {"contextlib", "joblib", "sklearn", "sklearn_depth"}


def warn_caller(message, category=UserWarning):
    """Warn at the innermost line that is outside of this package and of its helpers."""
    frame, level = sys._getframe(1), 2
    while frame.f_back and package_of(frame) in _BETWEEN:
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


def package_of(frame):
    return frame.f_globals.get("__name__", "").partition(".")[0]
