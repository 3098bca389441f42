"""Packages that only some predictions need, and what is said where one is missing."""

from importlib import import_module
from types import ModuleType

from dogbreed.errors import DogbreedError


class MissingPackageError(DogbreedError):
    """An optional package is not installed. The message says which, and how to install it."""


def missing(what: str, package: str, instead: str = "") -> MissingPackageError:
    """The error for `what`, which needs `package`; `instead` is a sentence about how to do without it."""
    install = f"Run: python -m pip install '{package}'. {instead}".rstrip()
    return MissingPackageError(f"{what} needs the package {package}, which is not installed. {install}")


def fsspec() -> ModuleType:
    """The module fsspec, which opens object stores.

    Raises:
        MissingPackageError: it is not installed.
    """
    try:
        return import_module("fsspec")
    except ImportError as error:
        raise missing("A photo or list at a URL", "fsspec", "Or name files and folders.") from error


def pyarrow() -> tuple[ModuleType, ModuleType]:
    """The modules pyarrow and pyarrow.parquet.

    Raises:
        MissingPackageError: they are not installed.
    """
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError as error:
        raise missing("Parquet", "pyarrow", "Or name an output that ends in .csv or .jsonl.") from error
