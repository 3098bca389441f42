"""A recipe: everything that decides how a model is trained, as data. One TOML file each."""

import math
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dogbreed.errors import DogbreedError
from dogbreed.model.bundle import BundleConfig
from dogbreed.photos.preprocessing import Channels, CropMode, Interpolation, Preprocessing

Share = Annotated[float, Field(ge=0, le=1)]
Size = Annotated[int, Field(ge=32, le=1024)]

STORED_MARGIN = 1.25  # how much larger photos are kept than training crops are: random crops magnify


class RecipeError(DogbreedError):
    """A recipe that is not there or not valid; the message names the key and what is legal."""


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Input(Section):
    """What the network sees: the size of training crops, and how a photo is framed when it answers."""

    train_size: Size
    size: Size
    interpolation: Interpolation = "bicubic"
    crop_pct: float = Field(default=1.0, gt=0, le=1)
    crop_mode: CropMode = "squash"
    mirror: bool = False  # answer with the mean over a photo and its mirror image: steadier, at twice the work

    @property
    def stored_size(self) -> int:
        """The height and width at which photos are kept while they are trained on: a multiple of 32."""
        return math.ceil(self.train_size * STORED_MARGIN / 32) * 32


class Augmentation(Section):
    """What training photos go through. Framing first: a visitor's photo is rarely cut as tightly as a data set's."""

    crop_scale: tuple[float, float] = (0.25, 1.0)  # share of the area that a random resized crop keeps
    crop_ratio: tuple[float, float] = (0.7, 1.43)  # how much wider or narrower than the photo that crop may be
    zoom_out: Share = 0.0  # how often the photo is first set on a larger grey canvas, up to zoom_out_side a side
    zoom_out_side: float = Field(default=1.8, ge=1)
    flip: Share = 0.5
    rotation: float = Field(default=15.0, ge=0, le=180)  # degrees either way
    rotation_share: Share = 0.3  # how often it is rotated at all
    color: float = Field(default=0.3, ge=0, le=1)  # brightness, contrast, saturation; hue gets a sixth of it
    color_share: Share = 0.5
    grayscale: Share = 0.02
    randaugment: int = Field(default=0, ge=0, le=10)  # RandAugment: so many operations a photo
    randaugment_magnitude: int = Field(default=9, ge=0, le=30)
    erasing: Share = 0.0  # how often a rectangle of the photo is blanked
    mixup: float = Field(default=0.0, ge=0)  # alpha of the share by which two photos are averaged; 0: never
    cutmix: float = Field(default=0.0, ge=0)  # alpha of the share of a photo that is pasted into another; 0: never
    mix_share: Share = 1.0  # how many batches are mixed, where mixup or cutmix is on

    @property
    def mixes(self) -> bool:
        return self.mixup > 0 or self.cutmix > 0


class Head(Section):
    """What turns features into breeds: [batch normalization], [hidden layers], dropout, and a linear layer."""

    hidden: list[Annotated[int, Field(ge=1)]] = []  # widths of fully connected layers, each with a ReLU
    batch_norm: bool = False  # of the features
    dropout: float = Field(default=0.2, ge=0, lt=1)
    from_imagenet: bool = True  # where a breed is an ImageNet class, start a plain head from ImageNet's row for it

    @property
    def is_plain(self) -> bool:
        return not self.hidden and not self.batch_norm


class Optimizer(Section):
    name: Literal["adamw", "adam", "sgd"] = "adamw"
    lr: float = Field(gt=0)  # of the head; also of the backbone, times backbone_lr_factor
    backbone_lr_factor: float = Field(default=1.0, gt=0)
    momentum: float = Field(default=0.9, ge=0, lt=1)  # of sgd
    weight_decay: float = Field(default=0.05, ge=0)
    schedule: Literal["cosine", "linear", "constant"] = "cosine"  # down to zero, or not
    warmup: Share = 0.05  # share of all steps with a rising rate


class Training(Section):
    epochs: int = Field(ge=1)
    # First epochs in which only the head learns, or "all"; parts of the backbone may begin to learn earlier.
    frozen_epochs: Annotated[int, Field(ge=0)] | Literal["all"] = 0
    thaw: dict[str, Annotated[int, Field(ge=0)]] = {}  # such parts (as "layer4") = epochs before they learn
    feature_views: int = Field(default=1, ge=0)  # views of a photo that a frozen backbone sees, once each; 0: ever new
    batch_size: int = Field(default=64, ge=1)
    patience: int = Field(default=5, ge=1)  # epochs without a better validation loss before training stops
    validation_fraction: float = Field(default=0.1, gt=0, lt=1)  # of the train part, breed by breed
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)
    class_weighting: Literal["none", "balanced"] = "none"  # balanced: a breed with half the photos weighs twice as much
    distillation: Share = 0.0  # weight of what the starting model says beside the label: the less is forgotten
    ema_decay: float = Field(default=0.0, ge=0, lt=1)  # of the moving average of weights; 0: none
    precision: Literal["auto", "float32", "bfloat16"] = "auto"  # auto: bfloat16 where the machine computes in it

    def trains_backbone(self, epoch: int) -> bool:
        """Whether the whole backbone learns in an epoch, counted from 0."""
        return self.frozen_epochs != "all" and epoch >= self.frozen_epochs

    def thawed(self, epoch: int) -> list[str]:
        """The parts of a frozen backbone that learn nevertheless in an epoch, counted from 0."""
        return [part for part, epochs in self.thaw.items() if epoch >= epochs]


class Recipe(Section):
    description: str
    architecture: str
    input: Input
    augmentation: Augmentation = Augmentation()
    head: Head = Head()
    optimizer: Optimizer
    training: Training

    def trains_on_features(self, epoch: int) -> bool:
        """Whether the head can learn from features that were computed once, in an epoch counted from 0."""
        t = self.training
        frozen = not t.trains_backbone(epoch) and not t.thawed(epoch)
        return frozen and t.feature_views > 0 and not t.distillation and not self.augmentation.mixes


def without_pretrained_weights(recipe: Recipe) -> Recipe:
    """The recipe for a network of random weights: what was never trained is not frozen.

    Through many frozen layers of random weights, whose batch statistics fit nothing, numbers grow beyond all bounds.
    """
    training = recipe.training.model_copy(update={"frozen_epochs": 0, "thaw": {}})
    return recipe.model_copy(update={"training": training})


def parse_recipe(data: dict[str, Any]) -> Recipe:
    """Validates a recipe's data.

    Raises:
        RecipeError: an unknown key or an impossible value; the message names it and what is legal.
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
    return f"{key}: unknown key, expected one of {', '.join(section.model_fields)}"
