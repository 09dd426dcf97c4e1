"""Rows that lie on disk: blocks beside LightGBM and SGD, memory, and two workers."""

from speed.case import Case, Side

TITLE = "More rows than memory"

# 20 columns in float32 in a file, and targets of three directions.
SETUP = """
import os, tempfile
import numpy as np

n, d = {n}, 20
rng = np.random.default_rng(0)
V = np.linalg.qr(rng.standard_normal((d, 3)))[0]
def clean(X):
    u = X @ V
    return np.sin(2 * u[:, 0]) + u[:, 1] * u[:, 2]
def radial(X):
    return np.sin(np.linalg.norm(X, axis=1))
file = tempfile.NamedTemporaryFile()
y = np.empty(n, np.float32)
for start in range(0, n, 100_000):
    rows = slice(start, min(start + 100_000, n))
    block = rng.standard_normal((rows.stop - start, d), dtype=np.float32)
    y[rows] = {target}(block) + 0.3 * rng.standard_normal(len(block))
    file.write(block.tobytes())
file.flush()
X = np.memmap(file.name, np.float32, "r", shape=(n, d))
fresh = rng.standard_normal((5000, d), dtype=np.float32)

def error(predict):
    truth = {target}(fresh)
    return np.mean((np.ravel(predict(fresh)) - truth) ** 2) / truth.var()
"""
BLOCKS = """
import dask.array as da
size = max(n // {n_blocks}, 1)
lazy = da.from_array(X, (size, d)), da.from_array(y, size)
"""
ERROR = "test_error=error(model.predict)"
SGD = """
for first in range(0, n, 10_000):
    rows = slice(first, first + 10_000)
    model.partial_fit(X[rows], y[rows])
"""
# Blocks that workers read, and the CPU time that one has to wait for.
CLUSTER = """
import dask.array as da
of_y = tempfile.NamedTemporaryFile()
y.tofile(of_y.name)
def block(name, width, size, block_id):
    start = 4 * block_id[0] * size * width
    return np.fromfile(name, np.float32, size * width, offset=start).reshape(size, -1)
def blocks(name, width, size):
    chunks = (size,) * (n // size), (width,)
    return da.map_blocks(block, name, width, size, chunks=chunks, dtype=np.float32)
lazy = blocks(file.name, d, n // 50), blocks(of_y.name, 1, n // 50)[:, 0]
if __name__ == "__main__":
    from dask.distributed import Client, LocalCluster
    cluster = LocalCluster(
        n_workers={workers}, threads_per_worker=1, dashboard_address=None)
    client = Client(cluster)
    client.run(StreamingRidge)  # so that workers have imported the package
    begun = client.run(time.process_time)
"""
PATH = "cpu + max(end - begun[k] for k, end in client.run(time.process_time).items())"
IMPORT = "from sklearn_depth import StreamingRidge, HermitePolynomialRegressor\n"
IMPORT += "from sklearn_depth import RadialTwoLayerRegressor, TwoLayerGDRegressor\n"
OURS = {
    "StreamingRidge": "StreamingRidge()",
    "HermitePolynomialRegressor": "HermitePolynomialRegressor(2)",
    "RadialTwoLayerRegressor": "RadialTwoLayerRegressor()",
    "TwoLayerGDRegressor": "TwoLayerGDRegressor(200, random_state=0)",
}
RIVALS = {
    "LightGBM": (
        "from lightgbm import LGBMRegressor",
        "model = LGBMRegressor(n_jobs=1, verbose=-1).fit(X, y)",
    ),
    "SGDRegressor": (
        "from sklearn.linear_model import SGDRegressor\n"
        "model = SGDRegressor(random_state=0)",
        SGD,
    ),
}


def cases(quick):
    if quick:
        return [memory("StreamingRidge", 10**5)]
    sizes = 10**4, 10**5, 10**6, 10**7
    return [
        *(case for n in sizes for case in against(n)),
        memory("StreamingRidge", 10**7),
        memory("TwoLayerGDRegressor", 10**7),
        two_workers("TwoLayerGDRegressor", 10**6),
        two_workers("TwoLayerGDRegressor", 10**7),
    ]


def ours(name, n):
    target = "radial" if name.startswith("Radial") else "clean"
    setup = SETUP.format(n=n, target=target) + BLOCKS.format(n_blocks=50) + IMPORT
    work = f"model = {OURS[name]}.fit(*lazy)"
    return Side(f"{name} on blocks", work, setup, ERROR, threads=1)


def rival(name, n, target):
    start, work = RIVALS[name]
    setup = SETUP.format(n=n, target=target) + start
    return Side(name, work, setup, ERROR, threads=1)


def against(n):
    """CPU time and error, as other processes may share the machine."""
    pairs = {
        "StreamingRidge": ("SGDRegressor", "clean"),
        "HermitePolynomialRegressor": ("LightGBM", "clean"),
        "TwoLayerGDRegressor": ("LightGBM", "clean"),
        "RadialTwoLayerRegressor": ("LightGBM", "radial"),
    }
    return [
        Case(
            f"{name}, d=20, n={n:,} on disk: CPU time / {theirs}'s",
            28,
            ours(name, n),
            rival(theirs, n, target),
            of="cpu",
            repeats=1,
        )
        for name, (theirs, target) in pairs.items()
    ]


def memory(name, n):
    setup = SETUP.format(n=n, target="clean") + IMPORT
    options = OURS[name].replace("200, ", "200, subsample=20_000, ")
    side = Side(f"{name} on a memory map", f"model = {options}.fit(X, y)", setup, ERROR)
    title = f"{name}, d=20, n={n:,} in float32 on disk: memory"
    return Case(title, 28, side, asked="<= 2048", of="MiB", repeats=1)


def two_workers(name, n):
    """One worker beside two: CPU time of the client and of the busiest worker.

    Where nothing else runs, that is the time by the clock, but for what travels.
    """
    sides = [
        Side(
            f"{name}, {workers} worker{'s' * (workers > 1)}",
            f"model = {OURS[name]}.fit(*lazy)",
            SETUP.format(n=n, target="clean")
            + IMPORT
            + CLUSTER.format(workers=workers),
            f"{ERROR}, path={PATH}",
            threads=1,
        )
        for workers in (1, 2)
    ]
    title = f"d=20, n={n:,}: one worker / two, CPU time of client and busiest worker"
    asked = ">= 1.6" if n == 10**7 else ""
    return Case(title, 28, *sides, asked=asked, of="path", repeats=1)
