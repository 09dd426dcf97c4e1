"""KernelRidge and the kernels: penalties, fits, matrices, many rows, landmarks."""

from speed.case import Case, Side

TITLE = "Kernel ridge regression"

DATA = """
import numpy as np
import sklearn_depth
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
HIMALAYA = "from himalaya.kernel_ridge import KernelRidgeCV"
CHOOSE = "sklearn_depth.KernelRidge('{}', alphas=alphas, **rbf)"
SEARCH = "GridSearchCV(KernelRidge(**rbf), {'alpha': alphas})"
HIMALAYA_CV = "KernelRidgeCV(alphas, kernel='rbf', kernel_params={'gamma': 0.1})"

# Everything is imported and has run once when the clock starts.
FITTED = """
from {module} import KernelRidge
model = KernelRidge(0.1, **rbf).fit(X[:50], y[:50])
"""
MODULES = {"ours": "sklearn_depth", "scikit-learn's": "sklearn.kernel_ridge"}

MATRIX = """
import numpy as np
from sklearn.metrics.pairwise import rbf_kernel
from sklearn_depth.kernels import *
X = np.random.default_rng(0).standard_normal(({n}, 50))
{call}
"""
CALLS = {
    "the product X X' alone": "X @ X.T",
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
    "biased_ntk": "biased_ntk_kernel(X)",
}

LANDMARKS = (
    "sklearn_depth.KernelRidge({alpha!r}, n_components={m}, random_state=0, **rbf)"
)
NYSTROEM = """make_pipeline(
    Nystroem(n_components={m}, random_state=0, **rbf), Ridge(0.1, fit_intercept=False)
)"""

TARGETS = {
    "sum of sines, d=5, rbf": """
X, y, truth = make_multi_index(
    {n}, n_features=5, n_directions=5, link=lambda Z: np.sin(1.5 * Z).sum(axis=1),
    noise=0.1, return_truth=True, random_state=0)
parameters = dict(kernel="rbf", gamma=0.2)
""",
    "absolute value of a projection, d=10, rbf": """
X, y, truth = make_single_index(
    {n}, n_features=10, link="abs", noise=0.1, return_truth=True, random_state=0)
parameters = dict(kernel="rbf", gamma=0.1)
""",
    "random ReLU network of depth 3, d=10, nngp": """
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
{data}
fresh, _ = truth.sample(2000, random_state=1)
clean = truth(fresh)
def error(model):
    return np.mean((model.predict(fresh) - clean) ** 2) / clean.var()
"""
# The distance to the exact solution is taken at its penalty.
GAP = """
exact = KernelRidge("gcv", **parameters).fit(X, y)
same = KernelRidge(exact.alpha_, n_components={m}, random_state=0, **parameters)
whole, part = exact.predict(fresh), same.fit(X, y).predict(fresh)
"""


def cases(quick):
    n = 600 if quick else 2000
    m = 300 if quick else 2000
    return [
        *choices(n),
        *fits(n),
        *(matrix(n, name) for name in CALLS),
        *many_rows(5000 if quick else 50_000, m),
        *(landmarks(1000 if quick else 5000, name) for name in TARGETS),
    ]


def choices(n):
    """One of 25 penalties."""
    search = fitted("GridSearchCV, 5 folds", SEARCH, DATA.format(n=n))
    himalaya = fitted("himalaya, 5 folds", HIMALAYA_CV, DATA.format(n=n) + HIMALAYA)
    return [
        Case(
            f'n={n}, one of 25 penalties: "{score}" / {theirs.name}',
            6,
            fitted(score, CHOOSE.format(score), DATA.format(n=n)),
            theirs,
            asked=asked,
            repeats=2,
        )
        for theirs, asked in ((search, "<= 0.025"), (himalaya, "<= 0.05"))
        for score in ("loo", "gcv")
    ]


def fitted(name, model, setup, more=""):
    numbers = f"test_error=error(model){more}"
    return Side(name, f"model = {model}.fit(X, y)", setup, numbers)


def fits(n):
    """A given penalty, and predictions, against scikit-learn's KernelRidge."""
    sizes = {
        size: max(1, round(2 * (n / size) ** 2)) for size in (n // 4, n, 5 * n // 2)
    }
    return [
        *(
            Case(
                f"n={size}: one fit / scikit-learn's",
                6,
                *calls(size, times, "model.fit(X, y)"),
                asked="<= 1",
                same=1e-8,
            )
            for size, times in sizes.items()
        ),
        Case(
            f"n={n}: 2000 predictions / scikit-learn's",
            6,
            *calls(n, 4, "model.predict(fresh)", "model.fit(X, y)"),
            same=1e-8,
        ),
    ]


def calls(n, times, call, before=""):
    """The same call of both sides, which must come to the same."""
    return [
        Side(
            f"{name} {call}",
            f"for _ in range({times}): {call}",
            DATA.format(n=n) + FITTED.format(module=module) + before,
            f"seconds=seconds / {times}, same=np.linalg.norm(model.predict(fresh))",
        )
        for name, module in MODULES.items()
    ]


def matrix(n, name):
    """A kernel matrix of float64 beside the RBF kernel's."""
    rbf = computed(n, "rbf_kernel", "rbf_kernel(X)")
    ours = computed(n, name, CALLS[name])
    return Case(f"n={n}, d=50: {name} / rbf_kernel", 6, ours, rbf, repeats=1)


def computed(n, name, call, times=3):
    setup = MATRIX.format(n=n, call=call)
    work = f"for _ in range({times}): {call}"
    return Side(name, work, setup, f"seconds=seconds / {times}")


def many_rows(n, m):
    """Landmarks on many rows, and scikit-learn's of the same number."""
    setup, about = DATA.format(n=n), f"n={n}, d=10, float64, {m} landmarks"
    nystroem = fitted("Nystroem + Ridge(0.1)", NYSTROEM.format(m=m), setup)
    loo, given = (
        fitted(str(alpha), LANDMARKS.format(alpha=alpha, m=m), setup)
        for alpha in ("loo", 0.1)
    )
    return [
        Case(f'{about}, "loo": memory', 6, loo, None, "<= 8192", "MiB", repeats=1),
        Case(f"{about}, alpha=0.1 / Nystroem + Ridge", 6, given, nystroem, repeats=1),
    ]


def landmarks(n, name):
    """A fifth of the rows as landmarks, beside the exact solution."""
    m, gap = n // 5, ", RMS_gap=np.mean((whole - part) ** 2) ** 0.5 / whole.std()"
    some = f"KernelRidge('gcv', n_components={m}, random_state=0, **parameters)"
    setup = TRUTH.format(data=TARGETS[name].format(n=n))
    return Case(
        f"{name}, n={n}: {m} landmarks / all rows",
        6,
        fitted("landmarks", some, setup + GAP.format(m=m), gap),
        fitted("all rows", "KernelRidge('gcv', **parameters)", setup),
        repeats=1,
    )
