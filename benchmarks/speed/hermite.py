"""Hermite regression: monomials, OpenTURNS, the product alone, growth with the rows."""

from speed.case import Case, Side

TITLE = "Hermite regression"

DATA = """
import numpy as np
import sklearn_depth
from sklearn.linear_model import Ridge, RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
rng = np.random.default_rng(0)
X = rng.standard_normal(({n}, {d}))
y = X[:, 0] * X[:, 1] + X[:, 2] ** 3 / 6 + 0.1 * rng.standard_normal({n})
"""
OURS = "model = sklearn_depth.HermitePolynomialRegressor(3, alpha={alpha}).fit(X, y)"
MONOMIALS = "make_pipeline(PolynomialFeatures(3), StandardScaler(), {}).fit(X, y)"
COLUMNS = "columns = sklearn_depth.features.HermiteFeatures(3).fit_transform(X)"

# The same basis, the same least squares; coefficients are compared by a projection.
# Both sides have run on a few rows when the clock starts.
CHAOS = """
import openturns as ot
every = ot.LinearEnumerateFunction({d})
basis = ot.OrthogonalProductPolynomialFactory([ot.HermiteFactory()] * {d}, every)
n_terms = every.getStrataCumulatedCardinal(3)
normal = ot.JointDistribution([ot.Normal()] * {d})
few, all_rows = ((ot.Sample(X[:n]), ot.Sample(y[:n, None])) for n in (500, {n}))
"""
RUN_CHAOS = """
algorithm = ot.FunctionalChaosAlgorithm(
    *{rows}, normal, ot.FixedStrategy(basis, n_terms), ot.LeastSquaresStrategy()
)
algorithm.run()
result = algorithm.getResult()
"""
OURS_CHAOS = (
    "model = sklearn_depth.HermitePolynomialRegressor(3, scaling=None, alpha=0)"
)
PROJECTED = "same=sum(np.sin(1 + np.arange({d}) @ np.array(a)) * c for a, c in {terms})"
OURS_TERMS = "zip(model.features_.powers_, model.coef_)"
CHAOS_TERMS = """[
    (list(every(i)), c[0])
    for i, c in zip(map(int, result.getIndices()), result.getCoefficients())
    if i > 0
]"""


def cases(quick):
    n, wide = (20_000, 12) if quick else (100_000, 20)
    return [
        *narrow(n),
        *broad(n // 5, wide),
        few_rows(n // 50, wide),
        against_chaos(n // 20),
        *growth(n),
    ]


def ours(n, d, alpha):
    return Side(f"alpha={alpha}", OURS.format(alpha=alpha), DATA.format(n=n, d=d))


def monomials(n, d, ridge):
    work = MONOMIALS.format(ridge)
    return Side(f"PolynomialFeatures, {ridge}", work, DATA.format(n=n, d=d))


def narrow(n):
    """Few columns, on which passes over the rows are what takes time."""
    fixed, theirs = ours(n, 10, 1.0), monomials(n, 10, "Ridge(1.0)")
    about, rival = f"d=10, n={n}", "monomials + Ridge"
    return [
        Case(f"{about}: alpha=1 / {rival}", 4, fixed, theirs, "<= 0.2"),
        Case(
            f"{about}: alpha=1, memory / {rival}", 4, fixed, theirs, "<= 0.2", "above"
        ),
        Case(f"{about}: GCV / {rival}", 4, ours(n, 10, "'gcv'"), theirs),
    ]


def broad(n, d):
    """Many columns, on which their products are what takes time."""
    fixed, ridge = ours(n, d, 1.0), monomials(n, d, "Ridge(1.0)")
    gcv = ours(n, d, "'gcv'")
    search = monomials(n, d, "RidgeCV(np.logspace(-6, 6, 25))")
    evidence = ours(n, d, "'evidence'")
    columns = Side("X'X", "columns.T @ columns", DATA.format(n=n, d=d) + COLUMNS)
    alone, many = "the symmetric product alone", "monomials + RidgeCV, 25 penalties"
    about = f"d={d}, n={n}"
    return [
        Case(f"{about}: alpha=1 / monomials + Ridge", 4, fixed, ridge, "<= 0.5"),
        Case(f"{about}: alpha=1 / {alone}", 4, fixed, columns),
        Case(f"{about}: GCV / {many}", 4, gcv, search, "<= 0.04", repeats=1),
        Case(f"{about}: evidence, 6 groups / GCV", 4, evidence, gcv, "<= 3"),
    ]


def few_rows(n, d):
    """Fewer than there are products, whose kernels take the time."""
    evidence, flat = (
        Side(
            f"alpha={alpha}",
            OURS.replace("(3", "(5").format(alpha=alpha),
            DATA.format(n=n, d=d),
        )
        for alpha in ("'evidence'", "'loo'")
    )
    title = f"d={d}, n={n}, degree 5: evidence, 15 groups / leave-one-out"
    return Case(title, 4, evidence, flat)


def against_chaos(n):
    """Both sides must find the same coefficients."""
    setup = DATA.format(n=n, d=10) + CHAOS.format(n=n, d=10)
    theirs, mine = (
        PROJECTED.format(d=10, terms=terms) for terms in (CHAOS_TERMS, OURS_TERMS)
    )
    warm = f"{OURS_CHAOS}.fit(X[:500], y[:500])"
    return Case(
        f"d=10, n={n}: alpha=0 / OpenTURNS, same coefficients",
        4,
        Side("alpha=0", f"{OURS_CHAOS}.fit(X, y)", setup + warm, mine),
        Side(
            "FunctionalChaosAlgorithm",
            RUN_CHAOS.format(rows="all_rows"),
            setup + RUN_CHAOS.format(rows="few"),
            theirs,
        ),
        asked="<= 0.05",
        same=1e-8,
    )


def growth(n):
    """Time a row, and memory, on ten times the rows."""
    few, many = (
        ours(size, 10, "'gcv'")._replace(
            name=f"n={size}", numbers=f"a_row=seconds / {size}"
        )
        for size in (n, 10 * n)
    )
    title = f"d=10, GCV, n={10 * n} / n={n}"
    return [
        Case(f"{title}: time a row", 4, many, few, "<= 1", "a_row"),
        Case(f"{title}: memory", 4, many, few, "constant", "above"),
    ]
