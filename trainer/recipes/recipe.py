"""A recipe: how a model is trained, as data. Each is one TOML file."""

import math
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from dogbreed.errors import DogbreedError
from dogbreed.model.bundle import BundleConfig
from dogbreed.photos.preprocessing import Channels, CropMode, Interpolation, Preprocessing

Share = Annotated[float, Field(ge=0, le=1)]
Size = Annotated[int, Field(ge=32, le=1024)]

STORED_MARGIN = 1.25  # size of stored photos, in sizes of training crops: random crops magnify


class RecipeError(DogbreedError):
    """A recipe does not exist or is not valid; the message names the key and the allowed values."""


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Input(Section):
    """The network's input: the size of training crops, and how photos are framed for validation and serving."""

    train_size: Size
    size: Size
    interpolation: Interpolation = "bicubic"
    crop_pct: float = Field(default=1.0, gt=0, le=1)
    crop_mode: CropMode = "squash"
    mirror: bool = False  # answer with the mean over a photo and its mirror image: more accurate, twice the time

    @property
    def stored_size(self) -> int:
        """The height and width of stored training photos: a multiple of 32."""
        return math.ceil(self.train_size * STORED_MARGIN / 32) * 32


class Augmentation(Section):
    """The augmentation of training photos. Framing comes first: visitors' photos are rarely cropped like data sets."""

    crop_scale: tuple[float, float] = (0.25, 1.0)  # share of the area that a random resized crop keeps
    crop_ratio: tuple[float, float] = (0.7, 1.43)  # how much wider or narrower than the photo that crop may be
    zoom_out: Share = 0.0  # how often the photo is first put on a larger canvas, up to zoom_out_side times its sides
    zoom_out_side: float = Field(default=1.8, ge=1)
    surroundings: Literal["grey", "mirrored"] = "grey"  # what fills the area around it: grey, or its mirror images
    flip: Share = 0.5
    rotation: float = Field(default=15.0, ge=0, le=180)  # degrees in both directions
    rotation_share: Share = 0.3  # how often it is rotated at all
    color: float = Field(default=0.3, ge=0, le=1)  # brightness, contrast, saturation; hue gets a sixth of it
    color_share: Share = 0.5
    grayscale: Share = 0.02
    randaugment: int = Field(default=0, ge=0, le=10)  # RandAugment: number of operations per photo
    randaugment_magnitude: int = Field(default=9, ge=0, le=30)
    erasing: Share = 0.0  # how often a rectangle of the photo is erased
    mixup: float = Field(default=0.0, ge=0)  # alpha of the share by which two photos are averaged; 0: never
    cutmix: float = Field(default=0.0, ge=0)  # alpha of the share of a photo that is pasted into another; 0: never
    mix_share: Share = 1.0  # the share of batches that are mixed, if mixup or cutmix is on

    @property
    def mixes(self) -> bool:
        return self.mixup > 0 or self.cutmix > 0

    @property
    def cache_key(self) -> dict[str, Any]:
        """All settings, for the file names and the random numbers of cached views.

        Both stay as they were before `surroundings` was added, because its default is left out.
        """
        return self.model_dump(exclude={"surroundings"} if self.surroundings == "grey" else None)


class Head(Section):
    """The classifier on the features: [batch normalization], [hidden layers], dropout, and a linear layer."""

    hidden: list[Annotated[int, Field(ge=1)]] = []  # widths of fully connected layers, each with a ReLU
    batch_norm: bool = False  # of the features
    dropout: float = Field(default=0.2, ge=0, lt=1)
    from_imagenet: bool = (
        True  # initialize the rows of a plain head from ImageNet's for breeds that are ImageNet classes
    )

    @property
    def is_plain(self) -> bool:
        return not self.hidden and not self.batch_norm


class Optimizer(Section):
    name: Literal["adamw", "adam", "sgd"] = "adamw"
    lr: float = Field(gt=0)  # of the head; that of the backbone is multiplied by backbone_lr_factor
    backbone_lr_factor: float = Field(default=1.0, gt=0)
    momentum: float = Field(default=0.9, ge=0, lt=1)  # of sgd
    weight_decay: float = Field(default=0.05, ge=0)
    schedule: Literal["cosine", "linear", "constant"] = "cosine"  # of the learning rate after the warmup
    warmup: Share = 0.05  # share of all steps, with a rising learning rate


class Training(Section):
    epochs: int = Field(ge=1)
    # The first epochs, in which only the head is trained, or "all". `thaw` unfreezes parts of the backbone earlier.
    frozen_epochs: Annotated[int, Field(ge=0)] | Literal["all"] = 0
    thaw: dict[
        str, Annotated[int, Field(ge=0)]
    ] = {}  # part of the backbone (as "layer4") = number of epochs for which it stays frozen
    # Part of the backbone (as "blocks.4") that stays frozen with all before it. Its outputs for each photo and each of
    # its feature_views are computed once; only the layers after it are trained. Empty: nothing is stored.
    cached_through: str = ""
    feature_views: int = Field(
        default=1, ge=0
    )  # views per photo whose features are computed once on a frozen backbone; 0: new views in every epoch
    batch_size: int = Field(default=64, ge=1)
    patience: int = Field(default=5, ge=1)  # epochs without a lower validation loss before training stops
    validation_fraction: float = Field(default=0.1, gt=0, lt=1)  # share of the train part, in each breed
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)
    class_weighting: Literal["none", "balanced"] = "none"  # balanced: a breed with half the photos has twice the weight
    distillation: Share = 0.0  # weight of the answers of the teachers in the loss; without --teacher, of the start
    # Labels that the teachers find less probable than this do not count; the target is the teachers' answer alone. It
    # is meant for wrong labels. On photos from the web it changed nothing that could be measured.
    doubt: Share = 0.0
    # Of the backbone's batch normalization: kept are those of the starting weights, for training on few photos.
    batch_statistics: Literal["updated", "kept"] = "updated"
    ema_decay: float = Field(default=0.0, ge=0, lt=1)  # of the moving average of weights; 0: none
    precision: Literal["auto", "float32", "bfloat16"] = "auto"  # auto: bfloat16 if the machine supports it natively

    def trains_backbone(self, epoch: int) -> bool:
        """Whether the whole backbone is trained in an epoch, counted from 0."""
        return self.frozen_epochs != "all" and epoch >= self.frozen_epochs

    def thawed(self, epoch: int) -> list[str]:
        """The parts of a frozen backbone that are trained in an epoch, counted from 0."""
        return [part for part, epochs in self.thaw.items() if epoch >= epochs]


class Range(Section):
    """Numbers from `low` to `high` that `manage.py tune` tries."""

    low: int | float
    high: int | float
    scale: Literal["auto", "log", "linear"] = "auto"  # auto: log if the range spans at least a factor of ten

    @model_validator(mode="after")
    def check_order(self) -> Self:
        if not self.low < self.high:
            raise ValueError(f"a range needs a low end below its high end, not {self.low} and {self.high}")
        if self.scale == "log" and self.low <= 0:
            raise ValueError(f"a logarithmic range begins above 0, not at {self.low}")
        return self

    @property
    def ends(self) -> list[Any]:
        return [self.low, self.high]


class Choices(Section):
    """Values that `manage.py tune` tries."""

    choices: list[bool | int | float | str] = Field(min_length=1)

    @property
    def ends(self) -> list[Any]:
        return list(self.choices)


Searched = Range | Choices


class Recipe(Section):
    description: str
    architecture: str
    input: Input
    augmentation: Augmentation = Augmentation()
    head: Head = Head()
    optimizer: Optimizer
    training: Training
    # What `manage.py tune` tries, by key (as "optimizer.lr"); one training ignores it. Empty: the usual ranges.
    search: dict[str, Searched] = Field(default={}, exclude_if=lambda search: not search)

    @model_validator(mode="after")
    def check_cached_through(self) -> Self:
        if not self.training.cached_through:
            return self
        if not self.training.feature_views:
            raise ValueError("training.cached_through needs training.feature_views of at least 1")
        if self.training.thaw or self.augmentation.mixes or self.input.mirror:
            raise ValueError(
                "training.cached_through cannot be combined with training.thaw, augmentation.mixup, "
                "augmentation.cutmix or input.mirror"
            )
        return self

    def trains_on_features(self, epoch: int, taught: bool = False) -> bool:
        """Whether the head can be trained on features that were computed once, in an epoch counted from 0.

        Args:
            taught: whether the answers of teachers were computed once too. If not, distillation from the starting model
                needs the photos in every step.
        """
        t = self.training
        frozen = not t.trains_backbone(epoch) and not t.thawed(epoch)
        return frozen and t.feature_views > 0 and (taught or not t.distillation) and not self.augmentation.mixes


def without_pretrained_weights(recipe: Recipe) -> Recipe:
    """The recipe for random starting weights: layers that were never trained are not frozen.

    In many frozen layers with random weights, whose batch statistics do not fit, activations grow without bounds.
    """
    changes = {"frozen_epochs": 0, "thaw": {}, "cached_through": "", "batch_statistics": "updated"}
    training = recipe.training.model_copy(update=changes)
    return recipe.model_copy(update={"training": training})


def parse_recipe(data: dict[str, Any]) -> Recipe:
    """Validates a recipe's data.

    Raises:
        RecipeError: an unknown key or an invalid value; the message names it and what is allowed.
    """
    try:
        return Recipe.model_validate(data)
    except ValidationError as error:
        raise RecipeError("; ".join(_explain(e["loc"], e["msg"], e["type"]) for e in error.errors()) + ".") from error


def preprocessing_of(settings: Input, mean: Channels, std: Channels) -> Preprocessing:
    """How photos are framed and normalized when a recipe's network validates and serves.

    Args:
        mean, std: the normalization of the weights that it starts from.
    """
    return Preprocessing(
        input_size=(3, settings.size, settings.size),
        interpolation=settings.interpolation,
        crop_pct=settings.crop_pct,
        crop_mode=settings.crop_mode,
        mean=mean,
        std=std,
    )


def recipe_of(config: BundleConfig) -> Recipe:
    """The recipe that a bundle was trained with.

    Raises:
        RecipeError: this version of the program cannot read it.
    """
    try:
        return parse_recipe(config.provenance.recipe)
    except RecipeError as error:
        raise RecipeError(f"The recipe of the bundle {config.name} {config.version} is not valid: {error}") from error


def _explain(location: tuple[int | str, ...], message: str, kind: str) -> str:
    key = ".".join(map(str, location))
    if kind != "extra_forbidden":
        return f"{key}: {message}"
    section: type[BaseModel] = Recipe
    for part in location[:-1]:
        annotation = section.model_fields[str(part)].annotation
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            return f"{key}: unknown key"
        section = annotation
    return f"{key}: unknown key; the keys are {', '.join(section.model_fields)}"
