"""Network inputs that are the same on every machine, for golden outputs."""

import numpy as np
from numpy.typing import NDArray

from dogbreed.photos.preprocessing import Preprocessing


def golden_input(config: Preprocessing, seed: int) -> NDArray[np.float32]:
    """A network input made from a seed: blocks of random colour, normalized like a photo.

    Returns:
        float32 `[1, 3, h, w]`. The same bytes on every machine and with every version: NumPy guarantees the streams of
        `RandomState`, but not those of its newer generators (NEP 19).
    """
    channels, height, width = config.input_size
    grid = np.random.RandomState(seed).random_sample((channels, 8, 8)).astype(np.float32)
    rows = np.arange(height) * 8 // height
    columns = np.arange(width) * 8 // width
    pixels = grid[:, rows][:, :, columns]
    mean = np.asarray(config.mean, np.float32)[:, None, None]
    std = np.asarray(config.std, np.float32)[:, None, None]
    return ((pixels - mean) / std)[None]


def block_means(image: NDArray[np.float32]) -> NDArray[np.float64]:
    """The means of 8 by 8 blocks of an input: float `[3, h, w]` -> `[3, 8, 8]`."""
    rows, columns = (np.arange(9) * length // 8 for length in image.shape[1:])
    sums = np.add.reduceat(np.add.reduceat(image.astype(np.float64), rows[:-1], axis=1), columns[:-1], axis=2)
    means: NDArray[np.float64] = sums / (np.diff(rows)[:, None] * np.diff(columns))
    return means
