"""Groups of Hermite products, by degree and number of features: labels and kernels."""

import numpy as np

from sklearn_depth._math._hermite_groups import HermiteGroups, group_names
from sklearn_depth._math._levels import count_values
from sklearn_depth._math._multi_indices import exponent_shapes
from sklearn_depth.utils._memory import check_memory
from sklearn_depth.utils._threads import map_parts

# More products than this are not listed where the kernels of samples do without them.
MOST_LISTED = 100_000
# Rows and columns of a tile whose kernels stay in the cache.
_TILE = 128
# Matrices beside those of the groups and of posteriors that a fit holds.
_FURTHER_MATRICES = 3


def is_listed(features):
    """Whether fitted features list their products."""
    return features.n_output_features_ <= MOST_LISTED


def names_of(features):
    """The groups of the products of features."""
    degree, most, norm = features._truncation()
    joined = min(most or degree, features.n_features_in_)
    if norm == 1:
        return group_names(degree, joined)
    shapes = exponent_shapes(degree, joined, norm)
    return sorted(
        {(sum(shape), m) for m, kept in enumerate(shapes, 1) for shape in kept}
    )


def exponents_of(features, values):
    """Largest exponents of features: on L values, powers from L on are no news."""
    return np.clip(count_values(values) - 1, 0, features.degree)


def labels_of(features, exponents):
    """The group of each product, -1 where an exponent is too large."""
    tree, names = features._products(), names_of(features)
    place = {name: label for label, name in enumerate(names)}
    groups = []
    used = np.array(exponents)[tree.column] >= tree.exponent
    for k, (parent, exponent) in enumerate(
        zip(tree.parent.tolist(), tree.exponent.tolist(), strict=True)
    ):
        s, m = groups[parent] if parent >= 0 else (0, 0)
        groups.append((s + exponent, m + 1))
        used[k] &= parent < 0 or used[parent]
    labels = np.array([place[group] for group in groups])
    return np.where(used, labels, -1)


class ProductKernels:
    """Kernels of groups of products, from what is kept of each sample.

    Those of a total degree come from few numbers of each sample. Others, which have
    fewer products, come from the products themselves.
    """

    def __init__(self, features, exponents):
        self.features, self.names = features, names_of(features)
        self.exponents = exponents
        self.groups = self.labels = None
        if features.truncation == "total":
            joined = features.max_interaction or features.degree
            self.groups = HermiteGroups(features.degree, joined, exponents)
        else:
            self.labels = labels_of(features, exponents)

    def rows(self, z):
        """What kernels need of scaled samples, an array for each group."""
        if self.groups is not None:
            return self.groups.factors(z)
        products = self.features._products().values(z).T.astype(np.float64, copy=False)
        return [products[:, self.labels == label] for label in range(len(self.names))]

    def square(self, z, n_posteriors):
        """(n_groups, n, n), the kernels of samples with each other.

        The fit is to have room for so many matrices of posteriors, too.
        """
        n, rows = len(z), self.rows(z)
        check_memory(
            n,
            8 * n**2 * (len(self.names) + _FURTHER_MATRICES + n_posteriors),
            what=f"A kernel matrix for each of {len(self.names)} groups of products",
            way_out='Lower degree, fit on fewer samples, or set solver="primal".',
        )
        kernels = np.empty((len(self.names), n, n))
        starts = range(0, n, _TILE)
        tiles = [(i, j) for i in starts for j in starts if i <= j]

        def fill(part):
            for i, j in tiles[part]:
                left, right = slice(i, i + _TILE), slice(j, j + _TILE)
                for kernel, tile in zip(
                    kernels, self._tile(rows, left, rows, right), strict=True
                ):
                    kernel[left, right] = tile
                    if i < j:
                        kernel[right, left] = tile.T

        map_parts(fill, len(tiles), len(tiles))
        return kernels

    def combined(self, new, rows, ratios):
        """The kernels of new samples with those of a fit, summed with ratios.

        ratios : (n_targets, n_groups). Blocks (n_some, n_rows, n_targets) are tiled.
        """
        n_new, n_rows = len(new[0]), len(rows[0])
        found = np.empty((len(ratios), n_new, n_rows))
        for i in range(0, n_new, _TILE):
            for j in range(0, n_rows, _TILE):
                left, right = slice(i, i + _TILE), slice(j, j + _TILE)
                tiles = np.stack(self._tile(new, left, rows, right))
                found[:, left, right] = np.tensordot(ratios, tiles, axes=1)
        return found

    def diagonal(self, new, ratios):
        """The kernel of each new sample with itself, (n_targets, n_new)."""
        if self.groups is not None:
            values = self.groups.diagonals(new)
        else:
            values = [np.einsum("ij,ij->i", rows, rows) for rows in new]
        return ratios @ np.stack(values)

    def _tile(self, left_rows, left, right_rows, right):
        one = [rows[left] for rows in left_rows]
        other = [rows[right] for rows in right_rows]
        if self.groups is not None:
            return self.groups.kernels(one, other)
        return [a @ b.T for a, b in zip(one, other, strict=True)]
