"""The data file of `manage.py organize`: a TOML file that lists several sources of labelled photos."""

import tomllib
from pathlib import Path
from typing import Annotated

import pandas as pd
from pydantic import Field, ValidationError

from dogbreed.strict_model import StrictModel
from trainer.photos.folders import PhotosError

Share = Annotated[float, Field(ge=0, lt=1)]


class Source(StrictModel):
    """One folder of labelled photos, in any layout that `organize` reads.

    Only the first source of a data file has a test part. Every other source is used for training and validation.
    """

    name: str
    path: Path
    weight: float = Field(default=1.0, gt=0, allow_inf_nan=False)  # of each of its photos in the training loss
    cap: int | None = Field(default=None, ge=1)  # maximum number of photos per breed
    held_out: Share = 0.1  # share of the photos that are not tested on that is used for validation
    # CSV file with the columns path (or file) and source. If it is given, whole origins are used for validation.
    origins: Path | None = None

    def origin_of(self) -> dict[str, str]:
        """The origin of each photo, by `<folder>/<file>`; empty if the source has no table of origins.

        Raises:
            PhotosError: the table is missing, cannot be read as CSV, or lacks a column.
        """
        if self.origins is None:
            return {}
        try:
            table = pd.read_csv(self.origins, dtype=str, keep_default_na=False)
        except (OSError, ValueError) as error:
            raise PhotosError(f"Source {self.name}: {self.origins} cannot be read as CSV: {error}.") from error
        files = "path" if "path" in table else "file"
        if not {files, "source"} <= set(table.columns):
            raise PhotosError(f"Source {self.name}: {self.origins} needs the columns path (or file) and source.")
        return {
            "/".join(Path(file).parts[-2:]): origin for file, origin in zip(table[files], table["source"], strict=True)
        }


class DataFile(StrictModel):
    sources: list[Source] = Field(alias="source", min_length=1)
    # Photos of dogs of breeds that no source has, in one folder per breed: a model learns not to name such dogs.
    other_breeds: Path | None = None
    test: float = Field(default=0.25, gt=0, lt=1)  # share of the first source, unless it is split already


def read_data_file(path: Path) -> DataFile:
    """Reads a data file. Relative paths in it are relative to its folder.

    Raises:
        PhotosError: the file is missing, not TOML, or has an unknown key or an invalid value.
    """
    try:
        data = DataFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PhotosError(f"{path} cannot be read as TOML: {error}.") from error
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise PhotosError(
            f"{path} is not a valid data file: {wrong}. It needs a [[source]] with name and path for each folder."
        ) from error
    names = [source.name for source in data.sources]
    repeated = {name for name in names if names.count(name) > 1}
    if repeated:
        raise PhotosError(f"{path} has several sources named {', '.join(sorted(repeated))}. Give each its own name.")
    sources = [_relative_to(path.parent, source) for source in data.sources]
    other_breeds = path.parent / data.other_breeds if data.other_breeds else None
    return data.model_copy(update={"sources": sources, "other_breeds": other_breeds})


def _relative_to(folder: Path, source: Source) -> Source:
    origins = folder / source.origins if source.origins else None
    return source.model_copy(update={"path": folder / source.path, "origins": origins})
