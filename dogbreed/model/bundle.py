"""The model bundle: a trained model on disk. Read, write, validate.

A bundle is a self-describing folder without pickles. The trainer writes it and the API serves it; they share nothing
else.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import Field, ValidationError, model_validator

from dogbreed.answers.breeds import Breed, add_breeds, known_breed
from dogbreed.answers.calibration import Calibration, LookAlikes
from dogbreed.answers.taught import Label, TaughtBreed
from dogbreed.errors import DogbreedError
from dogbreed.model.file_digests import DIGESTS_FILE, examine
from dogbreed.model.golden_file import Golden
from dogbreed.model.precision import Precision
from dogbreed.photos.preprocessing import Preprocessing
from dogbreed.strict_model import StrictModel

FORMAT_VERSION = 1
CONFIG_FILE = "config.json"
NETWORK_FILE = "model.onnx"
INT8_NETWORK_FILE = "model_int8.onnx"  # optional: the same network in int8, with the same inputs and outputs
WEIGHTS_FILE = "weights.safetensors"
GOLDEN_FILE = "golden.json"
LOOK_ALIKES_FILE = "look_alikes.json"  # optional
TEACHING_FILE = "teaching.safetensors"  # optional: what `manage.py teach` compares new breeds with
ALTERNATIVES_FILE = "calibration_alternatives.json"  # optional: for the trainer's report
MODEL_CARD_FILE = "MODEL_CARD.md"
REPORT_FILE = "report.html"
REQUIRED_FILES = (CONFIG_FILE, NETWORK_FILE, WEIGHTS_FILE, GOLDEN_FILE)


class BundleError(DogbreedError):
    """A folder is not a bundle that can be served; the message says why and what to do."""


class Metrics(StrictModel):
    """Accuracy on one set of photos. Shares are in 0..1; intervals are 95 % Wilson intervals."""

    description: str
    photos: int = Field(gt=0)
    breeds: int = Field(gt=0)
    top1: float = Field(ge=0, le=1)
    top1_interval: tuple[float, float]
    top5: float = Field(ge=0, le=1)
    top5_interval: tuple[float, float]
    log_loss: float = Field(ge=0)


class Quantization(StrictModel):
    """How `model_int8.onnx` was made; in bundles of earlier versions, `model.onnx` itself is the int8 network."""

    kind: Literal["int8"]
    calibration_photos: int = Field(gt=0)
    top1_change: float = Field(ge=-1, le=1, description="int8 minus float32, on the photos of `metrics.test`.")


class TeacherOrigin(StrictModel):
    """A bundle whose answers a model was trained on.

    Attributes:
        name: its name and version.
        sha256: of everything that decides its probabilities.
    """

    name: str
    sha256: str


class RetrainedFrom(StrictModel):
    """The bundle that a model was trained further from, and the new photos that it learned from.

    Attributes:
        name, version, sha256: of the bundle; the digest is that of `dogbreed.model.file_digests`.
        new_photos: how many were used, for training, validation and measuring together.
        new_photos_sha256: of their manifest, or of the list of their labels and digests where they have none; one for
            each folder.
        old_photos: how many photos that the bundle had been trained on were replayed.
    """

    name: str
    version: str
    sha256: str
    new_photos: int = Field(ge=0)
    new_photos_sha256: list[str]
    old_photos: int = Field(ge=0)


class Provenance(StrictModel):
    """The origin of a model: enough to train it again."""

    recipe: dict[str, Any]
    data_manifest_sha256: str
    seed: int
    backbone_weights: str
    versions: dict[str, str]
    trained_on: str
    teachers: list[TeacherOrigin] = []
    retrained_from: RetrainedFrom | None = None


class ModelIdentity(StrictModel):
    """The first keys of `config.json`: which model this is."""

    format_version: Literal[1]
    name: str = Field(min_length=1)
    version: str = Field(min_length=1)
    architecture: str = Field(min_length=1)


class BundleConfig(Preprocessing, ModelIdentity):  # Pydantic lists the fields of the last base first
    """`config.json`."""

    label_names: list[str] = Field(min_length=2)
    calibration: Calibration = Calibration()
    no_explanation: str = Field(default="", description="Why the network gives no heat map; empty if it does.")
    metrics: dict[str, Metrics] = {}
    quantization: Quantization | None = None
    taught: dict[Label, TaughtBreed] = Field(default={}, description="By label: see `manage.py teach`.")
    provenance: Provenance

    @property
    def breeds(self) -> list[Breed]:
        """The catalogue's entries, in label order; empty ones for breeds that are in no catalogue."""
        taught = {label: one.breed(label) for label, one in self.taught.items()}
        return [
            taught.get(label) or replace(known_breed(label) or Breed(label, "", "", ()), taught_from=None)
            for label in self.label_names
        ]

    @model_validator(mode="after")
    def check_label_names(self) -> "BundleConfig":
        if self.label_names != sorted(set(self.label_names)):
            raise ValueError("label_names must be sorted and without duplicates: class i is the i-th name")
        if missing := sorted(self.taught.keys() - set(self.label_names)):
            raise ValueError(f"label_names lacks taught breeds: {', '.join(missing)}")
        return self


@dataclass(frozen=True)
class Bundle:
    """A bundle that was read and is complete.

    `digest` changes with each of its files: see `digest_of_bundle`. `is_listed` is whether it has `SHA256SUMS`.
    """

    path: Path
    config: BundleConfig
    golden: Golden
    look_alikes: LookAlikes | None = None
    digest: str = ""
    is_listed: bool = False

    @property
    def network(self) -> Path:
        return self.path / NETWORK_FILE

    @property
    def int8_network(self) -> Path | None:
        """The network in int8, in a file of its own; None if there is none."""
        network = self.path / INT8_NETWORK_FILE
        return network if network.is_file() else None

    @property
    def is_only_int8(self) -> bool:
        """Whether `network` itself is in int8, as in bundles of earlier versions."""
        return self.config.quantization is not None and self.int8_network is None

    @property
    def portable_precision(self) -> Precision:
        """The one that a server prefers of those that every processor computes in nearly the same way."""
        return "int8" if self.int8_network else "float32"

    def network_in(self, precision: str) -> Path:
        """The graph to compute in this precision. Raises BundleError if the bundle has none."""
        if precision != "int8":
            return self.network
        if self.int8_network is None:
            raise BundleError(
                f"The model bundle {self.path} has no {INT8_NETWORK_FILE}. Choose another precision, or make one: "
                "manage.py export BUNDLE OUT --int8 --data DATA."
            )
        return self.int8_network

    @property
    def weights(self) -> Path:
        return self.path / WEIGHTS_FILE

    @property
    def report(self) -> Path | None:
        """The evaluation report, a self-contained page; None if the bundle has none."""
        report = self.path / REPORT_FILE
        return report if report.is_file() else None

    @property
    def card(self) -> str:
        """The model card, in Markdown; empty if the bundle has none."""
        with suppress(FileNotFoundError):
            return (self.path / MODEL_CARD_FILE).read_text(encoding="utf-8")
        return ""


def read_bundle(path: Path) -> Bundle:
    """Reads and validates a bundle's JSON, and checks that its files are all there and as its `SHA256SUMS` lists them.

    The network itself is not opened. Bundles of earlier versions have no `SHA256SUMS`.

    Raises:
        BundleError: the folder is missing, incomplete, changed, inconsistent, or of another format version.
    """
    if not path.is_dir():
        raise BundleError(f"There is no model bundle at {path}: there is no such folder. Train one, or name another.")
    missing = [name for name in REQUIRED_FILES if not (path / name).is_file()]
    if missing:
        raise BundleError(f"The model bundle {path} lacks {', '.join(missing)}. Export it again.")
    examined = examine(path)
    if examined.differences:
        raise BundleError(
            f"The files of the model bundle {path} are not those that {DIGESTS_FILE} lists: "
            f"{', '.join(examined.differences)}. Copy the bundle again. If you changed it on purpose, list its files "
            f"anew: manage.py sign {path} --new-digests."
        )
    config = _read_json(path / CONFIG_FILE, BundleConfig)
    golden = _read_json(path / GOLDEN_FILE, Golden)
    for what, logits in _golden_logits(golden):
        if len(logits) != len(config.label_names):
            raise BundleError(
                f"The model bundle {path} is inconsistent: {GOLDEN_FILE} has {len(logits)} logits for {what}, "
                f"{CONFIG_FILE} has {len(config.label_names)} label names. Export it again."
            )
    look_alikes = _read_look_alikes(path / LOOK_ALIKES_FILE, len(config.label_names))
    add_breeds([one.breed(label) for label, one in config.taught.items()], instead_of=config.label_names)
    return Bundle(path, config, golden, look_alikes, examined.digest, examined.listed)


def _golden_logits(golden: Golden) -> Iterator[tuple[str, list[float]]]:
    yield from ((f"seed {case.seed}", case.logits) for case in golden.cases)
    yield from ((photo.name, photo.logits) for photo in golden.photos)
    if golden.int8:
        yield from ((f"seed {case.seed} in int8", case.logits) for case in golden.int8.cases)
        yield from ((f"photo {number} in int8", logits) for number, logits in enumerate(golden.int8.photo_logits))


def _read_look_alikes(path: Path, classes: int) -> LookAlikes | None:
    if not path.is_file():
        return None
    look_alikes = _read_json(path, LookAlikes)
    for pair in look_alikes.pairs:
        if not 0 <= pair.breeds[0] < pair.breeds[1] < classes:
            raise BundleError(
                f"{path} has the pair {pair.breeds}. A pair is two class indices below {classes}, the smaller one "
                "first. Export the bundle again."
            )
    return look_alikes


StrictT = TypeVar("StrictT", bound=StrictModel)


def _read_json(path: Path, model: type[StrictT]) -> StrictT:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BundleError(f"{path} cannot be read as JSON ({error}). Export the bundle again.") from error
    version = data.get("format_version", FORMAT_VERSION) if isinstance(data, dict) else FORMAT_VERSION
    if version != FORMAT_VERSION:
        raise BundleError(
            f"{path} has format version {version}; this program reads version {FORMAT_VERSION}. "
            "Export the bundle again with this program, or use the program that wrote it."
        )
    try:
        # Through JSON and not through Python objects: strictness (tuples from lists) then follows JSON's types.
        return model.model_validate_json(json.dumps(data))
    except ValidationError as error:
        lines = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'the whole'}: {e['msg']}" for e in error.errors())
        raise BundleError(f"{path} is not valid: {lines}. Export the bundle again.") from error


def write_json(path: Path, model: StrictModel) -> None:
    """Writes one of a bundle's JSON files, indented."""
    path.write_text(model.model_dump_json(indent=2) + "\n", encoding="utf-8")
