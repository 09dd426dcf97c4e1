"""Scores of learners against the number of samples and of features."""

from functools import partial
from itertools import product
from numbers import Integral

import numpy as np
import sklearn

import sklearn_depth
from sklearn_depth.studies._arguments import (
    LABELS,
    MEASURED,
    RUN,
    SEEDS,
    check_score_names,
    directions,
    named_datasets,
    named_estimators,
    named_scorers,
    size_grid,
)
from sklearn_depth.studies._cells import Cell
from sklearn_depth.studies._engine import How, Plan, carry_out
from sklearn_depth.studies._fingerprint import fingerprint, one_line, shown
from sklearn_depth.studies._fit_and_score import (
    cell_seeds,
    check_draws,
    fit_and_score,
    study_entropy,
)
from sklearn_depth.studies._store import open_store
from sklearn_depth.utils._constraints import POSITIVE_INTEGER
from sklearn_depth.utils._random import RANDOM_STATE
from sklearn_depth.utils._sklearn import Interval, validate_arguments

# Constraints of what says what is measured.
CURVE = {
    "estimators": "no_validation",  # named_estimators says more
    "make_dataset": [callable, dict],
    "train_sizes": ["array-like", callable],
    "n_features": ["array-like", Integral, None],
    "n_repeats": [POSITIVE_INTEGER],
    "n_test": [Interval(Integral, 2, None, closed="left")],
    "scoring": [str, callable, list, tuple, dict],
    "random_state": RANDOM_STATE,
    "return_estimators": ["boolean"],
}


@validate_arguments(CURVE | RUN)
def sample_complexity_curve(
    estimators,
    make_dataset,
    *,
    train_sizes,
    n_features=None,
    n_repeats=5,
    n_test=10_000,
    scoring="normalized_mse",
    random_state=None,
    n_jobs=None,
    memory=None,
    verbose=0,
    return_estimators=False,
    time_limit=None,
    error_score=np.nan,
):
    r"""Score estimators on fresh draws of growing size and dimension.

    For each number of features d, of samples n, and repeat r, data are drawn anew from
    the seed :math:`s(d, n, r)`, the same for all estimators, and each is scored on
    ``n_test`` further samples of the same draw:

    .. math:: \text{score}(e, d, n, r)
        = S\big(\hat f_{e}(X_{1:n}, y_{1:n}), X_{n+1:n+n_{test}}\big), \qquad
        (X, y) \sim D_d(s(d, n, r))

    Parameters
    ----------
    estimators : dict, list of (str, estimator) pairs, or estimator
        What is fitted, by name: pipelines and searches too. A lone estimator has the
        name of its class. Where a ``random_state`` is None, of the estimator, a part of
        it or a splitter, each cell sets one of its own; one that is given stays. The
        global generators of Python, NumPy and torch are seeded in each cell, too.
    make_dataset : callable or dict of str to callable
        Called as ``make_dataset(n_samples=, n_features=, random_state=)``, without
        ``n_features`` if that is None, by keyword, with an int as seed. It returns
        ``X, y`` or ``X, y, truth``; with a truth, fits are scored against ``truth(X)``,
        the target without noise. All generators of :mod:`sklearn_depth.datasets` and
        most of scikit-learn's fit; bind other parameters by ``functools.partial``.
        Several are a dict by name, the column ``dataset``; they have the same seeds.
    train_sizes : array-like of int, or callable
        Numbers of samples; or a function of the number of features that gives them.
    n_features : int, array-like of int or None, default=None
        Numbers of features; None leaves them to ``make_dataset``.
    n_repeats : int, default=5
        Draws for each size and dimension.
    n_test : int, default=10_000
        Fresh samples that a fit is scored on.
    scoring : str, callable, list, tuple or dict, default="normalized_mse"
        ``"normalized_mse"``, ``"excess_log_loss"``, the name of a scorer of
        scikit-learn, or a ``scorer(estimator, X, y)``; several as a list of names, as a
        dict, or as a callable that returns a dict of numbers. Each has a column, that
        of a callable is called "score". The excess log loss of a classifier is the mean
        of :math:`\sum_c p_c \log(p_c / \hat p_c)` over the test samples, with the true
        probabilities p from ``truth.predict_proba``; it is 0 at the truth.
    random_state : int, RandomState, Generator or None, default=None
        Seed of the study; with ``memory`` an int, so that cells can be found again.
    n_jobs : int, default=None
        Cells at a time, as joblib has it; ``joblib.parallel_config`` says where, on
        one machine or many.
    memory : str, path, joblib.Memory or None, default=None
        Where each cell is kept as soon as it ends. The next call computes what is
        missing: other sizes, repeats or estimators, and those whose parameters have
        changed. A cell goes by its estimator's class and parameters, the code of
        functions and of classes that are not installed, sizes, seeds and scoring, not
        by versions: clear it after upgrades. Cells are pickles: a directory from
        elsewhere can run any code, so trust its source.
    verbose : int, default=0
        With 1, a progress bar with the time left by estimator, on a terminal.
    return_estimators : bool, default=False
        Whether the result has the fitted estimators.
    time_limit : float or None, default=None
        Seconds after which no cell is begun; those that run are finished. The others
        have NaN and say so in the column ``error``, and the next call with ``memory``
        measures them.
    error_score : "raise" or float, default=numpy.nan
        The scores of a fit that failed; "raise" raises its error in place of going on.

    Returns
    -------
    result : StudyResult
        A row for each repeat, data set, number of features and samples, and estimator,
        nested in this order. Columns: ``dataset`` if ``make_dataset`` is a dict,
        ``estimator``, ``n_samples``, ``n_features`` (unless that is None), ``repeat``,
        ``data_seed``, ``estimator_seed``, the scores by name, ``fit_time`` and
        ``score_time`` in seconds by the wall clock, ``n_warnings``, how often fit and
        scores warned, once a text and line of code, and ``error``.

    Raises
    ------
    ValueError
        If a grid is empty, names are not distinct strings, a size is no positive
        number, a scorer is unknown, the generator returns other shapes than asked for
        or no truth that a score needs, ``memory`` cannot be written to or comes without
        an int as seed: before anything is fitted.
    TypeError
        If an estimator has no ``fit`` or ``get_params``, or is a class, or a generator
        cannot be called.

    Warns
    -----
    FitFailedWarning
        If fits failed, or scores were not finite: at once if it is the first of its
        estimator, and at the end. Their scores are ``error_score``, the column
        ``error`` has the message, and the next call with ``memory`` tries them again.
    UserWarning
        If fits warned, one line on all of them; if time was up, what is missing.

    See Also
    --------
    scaling_exponent : How the samples needed grow with the features.
    SampleComplexityDisplay : Draws the result.
    sklearn.model_selection.learning_curve : One estimator on parts of one data set.

    Notes
    -----
    Results depend on neither ``n_jobs``, nor the backend, nor which other cells there
    are, to the rounding of BLAS with other numbers of threads. A cell alone is
    ``make_dataset(n_samples=n_samples + n_test, n_features=n_features,
    random_state=data_seed)``, whose first ``n_samples`` are fitted, with
    ``estimator_seed`` where the estimator had no seed, and for the global generators.

    Repeats are the outermost loop: each pass through the grid has all sizes, so that
    the time left is well estimated after the first, and what is there when the time is
    up can be compared. Several workers take the largest cells first, unless there is a
    ``time_limit``, so that none is left with a long one at the end.

    Examples
    --------
    >>> from sklearn.linear_model import LinearRegression
    >>> from sklearn_depth import HermitePolynomialRegressor
    >>> from sklearn_depth.datasets import make_single_index
    >>> from sklearn_depth.studies import sample_complexity_curve
    >>> result = sample_complexity_curve(
    ...     {"linear": LinearRegression(), "Hermite": HermitePolynomialRegressor(2)},
    ...     make_single_index,
    ...     train_sizes=[100, 1000],
    ...     n_features=5,
    ...     n_repeats=1,
    ...     random_state=0,
    ... )
    >>> for row in result.rows():
    ...     print(row["estimator"], row["n_samples"], f"{row['normalized_mse']:.1f}")
    linear 100 1.2
    Hermite 100 0.0
    linear 1000 1.0
    Hermite 1000 0.0
    """
    if memory is not None and not isinstance(random_state, Integral):
        raise ValueError(
            f"memory={memory!r} with random_state={random_state!r}: no later call "
            "would draw the same data and find the cells. Pass an int."
        )
    plan = plan_curve(
        estimators,
        make_dataset,
        train_sizes=train_sizes,
        n_features=n_features,
        n_repeats=n_repeats,
        n_test=n_test,
        scoring=scoring,
        random_state=random_state,
        return_estimators=return_estimators,
    )
    how = How(n_jobs, verbose, time_limit, error_score)
    return carry_out(plan, open_store(memory), how)


def plan_curve(
    estimators,
    make_dataset,
    *,
    train_sizes,
    n_features=None,
    n_repeats=5,
    n_test=10_000,
    scoring="normalized_mse",
    random_state=None,
    return_estimators=False,
):
    """A cell a repeat, data set, dimension, size and estimator, in this nesting."""
    estimators = named_estimators(estimators)
    datasets = named_datasets(make_dataset)
    scorers = named_scorers(scoring)
    check_score_names(scorers)
    grid = size_grid(train_sizes, n_features)
    entropy = study_entropy(random_state)
    for name, make in datasets.items():
        check_draws(make, grid, entropy, scorers, name)
    how = {"n_test": n_test, "scorers": scorers, "return_estimators": return_estimators}
    fits = {
        name: partial(fit_and_score, make_dataset=make, **how)
        for name, make in datasets.items()
    }
    labels, cells = curve_cells(fits, estimators, grid, n_repeats, entropy)
    config = {
        "estimators": {name: one_line(e) for name, e in estimators.items()},
        "make_dataset": shown_datasets(datasets),
        "train_sizes": {str(d): [n for e, n in grid if e == d] for d, _ in grid},
        "n_repeats": int(n_repeats),
        "n_test": int(n_test),
        "scoring": directions(scorers),
        "random_state": entropy,
        "versions": {m.__name__: m.__version__ for m in (sklearn_depth, sklearn, np)},
    }
    return Plan(labels, cells, config, (*scorers, *MEASURED))


def curve_cells(fits, estimators, grid, n_repeats, entropy):
    """What tells cells apart, and the cells, the same whatever others there are."""
    names = {
        (dataset, name): fingerprint([estimator, fit.keywords])
        for dataset, fit in fits.items()
        for name, estimator in estimators.items()
    }
    labels, cells = [], []
    for repeat, dataset, (d, n) in product(range(n_repeats), fits, grid):
        seeds = cell_seeds(entropy, n, d, repeat)
        for name, estimator in estimators.items():
            values = (dataset, name, n, d, repeat, *seeds)
            place = zip((*LABELS, *SEEDS), values, strict=True)
            labels.append({name: value for name, value in place if value is not None})
            key = fingerprint([names[dataset, name], n, d, *seeds])
            fit = partial(fits[dataset], estimator, n, d, *seeds)
            cells.append(Cell(key, fit, seeds[1]))
    return labels, cells


def shown_datasets(datasets):
    """The generator for a reader, or each by its name."""
    if None in datasets:
        return shown(datasets[None])
    return {name: shown(make) for name, make in datasets.items()}
