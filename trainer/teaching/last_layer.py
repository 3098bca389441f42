"""The last layer of a network in ONNX: what it computes the logits from, and how rows are added to it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from dogbreed.answers.outputs import CLASS_ACTIVATION_MAPS, OUTPUT
from dogbreed.model.bundle import Bundle, BundleError
from trainer.teaching.stored_tensors import TYPES, read_tensor

STORED = ".stored"  # ends the name of a tensor in half precision that a node converts


@dataclass(frozen=True)
class LastLayer:
    """A linear layer: logits = features @ weight.T + bias.

    Attributes:
        features: the name of its input `[n, d]` in the graph.
        weight_name, bias_name: of the initializers.
        weight: float32 `[classes, d]`. bias: float32 `[classes]`.
    """

    features: str
    weight_name: str
    bias_name: str
    weight: NDArray[np.float32]
    bias: NDArray[np.float32]


def read_graph(network: Path) -> onnx.ModelProto:
    """A bundle's network; its large tensors stay where they are."""
    return onnx.load(network, load_external_data=False)


def find_last_layer(bundle: Bundle, model: onnx.ModelProto) -> LastLayer:
    """The layer that computes the logits.

    Raises:
        BundleError: they come from something else than a linear layer in floating point.
    """
    node = _producer(model, OUTPUT)
    if bundle.is_only_int8 or node is None or node.op_type != "Gemm" or not _is_plain(node):
        raise BundleError(
            f"Breeds cannot be taught to {bundle.path}: its network does not end with a linear layer in floating "
            "point. Bundles with no other network than one in int8, and networks that look at each photo and its "
            "mirror image, are not supported. Teach the bundle that it was made from."
        )
    features, weight, bias = node.input
    weight_tensor, bias_tensor = initializer(model, weight), initializer(model, bias)
    return LastLayer(
        features, weight_tensor.name, bias_tensor.name, _values(bundle, weight_tensor), _values(bundle, bias_tensor)
    )


def initializer(model: onnx.ModelProto, name: str) -> onnx.TensorProto:
    """The tensor of this name, or the one in half precision that it is converted from."""
    found: dict[str, onnx.TensorProto] = {tensor.name: tensor for tensor in model.graph.initializer}
    return found[name] if name in found else found[name + STORED]


def has_output(model: onnx.ModelProto, name: str) -> bool:
    return any(output.name == name for output in model.graph.output)


def resize_outputs(model: onnx.ModelProto, classes: int) -> None:
    """Writes the number of classes into the shapes of the outputs, and forgets those of tensors inside the network."""
    del model.graph.value_info[:]
    for output in model.graph.output:
        if output.name in (OUTPUT, CLASS_ACTIVATION_MAPS):
            output.type.tensor_type.shape.dim[1].dim_value = classes


def _producer(model: onnx.ModelProto, name: str) -> onnx.NodeProto | None:
    return next((node for node in model.graph.node if name in node.output), None)


def _is_plain(node: onnx.NodeProto) -> bool:
    options = {option.name: onnx.helper.get_attribute_value(option) for option in node.attribute}
    wanted = {"transA": 0, "transB": 1, "alpha": 1.0, "beta": 1.0}
    usual = {"transA": 0, "transB": 0, "alpha": 1.0, "beta": 1.0}
    return len(node.input) == 3 and {**usual, **options} == wanted


def _values(bundle: Bundle, tensor: onnx.TensorProto) -> NDArray[np.float32]:
    if tensor.data_location != onnx.TensorProto.EXTERNAL:
        return numpy_helper.to_array(tensor).astype(np.float32)
    place: dict[str, Any] = {entry.key: entry.value for entry in tensor.external_data}
    stored = read_tensor(bundle.path / place["location"], int(place["offset"]), int(place["length"]))
    return np.frombuffer(stored, TYPES[tensor.data_type]).reshape(tensor.dims).astype(np.float32)
