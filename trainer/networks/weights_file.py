"""Writes files of weights: equal tensors and equal metadata give equal bytes."""

import json
from pathlib import Path

from safetensors.torch import save_file
from torch import Tensor

LENGTH_BYTES = 8  # of the header's length, at the beginning of the file, little-endian


def write_weights(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str] | None = None) -> None:
    """Writes a `.safetensors` file that every user may read.

    The library sorts the tensors, but it writes the metadata in the random order of a hash table. So the metadata is
    sorted afterwards; the header keeps its length.
    """
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path, metadata=metadata)
    with path.open("r+b") as file:
        length = int.from_bytes(file.read(LENGTH_BYTES), "little")
        header = json.loads(file.read(length))
        if described := header.pop("__metadata__", None):
            header = {"__metadata__": dict(sorted(described.items())), **header}
            text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
            file.seek(LENGTH_BYTES)
            file.write(text.ljust(length))
    path.chmod(0o644)  # the library makes it readable for its owner alone, but a server may be another user
