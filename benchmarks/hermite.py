"""Hermite regression: against monomials and OpenTURNS, by rows, and its own parts."""

import statistics

import numpy as np
from processes import measure, print_header

# What is resident once everything is imported and the data are made.
RESIDENT = """
def resident():
    pages = int(open("/proc/self/statm").read().split()[1])
    return pages * resource.getpagesize() / 2**20
"""
DATA = (
    RESIDENT
    + """
import numpy as np
import sklearn_depth
from sklearn.linear_model import Ridge, RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
rng = np.random.default_rng(0)
X = rng.standard_normal(({n}, {d}))
y = X[:, 0] * X[:, 1] + X[:, 2] ** 3 / 6 + 0.1 * rng.standard_normal({n})
{more}
before = resident()
"""
)
ABOVE = "peak - before"
OURS = "model = sklearn_depth.HermitePolynomialRegressor(3, alpha={alpha!r}).fit(X, y)"
MONOMIALS = "make_pipeline(PolynomialFeatures(3), StandardScaler(), {ridge}).fit(X, y)"
RIDGE_CV = "RidgeCV(np.logspace(-6, 6, 25))"
# The products alone: one call of BLAS, half of whose operations symmetry saves.
COLUMNS = "columns = sklearn_depth.features.HermiteFeatures(3).fit_transform(X)"
SYMMETRIC = "columns.T @ columns"

# The same basis, the same least squares.
CHAOS_DATA = """
import openturns as ot
every = ot.LinearEnumerateFunction({d})
basis = ot.OrthogonalProductPolynomialFactory([ot.HermiteFactory()] * {d}, every)
n_terms = every.getStrataCumulatedCardinal(3)
normal = ot.JointDistribution([ot.Normal()] * {d})
sample, target = ot.Sample(X), ot.Sample(y[:, None])
"""
CHAOS = """
algorithm = ot.FunctionalChaosAlgorithm(
    sample, target, normal, ot.FixedStrategy(basis, n_terms), ot.LeastSquaresStrategy()
)
algorithm.run()
result = algorithm.getResult()
"""
OURS_CHAOS = """
model = sklearn_depth.HermitePolynomialRegressor(3, scaling=None, alpha=0).fit(X, y)
"""
OURS_COEF = """[peak - before, sorted(
    (*map(int, powers), c) for powers, c in zip(model.features_.powers_, model.coef_)
)]"""
CHAOS_COEF = """[peak - before, sorted(
    (*map(int, every(i)), c[0])
    for i, c in zip(map(int, result.getIndices()), result.getCoefficients())
)[1:]]"""


def cases(n_rows):
    """Title, set-up, ours and theirs."""
    narrow = DATA.format(n=n_rows, d=10, more="")
    wide = DATA.format(n=n_rows // 5, d=20, more="")
    ridge, ridge_cv = (MONOMIALS.format(ridge=r) for r in ("Ridge(1.0)", RIDGE_CV))
    fixed, gcv = OURS.format(alpha=1.0), OURS.format(alpha="gcv")
    return [
        (f"d=10, n={n_rows}: alpha=1 / monomials + Ridge", narrow, fixed, ridge),
        (f"d=10, n={n_rows}: GCV / monomials + Ridge", narrow, gcv, ridge),
        (f"d=20, n={n_rows // 5}: alpha=1 / monomials + Ridge", wide, fixed, ridge),
        (
            f"d=20, n={n_rows // 5}: alpha=1 / the symmetric product of its columns",
            DATA.format(n=n_rows // 5, d=20, more=COLUMNS),
            fixed,
            SYMMETRIC,
        ),
        (
            f"d=20, n={n_rows // 5}: GCV / monomials + RidgeCV, 25 penalties",
            wide,
            gcv,
            ridge_cv,
        ),
    ]


def print_ratios(n_rows, repeats):
    print_header("case", "seconds, ours / theirs", "ratio (range)", "MiB above data")
    for title, setup, ours, theirs in cases(n_rows):
        runs = [
            (measure(setup, ours, ABOVE), measure(setup, theirs, ABOVE))
            for _ in range(repeats)
        ]
        print_row(title, runs)
    print_row(*against_openturns(n_rows // 20, repeats))


def against_openturns(n_rows, repeats):
    """The title and runs; both sides must find the same coefficients."""
    setup = DATA.format(n=n_rows, d=10, more=CHAOS_DATA.format(d=10))
    runs = []
    for _ in range(repeats):
        run = [
            measure(setup, OURS_CHAOS, OURS_COEF),
            measure(setup, CHAOS, CHAOS_COEF),
        ]
        ours, theirs = (coefficients for _, _, (_, coefficients) in run)
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-8)
        runs.append([(seconds, peak, above) for seconds, peak, (above, _) in run])
    return f"d=10, n={n_rows}: alpha=0 / OpenTURNS, same coefficients", runs


def print_row(title, runs):
    """Medians of both sides, from pairs of (seconds, peak, MiB above the data)."""
    ratios = sorted(ours[0] / theirs[0] for ours, theirs in runs)
    seconds, above = (
        [statistics.median(run[side][what] for run in runs) for side in (0, 1)]
        for what in (0, 2)
    )
    print(
        f"| {title} | {seconds[0]:.3f} / {seconds[1]:.3f} "
        f"| {statistics.median(ratios):.3f} ({ratios[0]:.3f}-{ratios[-1]:.3f}) "
        f"| {above[0]:.0f} / {above[1]:.0f} |",
        flush=True,
    )


def print_growth(n_rows):
    """Seconds and memory from a tenth to ten times as many rows."""
    print_header("rows, d=10, GCV", "seconds", "µs a row", "MiB above data")
    for n in (n_rows // 10, n_rows, 10 * n_rows):
        setup, work = DATA.format(n=n, d=10, more=""), OURS.format(alpha="gcv")
        seconds, _, above = measure(setup, work, ABOVE)
        print(f"| {n} | {seconds:.2f} | {1e6 * seconds / n:.1f} | {above:.0f} |")
