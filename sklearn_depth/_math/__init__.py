"""Mathematics on arrays: numpy and scipy, nothing else."""
