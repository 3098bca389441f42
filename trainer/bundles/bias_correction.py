"""Corrects the biases of an int8 network for the mean error that rounding its weights makes.

Nagel et al. 2019, "Data-Free Quantization Through Weight Equalization and Bias Correction", section 4.2, with means
that are measured on photos.
"""

from collections import Counter
from collections.abc import Iterable

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from dogbreed.answers.outputs import INPUT

Floats = NDArray[np.float32]
LARGEST, SMALLEST = 127, -128  # of an int8 weight


def mean_inputs(network: onnx.ModelProto, images: Iterable[Floats]) -> dict[str, Floats]:
    """What the linear layers of a network in floating point see: float32 `[channels]` for each of their inputs.

    Args:
        images: float32 `[3, h, w]`, at least one.
    """
    model = onnx.ModelProto()
    model.CopyFrom(network)
    outputs = {output.name for output in model.graph.output}
    wanted = sorted({node.input[0] for node in _linear(model)} - {INPUT})
    model.graph.output.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in wanted if name not in outputs
    )
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    sums: dict[str, Floats] = {}
    count = 0
    for image in images:
        values = session.run(wanted, {INPUT: image[None]})
        for name, value in zip([INPUT, *wanted], [image[None], *values], strict=True):
            sums[name] = sums.get(name, np.float32(0)) + value.mean(axis=(0, *range(2, value.ndim)))
        count += 1
    return {name: np.asarray(total / count, np.float32) for name, total in sums.items()}


def correct_biases(quantized: onnx.ModelProto, network: onnx.ModelProto, means: dict[str, Floats]) -> None:
    """Adds to each bias what rounding the weights takes from the layer's mean output.

    Args:
        quantized: with a pair of QuantizeLinear and DequantizeLinear after each weight, and biases in float32.
        network: the same in floating point; `means` are its mean inputs.
    """
    tensors = {tensor.name: tensor for tensor in quantized.graph.initializer}
    makers = {name: node for node in quantized.graph.node for name in node.output}
    seen = {node.input[1]: node.input[0] for node in _linear(network)}
    users = Counter(name for node in quantized.graph.node for name in node.input)
    for node in _linear(quantized):
        restored = makers.get(node.input[1])
        if restored is None or restored.op_type != "DequantizeLinear" or len(node.input) < 3:
            continue
        weight, scale = makers[restored.input[0]].input[:2]
        bias = tensors.get(node.input[2])
        if bias is None or users[bias.name] > 1 or weight not in seen:
            continue
        error = _rounding_error(numpy_helper.to_array(tensors[weight]), numpy_helper.to_array(tensors[scale]))
        corrected = numpy_helper.to_array(bias) + _mean_output(error, means[seen[weight]])
        bias.CopyFrom(numpy_helper.from_array(corrected.astype(np.float32), bias.name))


def _linear(model: onnx.ModelProto) -> list[onnx.NodeProto]:
    """Convolutions, and products with a weight `[out, in]`."""
    return [node for node in model.graph.node if node.op_type == "Conv" or (node.op_type == "Gemm" and _turned(node))]


def _turned(node: onnx.NodeProto) -> bool:
    return any(option.name == "transB" and option.i == 1 for option in node.attribute)


def _rounding_error(weight: Floats, scale: Floats) -> Floats:
    """What is lost of a weight `[out, in, ...]`, summed over the places of its kernel: `[out, in]`."""
    steps = scale.reshape([-1, *[1] * (weight.ndim - 1)])
    lost = weight - np.clip(np.round(weight / steps), SMALLEST, LARGEST) * steps
    return np.asarray(lost.reshape(*weight.shape[:2], -1).sum(axis=2), np.float32)


def _mean_output(error: Floats, mean: Floats) -> Floats:
    """The mean of a layer with the weight `error` `[out, in of a group]`, for inputs with the mean `[in]`: `[out]`."""
    groups = len(mean) // error.shape[1]
    own = np.repeat(mean.reshape(groups, -1), len(error) // groups, axis=0)  # what each output sees
    return np.asarray((error * own).sum(axis=1), np.float32)
