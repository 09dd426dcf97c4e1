"""Inputs that are signs."""

import numpy as np


def random_signs(n_samples, n_features, rng):
    """Features uniform on {-1, 1}."""
    return 2.0 * rng.integers(0, 2, (n_samples, n_features)) - 1


def check_signs(X, columns):
    """Refuse other numbers than -1 and 1 in these features."""
    for column in columns:
        wrong = np.abs(X[:, column]) != 1
        if wrong.any():
            row = np.argmax(wrong)
            raise ValueError(
                f"X has {X[row, column]:g} in sample {row}, feature {column}, but this "
                "target is one of signs. Pass -1 and 1."
            )
