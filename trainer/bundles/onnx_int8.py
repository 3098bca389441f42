"""Quantizes a float32 network to int8, so that it computes the same on every processor."""

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from dogbreed.model.bundle import NETWORK_FILE, Bundle
from dogbreed.photos.preprocessing import Preprocessing, to_input
from trainer.machine import quiet_libraries
from trainer.photos.folders import LabelledPhoto
from trainer.photos.reading import read_photo
from trainer.photos.splits import rank
from trainer.progress import Progress, ProgressBar, silent

IDLE = 2**-12  # of the largest channel's weights: smaller ones contribute less than a byte can show
LARGEST = 127  # of an int8 weight
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
    """Quantizes a bundle's network statically and per channel; `photos` give the ranges of its activations."""
    quiet_libraries()
    with tempfile.TemporaryDirectory() as folder, progress("Calibrating") as calibrating:
        prepared = Path(folder) / NETWORK_FILE
        # ONNX Runtime's shape inference fails if a length depends on the number of photos; ONNX's is sufficient.
        whole = Path(folder) / "whole.onnx"  # the bundle's network refers to its weights in another file
        onnx.save(onnx.load(bundle.network), whole)
        quant_pre_process(str(whole), str(prepared), skip_symbolic_shape=True)
        quantize_static(
            prepared,
            path,
            _CalibrationPhotos(_inputs(photos, bundle.config, calibrating)),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            reduce_range=True,  # 7 bits for weights without ranges of their own
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            extra_options={"TensorQuantOverrides": _convolution_ranges(onnx.load(prepared))},
        )


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
    photos: list[LabelledPhoto], preprocessing: Preprocessing, progress: Progress
) -> Iterator[NDArray[np.float32]]:
    for done, photo in enumerate(photos, start=1):
        yield to_input(read_photo(photo.path, preprocessing), preprocessing)
        progress(done, len(photos))
