"""Makes a bundle's reference from the photos that it was calibrated on."""

from pathlib import Path

import numpy as np
from PIL import Image

from dogbreed.answers.outputs import OUTPUT
from dogbreed.model.bundle import TEACHING_FILE, Bundle, BundleError
from dogbreed.model.file_digests import write_digests
from trainer.files import whole_file
from trainer.photos.far_view import far_view
from trainer.photos.folders import LabelledPhoto
from trainer.photos.parts import calibration_photos
from trainer.photos.reading import read_photo
from trainer.progress import ProgressBar, silent
from trainer.teaching.feature_reader import FeatureReader, Looked
from trainer.teaching.last_layer import find_last_layer, read_graph
from trainer.teaching.reference import Reference, find_space, seen_by, write_reference

VIEWS = 2  # a photo as it is and from farther away, as in calibration
FRACTION = 0.1  # of the train part, where the bundle's recipe does not say


def write_reference_of(bundle: Bundle, data: Path, progress: ProgressBar = silent) -> Reference:
    """Writes `teaching.safetensors` into a bundle, from the validation part and the other breeds of organized photos.

    Raises:
        BundleError: the bundle cannot be taught, or was already.
        PhotosError, PhotoError: `data` is not organized, or a photo cannot be read.
    """
    if bundle.config.taught:
        raise BundleError(
            f"{bundle.path} was taught breeds already. Write the reference of the bundle it was made from."
        )
    layer = find_last_layer(bundle, read_graph(bundle.network))
    reader = FeatureReader(bundle, layer.features)
    training = bundle.config.provenance.recipe.get("training", {})
    fraction = float(training.get("validation_fraction", FRACTION))
    photos = calibration_photos(data, fraction, bundle.config.provenance.seed)
    labels, temperature = bundle.config.label_names, bundle.config.calibration.temperature
    trained = _look(reader, bundle, photos.validation, progress, "Looking at validation photos")
    other = (
        _look(reader, bundle, photos.other_breeds, progress, "Looking at other breeds") if photos.other_breeds else None
    )
    features = trained.features if other is None else np.concatenate([trained.features, other.features])
    space = find_space(features, layer.weight)
    targets = np.array(
        [labels.index(photo.breed) if photo.breed in labels else -1 for photo in photos.validation] * VIEWS
    )
    seen = seen_by(trained, space, temperature)
    reference = Reference(
        space,
        seen,
        trained.outputs[OUTPUT].argmax(axis=1) == targets,
        seen_by(other, space, temperature) if other else seen.where(slice(0)),
        [photo.breed for photo in photos.other_breeds] * VIEWS,
        VIEWS,
    )
    with whole_file(bundle.path / TEACHING_FILE) as unfinished:
        write_reference(reference, unfinished)
    write_digests(bundle.path)
    return reference


def _look(
    reader: FeatureReader, bundle: Bundle, photos: list[LabelledPhoto], progress: ProgressBar, title: str
) -> Looked:
    def read(seen: tuple[LabelledPhoto, bool]) -> Image.Image:
        labelled, is_far = seen
        photo = read_photo(labelled.path, bundle.config)
        return far_view(photo, labelled) if is_far else photo

    with progress(title) as looking:
        return reader.look([(photo, is_far) for is_far in (False, True) for photo in photos], read, looking)
