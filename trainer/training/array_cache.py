"""Large arrays that are computed once, row by row, into files that are mapped into memory."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

Rows = NDArray[Any]
RowsFrom = Callable[[int], Iterator[tuple[int, Rows]]]


def cached_array(folder: Path, key: str, shape: tuple[int, ...], dtype: Any, rows: RowsFrom) -> Rows:
    """An array that is computed once and afterwards mapped from `folder/<key>.npy`.

    The file gets its name only when it is complete. If several processes need it, one computes and the others wait.
    A computation that was interrupted or killed goes on where it was. One that failed starts again.

    Args:
        rows: computes the array in order: given how many rows there are already, it yields (index of the first row,
            some rows) from that row on, or from an earlier one.
    """
    path = folder / f"{key}.npy"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / f".{key}.lock"):  # the system releases it when the process ends, for whatever reason
        if not path.is_file():
            _compute(path, shape, np.dtype(dtype), rows)
    array: Rows = np.load(path, mmap_mode="r")
    return array


def _compute(path: Path, shape: tuple[int, ...], dtype: np.dtype[Any], rows: RowsFrom) -> None:
    unfinished = path.with_name(f".{path.stem}.rows.unfinished")
    try:
        with unfinished.open("r+b" if unfinished.is_file() else "w+b") as file:
            _write_rows(file, shape, dtype, rows)
    except Exception:  # not KeyboardInterrupt or SystemExit, after which the next run goes on
        unfinished.unlink(missing_ok=True)
        raise
    unfinished.replace(path)


def _write_rows(file: BinaryIO, shape: tuple[int, ...], dtype: np.dtype[Any], rows: RowsFrom) -> None:
    header = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)  # the name has the key in it, so it is the same header again
    beginning, row_bytes = file.tell(), dtype.itemsize * int(np.prod(shape[1:]))
    # The file grows with its rows. Its size says how many there are.
    done = max(file.seek(0, os.SEEK_END) - beginning, 0) // row_bytes
    if done < shape[0]:
        for start, piece in rows(done):
            file.seek(beginning + start * row_bytes)
            file.write(np.ascontiguousarray(piece, dtype).tobytes())
    file.flush()
    os.fsync(file.fileno())
