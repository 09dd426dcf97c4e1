"""What the paper's Figures 1 and 2 show, read off their vector graphics."""

ROWS = (100, 316, 1000, 3162, 10_000, 31_623, 100_000)
# {(model, width): risks at ROWS}; Figure 1.
LEARNING = {
    ("algorithm_1", 100): (0.99, 0.905, 0.549, 0.254, 0.090, 0.051, 0.018),
    ("random_features", 100): (1.0, 0.99, 0.856, 0.810, 0.782, 0.775, 0.771),
    ("tangent_kernel", 100): (1.0, 0.935, 0.814, 0.708, 0.618, 0.570, 0.546),
    ("algorithm_1", 1000): (0.984, 0.881, 0.467, 0.192, 0.065),
    ("random_features", 1000): (0.996, 0.916, 0.720, 0.634, 0.539),
    ("tangent_kernel", 1000): (1.0, 0.855, 0.716, 0.585, 0.478),
}
# {samples of the source: risks at TRANSFER_ROWS of the target}; Figure 2.
TRANSFER_ROWS = (100, 1000, 10_000)
TRANSFER = {
    100: (0.98, 0.90, 0.82),
    1000: (0.84, 0.36, 0.26),
    10_000: (0.54, 0.13, 0.057),
    100_000: (0.36, 0.081, 0.021),
    1_000_000: (0.34, 0.071, 0.015),
}


def learning(model, width):
    """{samples: risk} of a line of Figure 1; empty where there is none."""
    return dict(zip(ROWS, LEARNING.get((model, width), ()), strict=False))


def transfer(n_source):
    """{samples of the target: risk} of a line of Figure 2."""
    return dict(zip(TRANSFER_ROWS, TRANSFER.get(n_source, ()), strict=False))
