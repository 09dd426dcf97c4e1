"""The one place that touches scikit-learn's callbacks, which are experimental."""

from copy import copy

from sklearn.callback import CallbackSupportMixin, with_callbacks

__all__ = [
    "CallbackSupportMixin",
    "FitProgress",
    "with_callbacks",
    "without_callbacks",
]


def without_callbacks(estimator):
    """A copy to send to other processes, where nothing of callbacks may follow."""
    made = copy(estimator)
    for name in vars(estimator):
        if name.startswith("_") and "callback" in name:
            delattr(made, name)
    return made


class FitProgress:
    """Tells an estimator's callbacks of its fit, one subtask an iteration."""

    def __init__(self, estimator, max_iter, X, y, sample_weight):
        weighted = None if sample_weight is None else {"sample_weight": sample_weight}
        self._fit = {"estimator": estimator, "X": X, "y": y, "metadata": weighted}
        self._context = estimator._init_callback_context(max_subtasks=max_iter)
        self._context.call_on_fit_task_begin(**self._fit)
        self._heard = hasattr(estimator, "_skl_callbacks")

    def iteration(self, fitted_attributes, name="iteration"):
        """Report one iteration; whether a callback asks for it to be the last.

        ``fitted_attributes()`` is called only if a callback wants a fitted estimator.
        """
        if not self._heard:
            return False
        task = self._context.subcontext(task_name=name)
        task.call_on_fit_task_begin(**self._fit)
        return task.call_on_fit_task_end(
            **self._fit, reconstruction_attributes=fitted_attributes
        )

    def end(self, fitted_attributes):
        """Report that the fit is over."""
        self._context.call_on_fit_task_end(
            **self._fit, reconstruction_attributes=fitted_attributes
        )
