"""Fixed views of the training photos: what frozen layers compute from them, and what teachers say about them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torchvision.transforms.v2 import functional as pixels

from trainer import machine
from trainer.distributed import ALONE
from trainer.networks.cutting import cut_backbone
from trainer.networks.network import BreedNetwork
from trainer.progress import ProgressBar, silent
from trainer.training.augmentation import BatchAugmentation, Normalization
from trainer.training.batches import Labelled
from trainer.training.data import TrainingData
from trainer.training.feature_cache import FrozenLayers, content_key, seed_of
from trainer.training.losses import distilled_targets
from trainer.training.run_config import RunConfig
from trainer.training.teachers import Teacher, View, mean_answer

AT_ONCE_ON_CPU = 8  # images: two to three times as fast as 64, whose activations do not fit into a processor's caches

Key = tuple[object, ...]
See = Callable[[Tensor], Tensor]


def with_cached_views(
    data: TrainingData,
    network: BreedNetwork,
    config: RunConfig,
    cache: Path,
    teachers: Sequence[Teacher] = (),
    progress: ProgressBar = silent,
) -> TrainingData:
    """Adds what is computed only once: features or activations, as the recipe says, and the answers of teachers.

    Args:
        network: as it is before training.
        cache: folder of the results.

    Raises:
        NetworkError: the backbone cannot be cut where the recipe says.
    """
    views = _CachedViews(data, network, config, cache, teachers, progress)
    return views.with_activations() if config.recipe.training.cached_through else views.with_features()


class _CachedViews:
    def __init__(
        self,
        data: TrainingData,
        network: BreedNetwork,
        config: RunConfig,
        cache: Path,
        teachers: Sequence[Teacher],
        progress: ProgressBar,
    ) -> None:
        self.data = replace(data, taught=bool(teachers or config.recipe.training.cached_through))
        self.photos = data.photos
        self.recipe = config.recipe
        self.network = network
        self.config = config
        self.cache = cache
        self.teachers = teachers
        self.progress = progress
        self.normalize = Normalization(config.mean, config.std)
        self.device = machine.device()

    def with_features(self) -> TrainingData:
        """Features of a frozen backbone, and teachers' answers to the same views or, elsewhere, to whole photos."""
        training, data = self.recipe.training, self.data
        on_features = sum(data.trains_on_features(epoch) for epoch in range(training.epochs))
        if self.teachers and on_features < training.epochs:
            data = replace(data, photos=replace(data.photos, targets=self._targets(_whole_photos())))
        if not on_features:
            return data
        frozen = self._frozen(self.network.backbone)
        settings = (self.config.seed, self.recipe.augmentation.cache_key, self.recipe.input.train_size)
        views = []
        for number in range(min(training.feature_views, on_features)):
            key = (number, settings)
            view = self._augmented(number, key, seed_of((*self._key(key), content_key(self.photos.rows))))
            features = self._outputs(frozen, f"Features, {view.name}", self.photos, self._input(view), key, view.seed)
            views.append(replace(features, targets=self._targets(view)))
        title, served = "Features of the validation photos", ("served", self.network.mirror)
        validation = self._outputs(frozen, title, data.validation, self._as_served, served)
        return replace(data, feature_views=views, validation_features=validation)

    def with_activations(self) -> TrainingData:
        """Activations of whole photos and of every view and, for epochs that train only the head, features."""
        training, data = self.recipe.training, self.data
        front, back = cut_backbone(self.network.backbone, training.cached_through, self.recipe.input.size)
        first = self._frozen(front, kind="activations", dtype=np.float16)
        last = self._frozen(back)
        head_only = any(data.trains_on_features(epoch) for epoch in range(training.epochs))
        with_features = head_only or bool(training.distillation and not self.teachers)

        def compute(name: str, photos: Labelled, see: See, key: Key, seed: int = 0) -> tuple[Labelled, Labelled | None]:
            key = (training.cached_through, *key)
            seen = self._outputs(first, f"Activations, {name}", photos, see, key, seed)
            return seen, self._outputs(last, f"Features, {name}", seen, _floats, key) if with_features else None

        activation_views, feature_views = [], []
        for view in [_whole_photos(), *map(self._same_at_any_size, range(training.feature_views))]:
            key = (self.recipe.input.train_size, *view.key)
            activations, features = compute(view.name, self.photos, self._input(view), key, view.seed)
            targets = self._targets(view, features)
            activation_views.append(replace(activations, targets=targets))
            if features and head_only:
                feature_views.append(replace(features, targets=targets))
        validation = compute("validation photos", data.validation, self.normalize, ("served",))
        return replace(
            data,
            activation_views=activation_views,
            validation_activations=validation[0],
            feature_views=feature_views,
            validation_features=validation[1] if head_only else None,
        )

    def _targets(self, view: View, features: Labelled | None = None) -> Tensor:
        """Labels with the mean answer of the teachers; without teachers, that of the starting head to `features`."""
        training, labels = self.recipe.training, self.photos.targets
        if self.teachers:
            answers = []
            for teacher in self.teachers:
                with self.progress(f"{teacher.name} on {view.name}") as asking:
                    answers.append(teacher.answers(self.photos.rows, view, asking))
            return distilled_targets(labels, mean_answer(answers), training)
        if not (training.distillation and features):
            return labels
        head = self.network.head.eval().cpu()
        with torch.inference_mode():
            answer = head(torch.from_numpy(np.array(features.rows))).softmax(dim=1)
        return distilled_targets(labels, answer, training).clone()

    def _same_at_any_size(self, number: int) -> View:
        """An augmented view whose crops do not depend on the network's input, so that teachers answer only once."""
        key = ("augmented", self.config.seed, self.recipe.augmentation.cache_key, number)
        return self._augmented(number, key, seed_of((*key, content_key(self.photos.rows))))

    def _augmented(self, number: int, key: Key, seed: int) -> View:
        def crop(photos: Tensor, size: int) -> Tensor:
            return BatchAugmentation(self.recipe.augmentation, size, ALONE)(photos)

        return View(f"view {number + 1}", key, seed, crop)

    def _input(self, view: View) -> See:
        return lambda photos: self.normalize(view.crop(photos, self.recipe.input.train_size))

    def _as_served(self, photos: Tensor) -> Tensor:
        images = self.normalize(photos)
        return torch.stack([images, images.flip(3)], dim=1) if self.network.mirror else images

    def _frozen(self, layers: nn.Module, kind: str = "features", dtype: type[np.floating] = np.float32) -> FrozenLayers:
        layers = layers.to(self.device).to(memory_format=torch.channels_last)
        autocast = machine.precision(self.recipe.training.precision) == "bf16-mixed"
        small = self.recipe.training.cached_through and self.device.type == "cpu"
        return FrozenLayers(layers, self.device, autocast, self.cache, kind, dtype, AT_ONCE_ON_CPU if small else None)

    def _outputs(
        self, frozen: FrozenLayers, title: str, photos: Labelled, see: See, key: Key, seed: int = 0
    ) -> Labelled:
        with self.progress(title) as computing:
            return replace(photos, rows=frozen.outputs(photos.rows, see, self._key(key), seed, computing))

    def _key(self, key: Key) -> Key:
        return (*key, self.config.mean, self.config.std)


def _floats(activations: Tensor) -> Tensor:
    return activations.float().contiguous(memory_format=torch.channels_last)


def _whole_photos() -> View:
    """The photos as they are stored, resized."""

    def crop(photos: Tensor, size: int) -> Tensor:
        resized: Tensor = pixels.resize(photos.float().div_(255), [size, size], antialias=True)
        return resized.clamp_(0, 1)

    return View("whole photos", ("whole",), 0, crop)
