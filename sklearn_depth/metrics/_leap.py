"""How far a sum of monomials has to leap beyond the coordinates it has shown."""

from collections.abc import Hashable, Iterable


def leap_complexity(monomials):
    r"""Compute the leap of a set of monomials.

    .. math:: \min_{\text{orders}} \; \max_i \;
        \big|S_i \setminus (S_1 \cup \dots \cup S_{i-1})\big|

    where :math:`S_i` are the coordinates of monomial i, each as often as its degree:
    the largest number of new factors that one monomial brings, in the best order.

    Parameters
    ----------
    monomials : iterable of iterables of int or str
        For each monomial with a coefficient that is not zero its coordinates, such as
        ``(0, 1)`` for the product of x_0 and x_1. For Hermite products a coordinate
        comes as often as its degree: ``(0, 0, 1)`` is h_2(x_0) h_1(x_1). On {-1, 1} a
        square is 1, and each coordinate comes at most once.

    Returns
    -------
    leap : int
        The leap; 0 for a constant, whose one monomial is ``()``.

    Raises
    ------
    ValueError
        If there is no monomial.
    TypeError
        If a monomial is no iterable of coordinates.

    See Also
    --------
    information_exponent : The leap of a link of one direction.

    Notes
    -----
    The conjecture of [1]_ is that stochastic gradient descent learns the sum of such
    monomials, of a bounded number of the d coordinates that are uniform on {-1, 1} or
    N(0, 1), in time of order :math:`d^{\max(\mathrm{leap}, 2)}` up to logarithms; they
    prove a version for some functions of Gaussian inputs. Sums of leap 1 are the merged
    staircases.

    The least leap is taken first. That is a best order, since what has been seen only
    shortens the leaps to come.

    References
    ----------
    .. [1] Emmanuel Abbe, Enric Boix-Adsera and Theodor Misiakiewicz. SGD learning on
       neural networks: leap complexity and saddle-to-saddle dynamics. COLT 2023.
       arXiv:2302.11055.

    Examples
    --------
    A staircase, its last step alone, and one with a step left out:

    >>> from sklearn_depth.metrics import leap_complexity
    >>> leap_complexity([(0,), (0, 1), (0, 1, 2)])
    1
    >>> leap_complexity([(0, 1, 2)])
    3
    >>> leap_complexity([(0,), (0, 1, 2)])
    2

    He3 of one coordinate:

    >>> leap_complexity([(0, 0, 0)])
    3
    """
    left = [_coordinates(monomial) for monomial in _monomials(monomials)]
    if not left:
        raise ValueError(
            "there is no monomial, so no function to learn. Pass at least one, () for "
            "a constant."
        )
    seen, leap = set(), 0
    while left:
        left = [[c for c in monomial if c not in seen] for monomial in left]
        nearest = min(left, key=len)
        leap = max(leap, len(nearest))
        left.remove(nearest)
        seen.update(nearest)
    return leap


def _monomials(monomials):
    if isinstance(monomials, str) or not isinstance(monomials, Iterable):
        raise TypeError(
            f"monomials is {monomials!r}. Pass a list of tuples of coordinates, such "
            "as [(0,), (0, 1)]."
        )
    return monomials


def _coordinates(monomial):
    iterable = isinstance(monomial, Iterable) and not isinstance(monomial, str)
    found = list(monomial) if iterable else None
    if found is None or not all(isinstance(c, Hashable) for c in found):
        raise TypeError(
            f"a monomial is {monomial!r}. Pass a tuple of its coordinates, such as "
            "(0,) for x_0 and (0, 1) for x_0 x_1."
        )
    return found
