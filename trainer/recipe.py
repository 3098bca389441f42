"""A recipe: everything that decides how a model is trained, as data. One TOML file each."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dogbreed.bundle import CropMode, Interpolation

RECIPES_DIR = Path(__file__).parent / "recipes"
DEFAULT_RECIPE = "resnet152"

Share = Annotated[float, Field(ge=0, le=1)]


class RecipeError(Exception):
    """A recipe that is not there or not valid; the message names the key and what is legal."""


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Input(Section):
    """What the network sees: the size of training crops, and how a photo is framed when it answers."""

    train_size: int = Field(ge=32, le=1024)
    size: int = Field(ge=32, le=1024)
    interpolation: Interpolation = "bicubic"
    crop_pct: float = Field(default=1.0, gt=0, le=1)
    crop_mode: CropMode = "squash"


class Augmentation(Section):
    """What training photos go through. Framing first: a visitor's photo is rarely cut as tightly as a data set's."""

    crop_scale: tuple[float, float] = (0.25, 1.0)  # share of the area that a random resized crop keeps
    crop_ratio: tuple[float, float] = (0.7, 1.43)  # width over height of that crop
    zoom_out: Share = 0.0  # how often the photo is first set on a larger grey canvas, up to zoom_out_side a side
    zoom_out_side: float = Field(default=1.8, ge=1)
    flip: Share = 0.5
    rotation: float = Field(default=15.0, ge=0, le=180)  # degrees either way
    rotation_share: Share = 0.3  # how often it is rotated at all
    color: float = Field(default=0.3, ge=0, le=1)  # brightness, contrast, saturation; hue gets a sixth of it
    color_share: Share = 0.5
    grayscale: Share = 0.02


class Head(Section):
    dropout: float = Field(default=0.2, ge=0, lt=1)
    from_imagenet: bool = True  # where a breed is an ImageNet class, start from ImageNet's row for it


class Optimizer(Section):
    name: Literal["adamw", "sgd"] = "adamw"
    lr: float = Field(gt=0)  # of the head; also of the backbone, times backbone_lr_factor
    backbone_lr_factor: float = Field(default=1.0, gt=0)
    weight_decay: float = Field(default=0.05, ge=0)
    warmup: Share = 0.05  # share of all steps with a rising rate; a half cosine down to zero follows


class Training(Section):
    epochs: int = Field(ge=1)
    frozen_epochs: int = Field(default=0, ge=0)  # first epochs, in which only the head learns
    batch_size: int = Field(default=64, ge=1)
    patience: int = Field(default=5, ge=1)  # epochs without a better validation loss before training stops
    validation_fraction: float = Field(default=0.1, gt=0, lt=1)  # of the train part, breed by breed
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)
    distillation: Share = 0.0  # weight of what the starting model says beside the label: the less is forgotten
    ema_decay: float = Field(default=0.0, ge=0, lt=1)  # of the moving average of weights; 0: none


class Recipe(Section):
    description: str
    architecture: str
    input: Input
    augmentation: Augmentation = Augmentation()
    head: Head = Head()
    optimizer: Optimizer
    training: Training


def adapt(recipe: Recipe, epochs: int | None, pretrained: bool) -> Recipe:
    """The recipe as it will run: with the user's number of epochs, and nothing frozen that was never trained.

    Raises:
        RecipeError: the number of epochs is not above zero.
    """
    changes: dict[str, Any] = {}
    if epochs is not None:
        changes["epochs"] = epochs
    if not pretrained:
        changes["frozen_epochs"] = 0
    data = recipe.model_dump()
    return parse_recipe({**data, "training": {**data["training"], **changes}})


def recipe_names() -> list[str]:
    return sorted(path.stem for path in RECIPES_DIR.glob("*.toml"))


def read_recipe(name: str) -> Recipe:
    """Reads a recipe by its name, or by the path of a TOML file of the user's own.

    Raises:
        RecipeError: no such recipe, not TOML, an unknown key or an impossible value.
    """
    path = Path(name) if name.endswith(".toml") else RECIPES_DIR / f"{name}.toml"
    if not path.is_file():
        raise RecipeError(
            f"There is no recipe {name}. Expected one of {', '.join(recipe_names())}, or the path of a .toml file."
        )
    try:
        return parse_recipe(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path} is not TOML: {error}.") from error
    except RecipeError as error:
        raise RecipeError(f"{path} is not a valid recipe: {error}") from error


def parse_recipe(data: dict[str, Any]) -> Recipe:
    try:
        return Recipe.model_validate(data)
    except ValidationError as error:
        raise RecipeError("; ".join(_explain(e["loc"], e["msg"], e["type"]) for e in error.errors()) + ".") from error


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
