"""What counts as rounding, and what as few: one table for all modules."""

import numpy as np

EPS = float(np.finfo(np.float64).eps)
TINY = float(np.finfo(np.float64).tiny)

# Deviations of this share of the mean are rounding: feature or target is constant.
# From so many values on, their mean may be off by as many roundings.
CONSTANT, CONSTANT_FROM = 4500 * EPS, 4500
# Lengths and singular values of this share of the largest are none.
NONE = 1e-14
# Eigenvalues of covariances of this share of the largest are none.
DEGENERATE = 1e-10
# Residuals whose sum of squares is this share of that of the targets are none.
NO_RESIDUAL = 10 * EPS
# Fits with this share of their freedom left interpolate.
NO_FREEDOM = 1e-14
# Residuals are not divided by less of one less the leverage; each has an error of EPS.
LEAST_FREE = 1e-9
# Matrices of n rows and a reciprocal condition below n times this are singular.
SINGULAR = 10 * EPS
# Squared distances of this share of the largest, or so many roundings, are none.
EQUAL, EQUAL_ROUNDINGS = 1e-13, 100
# Of estimated errors closer than this share, the one of the simpler fit wins: less is
# noise, of the data and of where an iteration ends.
TIED = 5e-3
# Values closer than this share of their deviation are the same.
SAME = 1e-9
# What a sum of shares may be off by.
SHARE = 1e-9

# With more samples a feature than this no fit interpolates, and generalised
# cross-validation takes the place of leave-one-out: for most heads, for heads that only
# show the way, and for nearly dependent features, where it chooses near-interpolation
# far more often than elsewhere if the features do not explain the targets.
FEW_ROWS, FEW_ROWS_ON_THE_WAY, FEW_ROWS_OF_DEPENDENT = 10.0, 1.9, 100.0
