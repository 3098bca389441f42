"""Tensors of a graph that are kept in `weights.safetensors`, so that they are on disk once."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

SMALLEST_SHARED = 1024  # bytes: smaller tensors stay in the graph
ONNX_TYPES = {np.dtype(np.float16): TensorProto.FLOAT16, np.dtype(np.float32): TensorProto.FLOAT}
ROUNDING = 1e-6  # by which float32 products of the same two numbers may differ, relative

Arrays = dict[str, NDArray[Any]]


def share_weights(model: onnx.ModelProto, weights: Path) -> None:
    """Replaces tensors by references to equal ones in the file, and converts those that are in half precision."""
    tensors, offsets = load_file(weights), _offsets(weights)
    for initializer in _large(model):
        if name := _equal_tensor(numpy_helper.to_array(initializer), tensors):
            _insert(model, _refer(initializer, initializer.name, weights.name, tensors[name], offsets[name]))


def share_scaled_weights(model: onnx.ModelProto, weights: Path) -> None:
    """The same for tensors of which each channel is a multiple of one in the file, as folded batch normalization makes.

    The graph keeps the factors. Tensors that are no such multiples stay in the graph.
    """
    tensors, offsets = load_file(weights), _offsets(weights)
    for initializer in _large(model):
        values = numpy_helper.to_array(initializer)
        found = next(
            ((name, factors) for name in tensors if (factors := _factors(values, tensors[name])) is not None), None
        )
        if found is None:
            continue
        name, factors = found
        whole, unscaled, factor = initializer.name, f"{initializer.name}.unscaled", f"{initializer.name}.factors"
        casts = _refer(initializer, unscaled, weights.name, tensors[name], offsets[name])
        model.graph.initializer.append(numpy_helper.from_array(factors, factor))
        _insert(model, [*casts, helper.make_node("Mul", [unscaled, factor], [whole])])


def _large(model: onnx.ModelProto) -> list[onnx.TensorProto]:
    """The tensors in floating point that are worth sharing and are in the graph."""
    return [
        tensor
        for tensor in model.graph.initializer
        if tensor.data_type in ONNX_TYPES.values()
        and tensor.data_location != TensorProto.EXTERNAL
        and numpy_helper.to_array(tensor).nbytes >= SMALLEST_SHARED
    ]


def _equal_tensor(values: NDArray[Any], tensors: Arrays) -> str | None:
    """The name of a tensor with these values after conversion, perhaps in another shape, if there is one."""
    flat = values.reshape(-1)
    candidates = (name for name, tensor in tensors.items() if tensor.size == flat.size and tensor.dtype in ONNX_TYPES)
    return next(
        (name for name in candidates if np.array_equal(tensors[name].reshape(-1).astype(flat.dtype), flat)), None
    )


def _factors(values: NDArray[Any], tensor: NDArray[Any]) -> NDArray[np.float32] | None:
    """float32 `[channels, 1, ...]` by which to multiply `tensor` to get `values`; None if there are no such factors."""
    if values.shape != tensor.shape or values.ndim < 2 or tensor.dtype not in ONNX_TYPES:
        return None
    rows, scaled = tensor.reshape(len(tensor), -1).astype(np.float32), values.reshape(len(values), -1)
    channels, largest = np.arange(len(rows)), np.abs(rows).argmax(axis=1)
    divisors = rows[channels, largest]
    factors = np.where(divisors == 0, 0, scaled[channels, largest] / np.where(divisors == 0, 1, divisors))
    factors = factors.astype(np.float32)
    if not np.allclose(rows * factors[:, None], scaled, rtol=ROUNDING, atol=0):
        return None
    return factors.reshape([-1, *[1] * (values.ndim - 1)])


def _offsets(weights: Path) -> dict[str, tuple[int, int]]:
    """Where each tensor's bytes begin in a safetensors file, and how many there are."""
    with weights.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
    begin = 8 + length
    return {
        name: (begin + entry["data_offsets"][0], entry["data_offsets"][1] - entry["data_offsets"][0])
        for name, entry in header.items()
        if name != "__metadata__"
    }


def _refer(
    initializer: onnx.TensorProto, name: str, location: str, stored: NDArray[Any], place: tuple[int, int]
) -> list[onnx.NodeProto]:
    """Makes the initializer a reference to a tensor in a file; the nodes that convert it give it the name `name`."""
    casts = []
    wanted, kept = initializer.data_type, ONNX_TYPES[stored.dtype]
    initializer.name = name
    if kept != wanted:
        initializer.name, initializer.data_type = f"{name}.stored", kept
        casts = [helper.make_node("Cast", [initializer.name], [name], to=wanted)]
    for field in ("raw_data", "float_data", "int32_data"):
        initializer.ClearField(field)
    initializer.data_location = TensorProto.EXTERNAL
    del initializer.external_data[:]
    for key, value in (("location", location), ("offset", place[0]), ("length", place[1])):
        entry = initializer.external_data.add()
        entry.key, entry.value = key, str(value)
    return casts


def _insert(model: onnx.ModelProto, nodes: list[onnx.NodeProto]) -> None:
    """Puts nodes before all others."""
    for node in reversed(nodes):
        model.graph.node.insert(0, node)
