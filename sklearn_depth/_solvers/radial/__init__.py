"""Radial targets: centres, and splines of the distance from one."""
