"""Which fits there are: studies, targets, rows, dimensions and models."""

from dataclasses import dataclass
from math import comb
from typing import NamedTuple

from experiments.damian_lee_soltanolkotabi_2022.data import Target

# Standard deviations, where the targets have 1.
NOISE = {"learning": 1.0, "transfer": 1.0, "samples": 0.1}


class Task(NamedTuple):
    """What one row of the results is about; only transfer has rows of a source."""

    study: str
    link: str
    d: int
    width: int
    n_source: int
    n: int
    seed: int
    model: str

    @property
    def target(self):
        return Target(self.link, self.d, NOISE[self.study], self.seed)


@dataclass(frozen=True)
class Grid:
    """Fits of some models to one target: all pairs of rows."""

    study: str
    link: str
    models: tuple[str, ...]
    rows: tuple[int, ...]
    d: int = 10
    width: int = 100
    sources: tuple[int, ...] = (0,)
    most_seeds: int = 5

    def tasks(self, n_seeds):
        return [
            Task(self.study, self.link, self.d, self.width, n_source, n, seed, model)
            for seed in range(min(n_seeds, self.most_seeds))
            for n_source in self.sources
            for n in self.rows
            for model in self.models
        ]


@dataclass(frozen=True)
class Size:
    """Which fits there are."""

    grids: tuple[Grid, ...]
    n_test: int

    def tasks(self, n_seeds):
        """All fits, grid by grid."""
        return [task for grid in self.grids for task in grid.tasks(n_seeds)]


def half_decades(low, high):
    """10^low, 10^(low + 1/2), ..., 10^high."""
    return tuple(round(10 ** (low + k / 2)) for k in range(2 * (high - low) + 1))


def ladder(link, model, dimensions, scale, multiples, most_seeds=5):
    """Rows that are the same multiples of a scale at every dimension."""
    return tuple(
        Grid(
            "samples",
            link,
            (model,),
            tuple(round(multiple * scale(d)) for multiple in multiples),
            d,
            width=1000,
            most_seeds=most_seeds,
        )
        for d in dimensions
    )


def square(d):
    return d**2


def n_cubics(d):
    """Monomials up to degree 3."""
    return comb(d + 3, 3)


PAPER_MODELS = "algorithm_1", "algorithm_1_gated", "algorithm_1_gcv"
OTHER_STEPS = "algorithm_1_rms", "algorithm_1_script"
FIXED = "random_features", "tangent_kernel"
LEARNING = (
    Grid(
        "learning",
        "he2_he4",
        PAPER_MODELS + OTHER_STEPS + FIXED,
        half_decades(2, 5),
        most_seeds=10,
    ),
    Grid("learning", "he2_he4", ("defaults",), half_decades(2, 5), most_seeds=3),
    Grid("learning", "he2_he4", FIXED, half_decades(2, 5), width=200, most_seeds=3),
    Grid(
        "learning", "he2_he4", PAPER_MODELS + FIXED[:1], half_decades(2, 4), width=1000
    ),
    Grid(
        "learning",
        "he2_he4",
        ("defaults",),
        half_decades(2, 4),
        width=1000,
        most_seeds=3,
    ),
    # Of n and the 5500 columns, the eigenvectors of a matrix of the smaller number.
    Grid("learning", "he2_he4", FIXED[1:], half_decades(2, 3), width=1000),
    Grid("learning", "he2_he4", FIXED[1:], (3162,), width=1000, most_seeds=3),
    Grid("learning", "he2_he4", FIXED[1:], (10_000,), width=1000, most_seeds=1),
)
HEADS = "transfer", "transfer_tuned"
TRANSFER = (
    Grid(
        "transfer",
        "he3",
        HEADS,
        (100, 1000, 10_000),
        sources=(0, 100, 1000, 10_000, 100_000, 1_000_000),
    ),
    Grid(
        "transfer",
        "he3",
        HEADS,
        (100, 1000, 10_000),
        sources=(100, 1000, 10_000, 100_000),
        width=1000,
        most_seeds=3,
    ),
)
WIDE = (16, 23, 32, 45, 64, 90, 128)
NARROW = (6, 8, 11, 16, 23)
SAMPLES = (
    *ladder("he2_he3", "algorithm_1_gcv", WIDE[:5], square, (1, 1.5, 2.2, 3.3, 5)),
    *ladder("he2_he3", "algorithm_1_gcv", WIDE[5:], square, (1, 1.5, 2.2, 3.3, 5), 3),
    *ladder("cubic", "algorithm_1_gcv", WIDE[:5], square, (3.5, 5, 7, 10)),
    *ladder("cubic", "algorithm_1_gcv", WIDE[5:], square, (3.5, 5, 7, 10), 3),
    *ladder("he2_he3", "defaults", WIDE[:4], int, (2, 2.8, 4, 5.6, 8, 11.3, 16)),
    *ladder("he2_he3", "defaults", WIDE[4:], int, (2, 2.8, 4, 5.6, 8)),
    *ladder("cubic", "defaults", WIDE[:4], int, (8, 11.3, 16, 22.6, 32)),
    *ladder("cubic", "defaults", WIDE[4:5], int, (8, 11.3, 16, 22.6)),
    *ladder("cubic", "defaults", WIDE[5:], int, (8, 11.3, 16, 22.6), 3),
    *ladder("he2_he3", "cubic_kernel", NARROW[:3], n_cubics, (0.9, 1.15, 1.5, 2)),
    *ladder("he2_he3", "cubic_kernel", NARROW[3:], n_cubics, (0.9, 1.1, 1.35)),
    *ladder("cubic", "cubic_kernel", NARROW[:3], n_cubics, (0.9, 1.15, 1.5, 2)),
    *ladder("cubic", "cubic_kernel", NARROW[3:], n_cubics, (0.9, 1.1, 1.35)),
    *ladder("he2_he3", "rbf", NARROW[:2], square, (20, 34, 50), 3),
    *ladder("he2_he3", "rbf", NARROW[2:3], square, (24, 40), 3),
    *ladder("cubic", "rbf", NARROW[:2], square, (20, 34, 50), 3),
    *ladder("cubic", "rbf", NARROW[2:3], square, (24, 40), 3),
)
FULL = Size((*LEARNING, *TRANSFER, *SAMPLES), 100_000)
QUICK = Size(
    (
        Grid("learning", "he2_he4", (*PAPER_MODELS, *FIXED), (316, 3162)),
        Grid("learning", "he2_he4", ("algorithm_1_gcv",), (316,), width=1000),
        Grid("transfer", "he3", HEADS, (1000,), sources=(0, 10_000)),
        *ladder("he2_he3", "algorithm_1_gcv", (16, 23), square, (1, 5)),
        *ladder("he2_he3", "cubic_kernel", (6, 8), n_cubics, (0.9, 2)),
        *ladder("cubic", "cubic_kernel", (6, 8), n_cubics, (0.9, 2)),
        *ladder("he2_he3", "defaults", (16, 23), int, (2, 8)),
    ),
    20_000,
)
