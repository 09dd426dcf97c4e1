"""KernelRidge and the kernels: penalties, fits, matrices, many rows, landmarks."""

import math
import statistics

from processes import measure, print_header, print_ratio

RATIO_TITLES = "case", "seconds, ours / theirs", "ratio (range)", "MiB, ours / theirs"
SAME = 1e-8  # relative; of two ways to one solution

DATA = """
import numpy as np
import sklearn_depth
from himalaya.kernel_ridge import KernelRidgeCV
from sklearn.kernel_ridge import KernelRidge
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
rng = np.random.default_rng(0)
def target(X):
    return np.sin(2 * X[:, 0]) + X[:, 1] * X[:, 2]
def error(model):
    f = target(fresh)
    return float(np.mean((model.predict(fresh) - f) ** 2) / f.var())
X = rng.standard_normal(({n}, 10))
y = target(X) + 0.3 * rng.standard_normal({n})
fresh = rng.standard_normal((2000, 10))
rbf = dict(kernel="rbf", gamma=0.1)
alphas = np.logspace(-6, 2, 25)
"""
OURS = (
    "sklearn_depth.KernelRidge('loo', alphas=alphas, **rbf)",
    "sklearn_depth.KernelRidge('gcv', alphas=alphas, **rbf)",
)
RIVALS = (
    "GridSearchCV(KernelRidge(**rbf), {'alpha': alphas})",
    "KernelRidgeCV(alphas, kernel='rbf', kernel_params={'gamma': 0.1})",
)
CHOICES = [
    '"loo"',
    '"gcv"',
    "GridSearchCV, 5 folds",
    "himalaya's KernelRidgeCV, 5 folds",
]


def print_all(n_rows, repeats):
    """All tables; the sizes follow the largest, 100 000 for those of the page."""
    print_choices(n_rows // 50, repeats)
    print_fits(n_rows // 50, repeats)
    print_matrices(n_rows // 50, repeats)
    print_large(n_rows // 2, n_rows // 50)
    print_landmarks(n_rows // 20, repeats)


def print_choices(n, repeats):
    """One of 25 penalties."""
    setup = DATA.format(n=n)
    works = [f"model = {model}.fit(X, y)" for model in OURS + RIVALS]
    runs = [[measure(setup, work, "error(model)") for work in works]
            for _ in range(repeats)]  # fmt: skip
    print_header(*RATIO_TITLES, "test error, ours / theirs")
    for theirs in (2, 3):
        for ours in (0, 1):
            errors = f"{runs[0][ours][2]:.4f} / {runs[0][theirs][2]:.4f}"
            print_ratio(
                f"n={n}, one of 25 penalties: {CHOICES[ours]} / {CHOICES[theirs]}",
                [(run[ours], run[theirs]) for run in runs],
                errors,
                digits=3,
            )


# Everything is imported and has run once when the clock starts.
ONE_FIT = (
    DATA
    + """
from {module} import KernelRidge
model = KernelRidge(0.1, **rbf).fit(X[:50], y[:50])
"""
)
SIDES = "sklearn_depth", "sklearn.kernel_ridge"


def print_fits(n, repeats):
    """A given penalty, and predictions, against scikit-learn's KernelRidge."""
    print_header(*RATIO_TITLES)
    for size in (n // 4, n, 5 * n // 2):
        times = max(1, round(2 * (n / size) ** 2))
        title = f"n={size}: one fit / scikit-learn's"
        print_calls(title, size, times, "model.fit(X, y)", "", repeats)
    title = f"n={n}: 2000 predictions / scikit-learn's"
    predict = "model.predict(fresh)"
    print_calls(title, n, 4, predict, "model.fit(X, y)", repeats)
    title = f'n={n}: "loo", one of 25 penalties / one fit of scikit-learn\'s'
    works = [f"model = {OURS[0]}.fit(X, y)", "model.fit(X, y)"]
    setups = [ONE_FIT.format(n=n, module=module) for module in SIDES]
    runs = [tuple(map(measure, setups, works)) for _ in range(repeats)]
    print_ratio(title, runs, digits=3)


def print_calls(title, n, times, call, before, repeats):
    """The same call of both sides, so many times; both must come to the same."""
    setups = [ONE_FIT.format(n=n, module=module) + before for module in SIDES]
    work = f"for _ in range({times}): {call}"
    result = "float(np.linalg.norm(model.predict(fresh)))"
    runs = [[measure(setup, work, result) for setup in setups] for _ in range(repeats)]
    for ours, theirs in runs:
        if not math.isclose(ours[2], theirs[2], rel_tol=SAME):
            raise AssertionError(f"predictions differ: {ours[2]} and {theirs[2]}")
    calls = [[(seconds / times, peak) for seconds, peak, _ in run] for run in runs]
    print_ratio(title, calls, digits=3)


KERNELS = """
import numpy as np
from sklearn.metrics.pairwise import rbf_kernel
from sklearn_depth.kernels import *
X = np.random.default_rng(0).standard_normal(({n}, 50))
{call}
"""
CALLS = {
    "the product X X'": "X @ X.T",
    "scikit-learn's rbf_kernel": "rbf_kernel(X)",
    "hermite, degree 3": "hermite_kernel(X)",
    "arc_cosine, order 0": "arc_cosine_kernel(X, order=0)",
    "arc_cosine, order 1": "arc_cosine_kernel(X)",
    "arc_cosine, order 2": "arc_cosine_kernel(X, order=2)",
    "nngp": "nngp_kernel(X)",
    "nngp, depth 4": "nngp_kernel(X, depth=4)",
    "nngp, erf": 'nngp_kernel(X, activation="erf")',
    "nngp, tanh": 'nngp_kernel(X, activation="tanh")',
    "ntk": "ntk_kernel(X)",
    "ntk, depth 4": "ntk_kernel(X, depth=4)",
    "ntk, tanh": 'ntk_kernel(X, activation="tanh")',
    "dual_activation": "dual_activation_kernel(X)",
    "dual_activation, degree 8": "dual_activation_kernel(X, degree=8)",
    "biased_ntk": "biased_ntk_kernel(X)",
}
TIMES = 3  # calls of each, after a first


def print_matrices(n, repeats):
    """Each kernel matrix beside the product alone and the RBF kernel."""
    runs = []
    for _ in range(repeats):
        setups = [KERNELS.format(n=n, call=call) for call in CALLS.values()]
        works = [f"for _ in range({TIMES}): {call}" for call in CALLS.values()]
        runs.append(dict(zip(CALLS, map(measure, setups, works), strict=True)))
    product, rbf, *_ = CALLS
    print_header(
        f"kernel, n={n}, d=50",
        "ms",
        f"times {rbf} (range)",
        f"times {product} (range)",
        "MiB",
    )
    for name in CALLS:
        milliseconds = statistics.median(1e3 / TIMES * run[name][0] for run in runs)
        peak = statistics.median(run[name][1] for run in runs)
        ratios = [
            sorted(run[name][0] / run[other][0] for run in runs)
            for other in (rbf, product)
        ]
        cells = [f"{statistics.median(r):.2f} ({r[0]:.2f}-{r[-1]:.2f})" for r in ratios]
        print(f"| {name} | {milliseconds:.1f} |", " | ".join(cells), f"| {peak:.0f} |")


LANDMARKS = (
    "sklearn_depth.KernelRidge({alpha!r}, n_components={m}, random_state=0, {kernel})"
)
NYSTROEM = """make_pipeline(
    Nystroem(n_components={m}, random_state=0, **rbf), Ridge(0.1, fit_intercept=False)
)"""
RBF, NTK = "**rbf", "kernel='ntk'"


def print_large(n, m):
    """Landmarks on many rows."""
    print_header(
        f"n={n}, d=10, float64, m={m} landmarks", "seconds", "MiB", "test error"
    )
    setup = DATA.format(n=n)
    cases = [("rbf", alpha, RBF) for alpha in ("loo", "gcv", 0.1)]
    models = {
        f"{name}, alpha={alpha!r}": LANDMARKS.format(alpha=alpha, m=m, kernel=kernel)
        for name, alpha, kernel in [*cases, ("ntk", "loo", NTK)]
    }
    models["scikit-learn's Nystroem, rbf, + Ridge(0.1)"] = NYSTROEM.format(m=m)
    for name, model in models.items():
        work = f"model = {model}.fit(X, y)"
        seconds, peak, error = measure(setup, work, "error(model)")
        print(f"| {name} | {seconds:.1f} | {peak:.0f} | {error:.4f} |", flush=True)


TARGETS = {
    "sum of sines, d=5: rbf": """
X, y, truth = make_multi_index(
    {n}, n_features=5, n_directions=5, link=lambda Z: np.sin(1.5 * Z).sum(axis=1),
    noise=0.1, return_truth=True, random_state=0)
parameters = dict(kernel="rbf", gamma=0.2)
""",
    "absolute value of a projection, d=10: rbf": """
X, y, truth = make_single_index(
    {n}, n_features=10, link="abs", noise=0.1, return_truth=True, random_state=0)
parameters = dict(kernel="rbf", gamma=0.1)
""",
    "random ReLU network of depth 3, d=10: nngp": """
X, y, truth = make_random_network(
    {n}, 10, depth=3, activation="relu", noise=0.1, return_truth=True, random_state=0)
parameters = dict(kernel="nngp", kernel_params=dict(depth=3))
""",
}
TRUTH = """
import numpy as np
from sklearn_depth import KernelRidge
from sklearn_depth.datasets import make_multi_index, make_random_network
from sklearn_depth.datasets import make_single_index
"""
COMPARE = """
fresh, _ = truth.sample(2000, random_state=1)
clean = truth(fresh)
def error(f):
    return float(np.mean((f - clean) ** 2) / clean.var())
def predict(alpha, m=None, seed=0):
    model = KernelRidge(alpha, n_components=m, random_state=seed, **parameters)
    start = time.perf_counter()
    return model.fit(X, y), time.perf_counter() - start
exact, whole_seconds = predict("loo")
exact_f = exact.predict(fresh)
rows = [[0.0, error(exact_f), whole_seconds]]
for m in {sizes}:
    pairs = [(predict(exact.alpha_, m, seed)[0], *predict("loo", m, seed))
             for seed in range({repeats})]
    gaps = [np.mean((same.predict(fresh) - exact_f) ** 2) for same, _, _ in pairs]
    errors = [error(chosen.predict(fresh)) for _, chosen, _ in pairs]
    seconds = float(np.median([seconds for _, _, seconds in pairs]))
    rows.append([float(np.mean(gaps) ** 0.5 / exact_f.std()), np.mean(errors), seconds])
"""


def print_landmarks(n, repeats):
    """The error of landmarks, beside the exact solution."""
    sizes = [n // 20, n // 10, n // 5, 2 * n // 5]
    print_header(
        f"target and kernel, n={n}",
        "landmarks",
        "RMS difference from the exact solution at its penalty",
        'test error, "loo"',
        'seconds, "loo"',
    )
    compare = COMPARE.format(sizes=sizes, repeats=repeats)
    for name, data in TARGETS.items():
        _, _, rows = measure(TRUTH, data.format(n=n) + compare, "rows")
        for m, (gap, error, seconds) in zip(["all", *sizes], rows, strict=True):
            print(
                f"| {name} | {m} | {gap:.5f} | {error:.5f} | {seconds:.2f} |",
                flush=True,
            )
