"""Fresh data of a cell from a generator, and what a generator must give."""

import numpy as np

from sklearn_depth.studies._seeds import cell_seeds


def draw(make_dataset, n_samples, n_features, seed):
    """X, y and the planted target, or None, of checked shapes."""
    sizes = {"n_samples": n_samples}
    if n_features is not None:
        sizes["n_features"] = n_features
    call = ", ".join(f"{name}={size}" for name, size in sizes.items())
    try:
        drawn = make_dataset(**sizes, random_state=seed)
    except Exception as error:
        error.add_note(f"It was called as make_dataset({call}, random_state={seed}).")
        raise
    if not isinstance(drawn, tuple) or len(drawn) not in (2, 3):
        raise ValueError(
            f"make_dataset({call}) returned {type(drawn).__name__}; it must return "
            "X, y or X, y, truth."
        )
    X, y, truth = (*drawn, None)[:3]
    shapes = np.shape(X), np.shape(y)
    columns = shapes[0][1:] if n_features is None else (n_features,)
    fit = shapes[0] == (n_samples, *columns) and len(columns) == 1
    if not fit or shapes[1][:1] != (n_samples,):
        raise ValueError(
            f"make_dataset({call}) returned X of shape {shapes[0]} and y of shape "
            f"{shapes[1]}; they must have {n_samples} rows, and X as many columns as "
            "n_features."
        )
    if truth is not None and not callable(truth):
        raise ValueError(
            f"make_dataset({call}) returned a truth, {type(truth).__name__}, that "
            "cannot be called. It must be a function of X, or be left out."
        )
    return X, y, truth


def train_and_test(make_dataset, n_samples, n_features, n_test, seed):
    """One draw of rows to learn from and to test on, these without noise if known."""
    X, y, truth = draw(make_dataset, n_samples + n_test, n_features, seed)
    X_test, y_test = X[n_samples:], y[n_samples:]
    if truth is not None:
        y_test = truth(X_test)
    return X[:n_samples], y[:n_samples], X_test, y_test


def check_draws(make_dataset, grid, entropy):
    """One small draw of each dimension, so that a wrong generator is told at once."""
    for d, n in {d: (d, n) for d, n in reversed(grid)}.values():
        data_seed, _ = cell_seeds(entropy, n, d, 0)
        draw(make_dataset, n, d, data_seed)
