"""Solvers: arrays in, named results out."""
