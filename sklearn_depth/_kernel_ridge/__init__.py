"""Kernel ridge regression: one kernel or several, and penalties that it finds."""

from sklearn_depth._kernel_ridge._regressor import KernelRidge

__all__ = ["KernelRidge"]
