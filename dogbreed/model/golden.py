"""The golden check: does this machine reproduce the outputs that the bundle was exported with, from bytes to logits?"""

from collections.abc import Sequence

import numpy as np

from dogbreed.answers.outputs import DOG, OUTPUT
from dogbreed.model.bundle import Bundle, BundleError
from dogbreed.model.engines import Engine
from dogbreed.model.golden_file import Golden, GoldenPhoto
from dogbreed.model.golden_input import block_means, golden_input
from dogbreed.photos.decoding import PhotoError, open_photo
from dogbreed.photos.preprocessing import sufficient_side, to_input

GOLDEN_MAX_PIXELS = 10_000_000


def check_golden(bundle: Bundle, engine: Engine) -> None:
    """Runs the bundle's golden inputs and golden photos.

    Raises:
        BundleError: an output differs by more than the bundle allows; the message says by how much.
    """
    precision = engine.precision
    golden = bundle.golden.of(precision)
    if precision not in golden.tolerance or (golden.photos and precision not in golden.photo_tolerance):
        raise BundleError(
            f"The model bundle {bundle.path} states no tolerance for {precision}, the precision on this machine, "
            f"only for {', '.join(golden.tolerance) or 'nothing'}. Choose another precision, or export it again."
        )
    tolerance = golden.tolerance[precision]
    for case in golden.cases:
        outputs = engine.outputs(golden_input(bundle.config, case.seed))
        expected = {OUTPUT: case.logits, **({} if case.dog is None else {DOG: [case.dog]})}
        for output, values in expected.items():
            what = f"for seed {case.seed} the {output}" + (" scores" if output == DOG else "")
            _refuse(bundle, _difference(outputs[output], values), tolerance, precision, what)
    for photo in golden.photos:
        _check_photo(bundle, engine, golden, photo)


def _check_photo(bundle: Bundle, engine: Engine, golden: Golden, photo: GoldenPhoto) -> None:
    config = bundle.config
    try:
        image = to_input(open_photo(photo.file, GOLDEN_MAX_PIXELS, sufficient_side(config)).image, config)
    except PhotoError as error:
        raise BundleError(
            f"The model bundle {bundle.path} has a golden photo, {photo.name}, that cannot be decoded here: {error}"
        ) from error
    difference = _difference(block_means(image).ravel(), photo.input_means)
    if not difference <= golden.input_tolerance:
        levels = difference * min(config.std) * 255
        raise BundleError(
            f"Photos are not prepared for the model bundle {bundle.path} as when it was exported: for {photo.name} the "
            f"network's input differs by up to {difference:.3g} ({levels:.3g} of 255 grey levels), and "
            f"{golden.input_tolerance:.3g} is allowed. Either the preprocessing in its config.json was changed, or a "
            "library decodes photos differently. Export it again."
        )
    tolerance = golden.photo_tolerance[engine.precision]
    difference = _difference(engine.outputs(image[None])[OUTPUT], photo.logits)
    _refuse(bundle, difference, tolerance, engine.precision, f"for {photo.name} the logits")


def _difference(computed: "np.ndarray[tuple[int, ...], np.dtype[np.floating]]", expected: Sequence[float]) -> float:
    return float(np.abs(computed.ravel() - np.asarray(expected)).max())


def _refuse(bundle: Bundle, difference: float, tolerance: float, precision: str, what: str) -> None:
    if not difference <= tolerance:  # so that NaN is refused too
        raise BundleError(
            f"The model bundle {bundle.path} does not reproduce its golden outputs: {what} differ by up to "
            f"{difference:.3g} in {precision}, and {tolerance:.3g} is allowed. Export it again."
        )
