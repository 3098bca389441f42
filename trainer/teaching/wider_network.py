"""Writes a network with more classes: other rows of the last layer, and scores that take taught breeds into account."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from dogbreed.answers.outputs import KNOWN_BREED, OUTPUT
from dogbreed.model.bundle import WEIGHTS_FILE, Bundle, BundleError
from trainer.teaching.last_layer import (
    LastLayer,
    find_last_layer,
    has_output,
    initializer,
    read_graph,
    resize_outputs,
)
from trainer.teaching.stored_tensors import Moved, copy_weights, name_at, names_of, read_named

TRAINED, TAUGHT = "taught.trained_classes", "taught.classes"  # initializers: class indices
LOGITS_OF_TRAINED = "taught.logits_of_trained"
KNOWN_BEFORE = "taught.known_before"  # `known_breed` of the trained breeds
REDUCED_BY_INPUT = 18  # the version of ONNX since which ReduceMax has its axes as an input

Floats = NDArray[np.float32]


def write_wider(
    bundle: Bundle, layer: LastLayer, weight: Floats, bias: Floats, taught: Sequence[int], folder: Path
) -> None:
    """Writes the bundle's networks and `weights.safetensors` into a folder.

    Args:
        weight: `[classes, d]`, exact in half precision where the bundle stores it so. bias: `[classes]`.
        taught: the class indices of the taught breeds.
    """
    model = read_graph(bundle.network)
    replaced = {
        **_stored_as(bundle, initializer(model, layer.weight_name), layer.weight, weight),
        **_stored_as(bundle, initializer(model, layer.bias_name), layer.bias, bias),
    }
    moved = copy_weights(bundle.weights, folder / WEIGHTS_FILE, replaced)
    for network in (bundle.network, bundle.int8_network):
        if network is None:
            continue
        model = read_graph(network)
        same = find_last_layer(bundle, model)
        _set(initializer(model, same.weight_name), weight)
        _set(initializer(model, same.bias_name), bias)
        _follow(model, moved)
        resize_outputs(model, len(weight))
        if has_output(model, KNOWN_BREED):
            _know_taught(bundle, model, len(weight), taught)
        onnx.save(model, folder / network.name)


def _stored_as(bundle: Bundle, tensor: onnx.TensorProto, before: Floats, after: Floats) -> dict[str, Floats]:
    """The tensor's name in the weights, and its new values. A copy that the graph does not refer to is found too."""
    if tensor.data_location == onnx.TensorProto.EXTERNAL:
        return {name_at(bundle.weights, int(_external(tensor)["offset"])): after}
    same = (name for name in names_of(bundle.weights, before.shape) if _equal(bundle, name, before))
    return dict.fromkeys(list(same)[:1], after)


def _equal(bundle: Bundle, name: str, values: Floats) -> bool:
    stored = read_named(bundle.weights, name)
    return stored is not None and np.array_equal(stored.astype(np.float32), values)


def _external(tensor: onnx.TensorProto) -> dict[str, str]:
    return {entry.key: entry.value for entry in tensor.external_data}


def _set(tensor: onnx.TensorProto, values: NDArray[Any]) -> None:
    """Gives a tensor other values; those of an external one are in the file already."""
    if tensor.data_location == onnx.TensorProto.EXTERNAL:
        tensor.dims[:] = values.shape
        return
    kind = helper.tensor_dtype_to_np_dtype(tensor.data_type)
    tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(values, kind), tensor.name))


def _follow(model: onnx.ModelProto, moved: Moved) -> None:
    """Points every external tensor to its new place."""
    for tensor in model.graph.initializer:
        if tensor.data_location != onnx.TensorProto.EXTERNAL:
            continue
        offset, length = moved[int(_external(tensor)["offset"])]
        for entry in tensor.external_data:
            if entry.key in ("offset", "length"):
                entry.value = str({"offset": offset, "length": length}[entry.key])


def _know_taught(bundle: Bundle, model: onnx.ModelProto, classes: int, taught: Sequence[int]) -> None:
    """Makes `known_breed` the larger of two logits: that of a trained breed, and that of a taught one.

    The first is computed from the logits of the trained classes alone, as it was fitted. The second is the largest
    logit of a taught breed minus log(sum(exp(logits of the trained classes))): softmax's own odds.
    """
    trained = [index for index in range(classes) if index not in set(taught)]
    indices = {TRAINED: trained, TAUGHT: list(taught)}
    found = {tensor.name: tensor for tensor in model.graph.initializer}
    if TAUGHT in found:
        for name, values in indices.items():
            found[name].CopyFrom(numpy_helper.from_array(np.array(values, np.int64), name))
        return
    energy = next(
        (node for node in model.graph.node if node.op_type == "ReduceLogSumExp" and list(node.input)[:1] == [OUTPUT]),
        None,
    )
    last = next(node for node in model.graph.node if KNOWN_BREED in node.output)
    version = max(opset.version for opset in model.opset_import if opset.domain in ("", "ai.onnx"))
    if energy is None or version < REDUCED_BY_INPUT:
        raise BundleError(f"The score {KNOWN_BREED} of {bundle.path} was made by another version. Export it again.")
    for name, values in {**indices, "taught.axis": [1]}.items():
        model.graph.initializer.append(numpy_helper.from_array(np.array(values, np.int64), name))
    energy.input[0] = LOGITS_OF_TRAINED
    last.output[list(last.output).index(KNOWN_BREED)] = KNOWN_BEFORE
    place = list(model.graph.node).index(energy)
    model.graph.node.insert(place, helper.make_node("Gather", [OUTPUT, TRAINED], [LOGITS_OF_TRAINED], axis=1))
    model.graph.node.extend(
        [
            helper.make_node("Gather", [OUTPUT, TAUGHT], ["taught.logits"], axis=1),
            helper.make_node("ReduceMax", ["taught.logits", "taught.axis"], ["taught.largest"], keepdims=0),
            helper.make_node("Sub", ["taught.largest", energy.output[0]], ["taught.odds"]),
            helper.make_node("Max", [KNOWN_BEFORE, "taught.odds"], [KNOWN_BREED]),
        ]
    )
