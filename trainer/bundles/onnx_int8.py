"""Quantizes a network to int8, so that it computes nearly the same on every processor, and faster."""

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from dogbreed.model.bundle import Bundle
from dogbreed.photos.preprocessing import Preprocessing, to_input
from trainer.bundles.bias_correction import LARGEST, correct_biases, mean_inputs
from trainer.bundles.graph_parts import body_of, with_body
from trainer.bundles.shared_weights import share_scaled_weights, share_weights
from trainer.machine import quiet_libraries
from trainer.photos.folders import LabelledPhoto
from trainer.photos.reading import read_photo
from trainer.photos.splits import rank
from trainer.progress import Progress, ProgressBar, silent

IDLE = 2**-12  # of the largest channel's weights: smaller ones contribute less than a byte can show
CORRECTING_PHOTOS = 64  # of the calibration photos, from which the biases are corrected
# Processors without VNNI add the products of two adjacent inputs (bytes, 0 to 255) with their weights in 16 bits.
LARGEST_OF_TWO = (2**15 - 1) / 255


def spread_over_breeds(photos: list[LabelledPhoto], at_most: int) -> list[LabelledPhoto]:
    """At most this many photos, evenly spread over the breeds, whatever other files are in the folders."""
    by_breed: dict[str, list[tuple[str, LabelledPhoto]]] = {}
    for photo in photos:
        by_breed.setdefault(photo.breed, []).append((rank(0, "int8", f"{photo.breed}/{photo.path.name}"), photo))
    rounds = [
        (turn, key, photo)
        for ranked in by_breed.values()
        for turn, (key, photo) in enumerate(sorted(ranked, key=lambda pair: pair[0]))
    ]
    return [photo for _, _, photo in sorted(rounds, key=lambda entry: entry[:2])[:at_most]]


def write_int8(bundle: Bundle, photos: list[LabelledPhoto], path: Path, progress: ProgressBar = silent) -> None:
    """Quantizes a bundle's network statically and per channel; `photos` give the ranges of its activations.

    The last layer stays in floating point: it takes hardly any time, and other breeds may be taught to it later.
    Its large tensors are those of the bundle's `weights.safetensors`, which must lie beside `path`. The engine rounds
    them to int8 when it compiles the network.
    """
    quiet_libraries()
    network = onnx.load(bundle.network, load_external_data=False)
    with tempfile.TemporaryDirectory() as folder, progress("Calibrating") as calibrating:
        whole, prepared, quantized = (Path(folder) / name for name in ("whole.onnx", "prepared.onnx", "int8.onnx"))
        onnx.save(body_of(onnx.load(bundle.network)), whole)
        # ONNX Runtime's shape inference fails if a length depends on the number of photos; ONNX's is sufficient.
        quant_pre_process(str(whole), str(prepared), skip_symbolic_shape=True)
        floating = onnx.load(prepared)
        quantize_static(
            prepared,
            quantized,
            _CalibrationPhotos(_inputs(photos, bundle.config, calibrating)),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            reduce_range=True,  # 7 bits for weights without ranges of their own
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=_products_with_vectors(floating),
            extra_options={
                "TensorQuantOverrides": _convolution_ranges(floating),
                "AddQDQPairToWeight": True,
                "QuantizeBias": False,  # engines do it themselves
                "OpTypesToExcludeOutputQuantization": ["Gemm", "MatMul"],  # scores need more than 256 steps
            },
        )
        body = onnx.load(quantized)
        means = mean_inputs(floating, _inputs(photos[:CORRECTING_PHOTOS], bundle.config))
        correct_biases(body, floating, means)
    share_weights(body, bundle.weights)
    share_scaled_weights(body, bundle.weights)
    onnx.save(with_body(network, body, "int8."), path)


def _products_with_vectors(network: onnx.ModelProto) -> list[str]:
    """The names of the nodes that multiply with one vector, which costs nothing and has no channels to round by."""
    vectors = {tensor.name for tensor in network.graph.initializer if len(tensor.dims) == 1}
    return [node.name for node in network.graph.node if node.op_type == "MatMul" and vectors & set(node.input)]


def _convolution_ranges(network: onnx.ModelProto) -> dict[str, list[dict[str, object]]]:
    """For each convolution's weights, the range that int8 covers in each output channel."""
    tensors = {tensor.name: tensor for tensor in network.graph.initializer}
    weights = {node.input[1] for node in network.graph.node if node.op_type == "Conv"} & tensors.keys()
    ranges: dict[str, list[dict[str, object]]] = {}
    for name in sorted(weights):
        steps = weight_steps(numpy_helper.to_array(tensors[name]))
        ranges[name] = [{"rmin": np.float32(-LARGEST * step), "rmax": np.float32(LARGEST * step)} for step in steps]
        # ONNX Runtime reads these settings of the whole tensor from its first channel.
        ranges[name][0] |= {"quant_type": QuantType.QInt8, "reduce_range": False, "axis": 0, "symmetric": True}
    return ranges


def weight_steps(weights: NDArray[np.float32]) -> NDArray[np.float64]:
    """The step of int8 in each output channel, chosen so that no processor's sums overflow.

    With 8 bits for every weight, sums overflow on processors without VNNI: there a MobileNetV2 fell from 88.0 to 82.5 %
    top-1 on 200 photos. 7 bits for every weight are safe, but cost it one point on every processor. So the steps are as
    fine as the sum of two adjacent weights allows. A depthwise convolution adds no adjacent weights and keeps 8 bits.

    Args:
        weights: `[out, in, ...]` of a convolution.

    Returns:
        float64 `[out]`, above zero.
    """
    # In the order of addition: by place, and at each place by input channel.
    sizes = np.abs(np.moveaxis(weights.astype(np.float64), 1, -1).reshape(len(weights), -1))
    steps: NDArray[np.float64] = sizes.max(axis=1) / LARGEST
    if weights.shape[1] > 1:
        steps = np.maximum(steps, (sizes[:, :-1] + sizes[:, 1:]).max(axis=1) / (LARGEST_OF_TWO - 1))  # 1 for rounding
    # Some channels contribute nothing after training. With a step near zero their bias would not fit.
    return np.maximum(steps, (steps.max() or 1) * IDLE)


class _CalibrationPhotos(CalibrationDataReader):  # type: ignore[misc]
    """Gives ONNX Runtime one photo at a time."""

    def __init__(self, inputs: Iterable[NDArray[np.float32]]) -> None:
        self.inputs = iter(inputs)

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        image = next(self.inputs, None)
        return None if image is None else {"image": image[None]}


def _inputs(
    photos: list[LabelledPhoto], preprocessing: Preprocessing, progress: Progress | None = None
) -> Iterator[NDArray[np.float32]]:
    for done, photo in enumerate(photos, start=1):
        yield to_input(read_photo(photo.path, preprocessing), preprocessing)
        if progress:
            progress(done, len(photos))
