"""Labelled photos as batches of tensors, framed and normalized exactly as in the API."""

from collections.abc import Callable, Iterator, Sequence

import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, default_collate

from dogbreed.photos.decoding import PhotoError
from dogbreed.photos.preprocessing import Preprocessing, to_input
from trainer.photos.folders import LabelledPhoto
from trainer.photos.reading import read_photo

Batch = tuple[Tensor, Tensor]
View = Callable[[Image.Image, LabelledPhoto], Image.Image]


class ServedPhotos(Dataset[Batch | PhotoError]):
    """Labelled photos, framed and normalized exactly as in the API: (float32 `[3, h, w]`, class index).

    The item of a broken photo is its error: PyTorch would replace an error raised in a worker by a text.
    """

    def __init__(
        self,
        photos: list[LabelledPhoto],
        preprocessing: Preprocessing,
        label_names: Sequence[str] = (),
        view: View | None = None,
    ) -> None:
        self.photos = photos
        self.preprocessing = preprocessing
        self.view = view
        self.targets = class_indices(photos, label_names)

    def __len__(self) -> int:
        return len(self.photos)

    def __getitem__(self, position: int) -> Batch | PhotoError:
        labelled = self.photos[position]
        try:
            photo = read_photo(labelled.path, self.preprocessing)
        except PhotoError as error:
            return error
        if self.view:
            photo = self.view(photo, labelled)
        return torch.from_numpy(to_input(photo, self.preprocessing)), self.targets[position]


def class_indices(photos: list[LabelledPhoto], label_names: Sequence[str]) -> Tensor:
    """int64 `[photos]`; -1 for photos of any other breed."""
    index_of = {name: index for index, name in enumerate(label_names)}
    return torch.tensor([index_of.get(photo.breed, -1) for photo in photos])


def serving_loader(
    photos: list[LabelledPhoto],
    preprocessing: Preprocessing,
    batch_size: int,
    workers: int,
    label_names: Sequence[str] = (),
    view: View | None = None,
) -> Iterator[Batch]:
    """Batches in order, read from the photos' files; `view` changes photos before they are framed.

    Without `label_names` every class index is -1.

    Raises:
        PhotoError: a file is not a photo that can be read, whichever process reads it.
    """
    served = ServedPhotos(photos, preprocessing, label_names, view)
    for batch in DataLoader(served, batch_size=batch_size, num_workers=workers, collate_fn=_batch):
        if isinstance(batch, PhotoError):
            raise batch
        yield batch


def _batch(items: list[Batch | PhotoError]) -> Batch | PhotoError:
    """One batch of the items, or the first error among them."""
    broken = next((item for item in items if isinstance(item, PhotoError)), None)
    if broken:
        return broken
    images, targets = default_collate(items)
    return images, targets
