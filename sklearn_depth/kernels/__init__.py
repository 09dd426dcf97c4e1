"""Kernels of the theory, as functions of two sets of samples."""

from sklearn_depth.kernels._arc_cosine import arc_cosine_kernel
from sklearn_depth.kernels._biased_ntk import active_fraction, biased_ntk_kernel
from sklearn_depth.kernels._by_name import KERNEL_FUNCTIONS, kernel_diagonal
from sklearn_depth.kernels._dual_activation import dual_activation_kernel
from sklearn_depth.kernels._eigenvalues import KernelEigenvalues, kernel_eigenvalues
from sklearn_depth.kernels._empirical import empirical_ntk
from sklearn_depth.kernels._gaussian_process import GaussianProcessKernel
from sklearn_depth.kernels._hermite import hermite_kernel
from sklearn_depth.kernels._networks import nngp_kernel, ntk_kernel

__all__ = [
    "KERNEL_FUNCTIONS",
    "GaussianProcessKernel",
    "KernelEigenvalues",
    "active_fraction",
    "arc_cosine_kernel",
    "biased_ntk_kernel",
    "dual_activation_kernel",
    "empirical_ntk",
    "hermite_kernel",
    "kernel_diagonal",
    "kernel_eigenvalues",
    "nngp_kernel",
    "ntk_kernel",
]
