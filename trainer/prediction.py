"""Predictions for photos on disk. Imports no PyTorch, so that it also runs on a server."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dogbreed.answers.calibration import Kind
from dogbreed.model.classifier import Classifier, Prediction, RankedBreed
from dogbreed.photos.decoding import PhotoError
from trainer.photos.folders import PHOTO_SUFFIXES, PhotosError


@dataclass(frozen=True)
class PhotoAnswer:
    """The prediction for one file, with all classes in order of probability; or the reason why it could not be read."""

    path: Path
    ranked: list[RankedBreed] = field(default_factory=list)
    error: str = ""
    said: Prediction | None = None

    @property
    def kind(self) -> Kind | None:
        """The kind of the verdict; None if the bundle has no verdicts."""
        return self.said.verdict.kind if self.said and self.said.verdict else None

    @property
    def text(self) -> str:
        """The verdict in words; empty if the bundle has no verdicts."""
        return self.said.verdict.text if self.said and self.said.verdict else ""

    @property
    def shortlist(self) -> list[str] | None:
        if self.said is None or self.said.shortlist is None:
            return None
        return [self.said.label_names[index] for index in self.said.shortlist]

    def as_json(self) -> dict[str, Any]:
        if self.error:
            return {"path": str(self.path), "error": self.error}
        best = self.ranked[0]
        return {
            "path": str(self.path),
            "breed": best.breed,
            "name": best.name,
            "probability": best.probability,
            "verdict": self.kind,
            "text": self.text or None,
            "shortlist": self.shortlist,
            "probabilities": {ranked.breed: ranked.probability for ranked in self.ranked},
        }


def find_photo_files(paths: list[Path]) -> list[Path]:
    """The given files, and all photos in the given folders and below, sorted by name within each folder.

    Raises:
        PhotosError: a path does not exist, or no photo was found.
    """
    files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise PhotosError(f"There is no {path}. Name photos or folders of photos.")
        below = sorted(p for p in path.rglob("*") if p.is_file() and p.suffix.lower() in PHOTO_SUFFIXES)
        files += below if path.is_dir() else [path]
    if not files:
        raise PhotosError(f"There are no photos ({', '.join(sorted(PHOTO_SUFFIXES))}) in {', '.join(map(str, paths))}.")
    return files


def predict(classifier: Classifier, path: Path, max_pixels: int) -> PhotoAnswer:
    """Classifies one file exactly as the API does. For a file that is not a photo the answer holds the error."""
    try:
        said = classifier.classify(classifier.open(path.read_bytes(), max_pixels).image)
        return PhotoAnswer(path, said.ranked(), said=said)
    except (PhotoError, OSError) as error:
        return PhotoAnswer(path, error=str(error))
