"""Gaussian elimination modulo 2: it learns parities, from no statistics of labels."""

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin


class ParityElimination(ClassifierMixin, BaseEstimator):
    """The parity of features, and perhaps its opposite, that all labels agree with.

    Labels are booleans. Where none agrees with all of them, nothing is promised.
    """

    def fit(self, X, y):
        self.classes_ = np.array([False, True])
        self.coef_ = solve_modulo_two(with_constant(X), y)
        return self

    def predict(self, X):
        return (with_constant(X) @ self.coef_) % 2 == 1


def with_constant(X):
    return np.column_stack([X % 2, np.ones(len(X))]).astype(int)


def solve_modulo_two(A, b):
    """A solution x of A x = b modulo 2, 0 where the rows leave it open."""
    system = np.column_stack([A, b]).astype(bool)
    pivots = []
    for column in range(A.shape[1]):
        rank = len(pivots)
        found = rank + np.flatnonzero(system[rank:, column])
        if len(found) == 0:
            continue
        system[[rank, found[0]]] = system[[found[0], rank]]
        others = system[:, column].copy()
        others[rank] = False
        system[others] ^= system[rank]
        pivots.append(column)
    solution = np.zeros(A.shape[1], dtype=int)
    solution[pivots] = system[: len(pivots), -1]
    return solution
