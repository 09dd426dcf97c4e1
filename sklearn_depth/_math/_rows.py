"""Rows that are equal."""

import numpy as np
from numpy.typing import NDArray


def equal_row_labels(X: NDArray) -> NDArray[np.intp]:
    """Label every row so that rows are equal where their labels are."""
    labels = np.unique(X[:, 0], return_inverse=True)[1]
    if labels.max(initial=-1) == len(X) - 1:  # told apart by the first column
        return labels
    rows = np.ascontiguousarray(X + 0.0)  # -0.0 becomes 0.0: compared by their bytes
    as_bytes = rows.view(np.dtype((np.void, rows.itemsize * rows.shape[1]))).ravel()
    return np.unique(as_bytes, return_inverse=True)[1]
