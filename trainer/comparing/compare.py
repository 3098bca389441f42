"""Compares two bundles on the same photos and decides whether the new one may replace the old one."""

from itertools import chain
from pathlib import Path

import numpy as np

from dogbreed.model.bundle import Bundle
from dogbreed.model.comparison_result import COMPARISON_FILE, ComparisonResult
from trainer.comparing.both_answers import Both, answer_all, both_of
from trainer.comparing.compared import Compared
from trainer.comparing.comparison_numbers import NUMBERS_FILE, numbers
from trainer.comparing.comparison_page import PAGE_FILE, comparison_page
from trainer.comparing.deciding import Decision, decide
from trainer.comparing.guarded import Guarded
from trainer.comparing.kept_answers import Pair, kept_answers
from trainer.comparing.measuring import SLOWER, guarded_measures
from trainer.comparing.photo_sets import ComparisonError, PhotoSets
from trainer.files import whole_file
from trainer.photos.folders import LabelledPhoto, PhotosError
from trainer.progress import ProgressBar, silent


def compare_bundles(
    old: Bundle,
    new: Bundle,
    sets: PhotoSets,
    out: Path,
    progress: ProgressBar = silent,
    *,
    allow_missing: bool = False,
    photos: bool = True,
    slower: float = SLOWER,
    precision: str | None = None,
    engine: str = "openvino",
) -> ComparisonResult:
    """Answers the photos with both bundles, and writes `comparison.json`, `comparison_numbers.json` and
    `comparison.html` into `out`.

    `out` also keeps the answers. After an interruption the same call continues, and a repeated call reads them. A photo
    that cannot be read is left out and named.

    Args:
        old, new: of the same breeds, or of breeds that overlap: then they are compared on the breeds that both know.
        sets: photos that neither was trained on: see `trainer.comparing.photo_sets.photo_sets`.
        out: a new folder, or one with a comparison of the same bundles, whose results are replaced.
        allow_missing: a new bundle that lacks breeds of the old one is not worse for that.
        photos: whether the page shows some of the photos.
        slower: how many times the old bundle's time for a photo the new one may take.
        precision, engine: as `Classifier.load` takes them, for both. Without a precision, int8 if both have it, and
            otherwise float32: every processor computes these alike.

    Raises:
        ComparisonError: there is nothing to compare on, or `out` holds something else.
        BundleError: a bundle cannot be run.
        PhotosError: neither bundle knows one of the breeds.
    """
    _check_photos(old, new, sets)
    precision = precision or ("int8" if old.int8_network and new.int8_network else "float32")
    run = {"old": old.digest, "new": new.digest, "precision": precision, "engine": engine}
    with kept_answers(out, run) as kept:
        answers, unreadable = answer_all((old, new), _all(sets), kept, precision, engine, progress)
        compared = compared_of(old, new, sets, answers, unreadable)
        measures = guarded_measures(compared, slower)
        decision = decide(measures, compared, allow_missing)
        result = ComparisonResult(
            old=old.digest,
            new=new.digest,
            outcome=decision.outcome,
            reasons=decision.reasons,
            photos=compared.photos,
        )
        _write(out, result, compared, measures, decision, photos)
    return result


def _all(sets: PhotoSets) -> list[LabelledPhoto]:
    return [*chain.from_iterable(sets.labelled.values()), *sets.not_a_dog, *sets.other_breeds]


def _check_photos(old: Bundle, new: Bundle, sets: PhotoSets) -> None:
    mine, its = set(old.config.label_names), set(new.config.label_names)
    if not mine & its:
        raise ComparisonError("The two bundles have no breed in common, so there is nothing to compare.")
    paths = [photo.path.resolve() for photos in sets.labelled.values() for photo in photos]
    if twice := len(paths) - len(set(paths)):
        raise ComparisonError(f"{twice} photos are in two sets of --data. Each may count once: leave one set out.")
    there = {photo.breed for photos in sets.labelled.values() for photo in photos}
    if unknown := sorted(there - mine - its):
        raise PhotosError(
            f"Neither bundle knows {len(unknown)} of the breeds ({', '.join(unknown[:5])}). Name the folders like "
            "their label_names, or give photos of unknown breeds with --other-breeds."
        )
    if not there & mine & its:
        raise ComparisonError("No photo shows a breed that both bundles know, so there is nothing to compare.")


def compared_of(
    old: Bundle, new: Bundle, sets: PhotoSets, answers: dict[Path, Pair], unreadable: dict[Path, str]
) -> Compared:
    """Sorts the answers by what the photos show.

    Raises:
        ComparisonError: no photo of a breed that both know could be read.
    """
    bundles, mine, its = (old, new), set(old.config.label_names), set(new.config.label_names)

    def both(photos: list[LabelledPhoto]) -> Both:
        read = [photo for photo in photos if photo.path in answers]
        return both_of(bundles, read, [answers[photo.path] for photo in read])

    named = [(photo, name) for name, photos in sets.labelled.items() for photo in photos if photo.path in answers]
    shared = [(photo, name) for photo, name in named if photo.breed in mine & its]
    if not shared:
        raise ComparisonError(f"None of the photos could be read: {next(iter(unreadable.values()), '')}")
    return Compared(
        labelled=both([photo for photo, _ in shared]),
        set_names=np.array([name for _, name in shared], np.str_),
        not_a_dog=both(sets.not_a_dog),
        other_breeds=both(sets.other_breeds),
        unshared=both([photo for photo, _ in named if photo.breed not in mine & its]),
        missing=sorted(mine - its),
        added=sorted(its - mine),
        unreadable=unreadable,
    )


def _write(
    out: Path,
    result: ComparisonResult,
    compared: Compared,
    measures: list[Guarded],
    decision: Decision,
    photos: bool,
) -> None:
    """The result comes last: where it is, the others are."""
    texts = {
        NUMBERS_FILE: numbers(compared, measures, decision),
        PAGE_FILE: comparison_page(compared, measures, decision, result, photos),
        COMPARISON_FILE: result.model_dump_json(indent=2) + "\n",
    }
    for name, text in texts.items():
        with whole_file(out / name) as file:
            file.write_text(text, encoding="utf-8")
