"""Tensors in `weights.safetensors`, to which a network in ONNX refers by offset and length."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

LENGTH_BYTES = 8  # of the header's length, at the beginning of the file, little-endian
ALIGNMENT = 8  # of the first tensor
TYPES: dict[int, type[np.floating]] = {onnx.TensorProto.FLOAT16: np.float16, onnx.TensorProto.FLOAT: np.float32}
KINDS: dict[str, type[np.floating]] = {"F16": np.float16, "F32": np.float32}  # safetensors' names

Moved = dict[int, tuple[int, int]]  # where a tensor began before -> where it begins now, and its length
Arrays = dict[str, NDArray[Any]]


def read_tensor(path: Path, offset: int, length: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(length)


def name_at(path: Path, offset: int) -> str:
    """The name of the tensor that begins at this byte of the file."""
    begin, header = _header(path)
    return next(name for name, entry in _in_order(header) if begin + entry["data_offsets"][0] == offset)


def copy_weights(source: Path, target: Path, replaced: Arrays) -> Moved:
    """Copies a safetensors file with other values for some of its tensors, in the type and order that they have."""
    begin, header = _header(source)
    tensors: list[tuple[int, bytes]] = []
    written: dict[str, Any] = {"__metadata__": header["__metadata__"]} if "__metadata__" in header else {}
    end = 0
    for name, entry in _in_order(header):
        first, last = entry["data_offsets"]
        data, shape = read_tensor(source, begin + first, last - first), entry["shape"]
        if name in replaced:
            values = np.ascontiguousarray(replaced[name], KINDS[entry["dtype"]])
            data, shape = values.tobytes(), list(values.shape)
        written[name] = {"dtype": entry["dtype"], "shape": shape, "data_offsets": [end, end + len(data)]}
        tensors.append((begin + first, data))
        end += len(data)
    text = json.dumps(written, separators=(",", ":"), ensure_ascii=False).encode()
    text = text.ljust(-(-len(text) // ALIGNMENT) * ALIGNMENT)
    at, moved = LENGTH_BYTES + len(text), {}
    with target.open("wb") as file:
        file.write(len(text).to_bytes(LENGTH_BYTES, "little") + text)
        for before, data in tensors:
            file.write(data)
            moved[before] = (at, len(data))
            at += len(data)
    return moved


def names_of(path: Path, shape: tuple[int, ...]) -> list[str]:
    """The names of the tensors of this shape."""
    return [name for name, entry in _in_order(_header(path)[1]) if tuple(entry["shape"]) == shape]


def read_named(path: Path, name: str) -> NDArray[Any] | None:
    """The values of a tensor in floating point; None if it is of another type."""
    begin, header = _header(path)
    entry = header[name]
    first, last = entry["data_offsets"]
    if entry["dtype"] not in KINDS:
        return None
    values: NDArray[Any] = np.frombuffer(read_tensor(path, begin + first, last - first), KINDS[entry["dtype"]])
    return values.reshape(entry["shape"])


def _header(path: Path) -> tuple[int, dict[str, Any]]:
    """Where the tensors' bytes begin, and the header."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(LENGTH_BYTES), "little")
        header: dict[str, Any] = json.loads(file.read(length))
    return LENGTH_BYTES + length, header


def _in_order(header: dict[str, Any]) -> list[tuple[str, Any]]:
    named = [(name, entry) for name, entry in header.items() if name != "__metadata__"]
    return sorted(named, key=lambda item: item[1]["data_offsets"])
