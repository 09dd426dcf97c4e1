"""What numbers many parameters take."""

from numbers import Integral, Real

from sklearn_depth.utils._sklearn import Interval

POSITIVE = Interval(Real, 0, None, closed="neither")
NON_NEGATIVE = Interval(Real, 0, None, closed="left")
POSITIVE_INTEGER = Interval(Integral, 1, None, closed="left")
NON_NEGATIVE_INTEGER = Interval(Integral, 0, None, closed="left")
