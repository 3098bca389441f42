"""Tables of a comparison's page: confusions that changed, photos on which the bundles differ, breeds that one lacks."""

from collections import Counter
from typing import Any

import numpy as np

from dogbreed.answers.breeds import display_name
from trainer.comparing.both_answers import Both
from trainer.comparing.compared import Compared, side_of
from trainer.evaluation.thumbnails import thumbnail

SHOWN_CONFUSIONS = 12
SHOWN_PHOTOS = 12  # worse, and as many better


def changed_confusions(compared: Compared) -> list[dict[str, Any]]:
    """The pairs of a breed and a wrong answer whose counts changed most."""
    old, new = (
        Counter(
            (str(breed), str(said))
            for breed, said in zip(compared.breeds, side.predicted, strict=True)
            if breed != said
        )
        for side in (compared.old, compared.new)
    )
    photos = Counter(compared.breeds.tolist())
    pairs = sorted({*old, *new}, key=lambda pair: (-abs(new[pair] - old[pair]), pair))
    return [
        {
            "breed": display_name(pair[0]),
            "said": display_name(pair[1]),
            "old": old[pair],
            "new": new[pair],
            "photos": photos[pair[0]],
        }
        for pair in pairs[:SHOWN_CONFUSIONS]
        if old[pair] != new[pair]
    ]


def differing_photos(compared: Compared, photos: bool) -> list[dict[str, Any]]:
    """The photos whose right breed lost most of its probability, and those where it gained most."""
    gains = compared.new.truth - compared.old.truth
    order = np.argsort(gains, kind="stable")
    lost = [int(index) for index in order[:SHOWN_PHOTOS] if gains[index] < 0]
    gained = [int(index) for index in order[::-1][:SHOWN_PHOTOS] if gains[index] > 0]
    titles = ("The right breed lost probability", lost), ("The right breed gained probability", gained)
    return [
        {"title": title, "photos": [_photo(compared, index, photos) for index in chosen]}
        for title, chosen in titles
        if chosen
    ]


def _photo(compared: Compared, index: int, photos: bool) -> dict[str, Any]:
    photo = compared.labelled.photos[index]
    return {
        "breed": display_name(photo.breed),
        "old": float(compared.old.truth[index]),
        "new": float(compared.new.truth[index]),
        "old_said": display_name(str(compared.old.predicted[index])),
        "new_said": display_name(str(compared.new.predicted[index])),
        "path": str(photo.path),
        "file": photo.path.name,
        "image": thumbnail(photo.path, compared.labelled.new.bundle.config) if photos else "",
    }


def unshared_table(compared: Compared) -> list[dict[str, Any]]:
    """Breeds that only one bundle knows and photos show: how often that bundle is right."""
    rows = []
    breeds = np.array([photo.breed for photo in compared.unshared.photos], np.str_)
    for breed in np.unique(breeds):
        mine: Both = compared.unshared.where(breeds == breed)
        knows_new = str(breed) in compared.added
        answers = mine.new if knows_new else mine.old
        side = side_of(answers, [str(breed)] * len(mine), answers.bundle.config.label_names)
        rows.append(
            {
                "breed": display_name(str(breed)),
                "known_to": "new" if knows_new else "old",
                "right": float(side.right.mean()),
                "photos": len(mine),
            }
        )
    return rows
