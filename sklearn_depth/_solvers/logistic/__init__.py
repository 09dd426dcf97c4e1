"""Logistic heads on features: binary or softmax, by Newton's method or L-BFGS."""
