"""The one place that touches scikit-learn's private API."""

from functools import partial, wraps
from inspect import signature

from sklearn.base import _fit_context
from sklearn.utils import _safe_indexing as some_rows
from sklearn.utils._param_validation import (
    Interval,
    InvalidParameterError,
    StrOptions,
)
from sklearn.utils._param_validation import (
    validate_parameter_constraints as check_parameters,
)
from sklearn.utils._param_validation import validate_params as _validate_params
from sklearn.utils._plotting import _validate_style_kwargs as merge_style
from sklearn.utils.validation import _check_feature_names_in, _check_sample_weight

from sklearn_depth.utils._threads import run_fit

__all__ = [
    "SITE",
    "DocLinkMixin",
    "Interval",
    "InvalidParameterError",
    "StrOptions",
    "check_parameters",
    "check_sample_weight",
    "feature_names_in",
    "fit_context",
    "merge_style",
    "some_rows",
    "store_fit",
    "validate_arguments",
    "validate_params",
    "validating_fit_context",
]

# Where the documentation is published.
SITE = "https://sklearn-depth.readthedocs.io/en/latest/"


def _of_fits(context):
    """The decorator ``context``, with the turn at BLAS that a fit takes."""
    return lambda fit: context(wraps(fit)(partial(run_fit, fit)))


# Ours hold no inner estimators given by the user, so nested validation is skipped.
validate_params = partial(_validate_params, prefer_skip_nested_validation=True)
fit_context = _of_fits(_fit_context(prefer_skip_nested_validation=True))
# But for parameters that only the function they are passed on to knows.
validating_fit_context = _of_fits(_fit_context(prefer_skip_nested_validation=False))


def validate_arguments(constraints):
    """Check arguments as ``validate_params`` does; errors from within stay as they are.

    That one calls the invalid parameter of an estimator or a generator that is passed
    one of the function's own.
    """

    def decorate(function):
        @wraps(function)
        def checked(*args, **kwargs):
            given = signature(function).bind(*args, **kwargs)
            given.apply_defaults()
            check_parameters(constraints, given.arguments, function.__qualname__)
            return function(*args, **kwargs)

        return checked

    return decorate


class DocLinkMixin:
    """Link an estimator's HTML representation to its page of the documentation."""

    # scikit-learn fills in the module, up to its first private part, and the name.
    _doc_link_module = "sklearn_depth"
    _doc_link_template = (
        f"{SITE}generated/api/{{estimator_module}}.{{estimator_name}}.html"
    )


def store_fit(estimator, state):
    """Put ``state`` in place of all that earlier fits have left, in one statement.

    An interrupt leaves the old fit whole, or the new one. Names of fitted attributes
    end with an underscore, private ones too.
    """
    given = {k: v for k, v in vars(estimator).items() if not k.endswith("_")}
    estimator.__dict__ = given | state
    return estimator


def check_sample_weight(sample_weight, X):
    """Validate weights: float64, one a sample, non-negative, not all zero."""
    return _check_sample_weight(
        sample_weight, X, dtype="float64", ensure_non_negative=True
    )


def feature_names_in(estimator, input_features):
    """Names of the input features: as given, as seen in fit, or x0, x1, ..."""
    return _check_feature_names_in(estimator, input_features)
