"""Directions that labels depend on, from moments or gradients of whitened inputs."""
