"""A bundle as one file for browsers, which run the network themselves. Its weights are integers of 8 to 12 bits.

The file has, one after the other:

- 8 bytes: `DOGBREED`
- 4 bytes: the length of the header, an unsigned integer. All numbers are little-endian
- 32 bytes: the SHA-256 of all that follows
- the header, JSON in UTF-8. `network` is the length of the network and `weights` describes the tensors; the rest is
  what answers are made of: `model`, `preprocessing`, `calibration`, `breeds`, `groups`, `promised`, `look_alikes`
- the network: `model.onnx` as it is. Its large tensors are in a file of the name `weights.file`, `weights.bytes` long
- for each of `weights.tensors`, the part of that file that begins at `offset`:
  - of `type` "raw": `bytes` bytes as they are
  - of `type` "float16" or "float32": `values` numbers, of which each of `channels` channels has as many. First a
    float32 for each channel, its scale. Then a byte for each number: the upper 8 of its `bits` bits. Then the lower
    bits of all numbers, as many as fit into a byte, the first in the lowest bits.
    A number is (integer - 2 ** (bits - 1) + 1) * scale.

The upper bits are bytes of their own because gzip then makes them smaller.
"""

import gzip
import hashlib
import json
import math
import struct
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dogbreed.answers.breeds import display_name, known_breed
from dogbreed.answers.naming import GROUP_NOUNS, PROMISED
from dogbreed.model.bundle import WEIGHTS_FILE, Bundle, BundleError
from dogbreed.photos.preprocessing import Preprocessing

MAGIC = b"DOGBREED"
FORMAT_VERSION = 1
# The bits of tensors of so many values or more. Those with fewer stay as they are: they cost little, and rounding them
# changes the answers most. On 1,050 photos `models/default` packed like this names the same breed as in float32, and no
# probability differs by more than 0.011. With 10 bits for all tensors it names another breed for 3 photos, and a
# probability differs by 0.12; with 8 bits for 15 photos, and by 0.13.
BITS = {1_000_000: 8, 300_000: 10, 100_000: 12}
TYPES = {"F16": "float16", "F32": "float32"}  # those that are packed: safetensors' names and ours


@dataclass(frozen=True)
class Tensor:
    """A part of `weights.safetensors`, from byte `offset` on; `channels` is 0 if it is not packed."""

    offset: int
    length: int
    type: str = "raw"
    channels: int = 0

    @property
    def values(self) -> int:
        return self.length // np.dtype(self.type).itemsize

    @property
    def bits(self) -> int:
        return next(bits for least, bits in BITS.items() if self.values >= least)

    def described(self) -> dict[str, Any]:
        if not self.channels:
            return {"type": "raw", "offset": self.offset, "bytes": self.length}
        return {
            "type": self.type,
            "offset": self.offset,
            "values": self.values,
            "channels": self.channels,
            "bits": self.bits,
        }

    @property
    def packed_bytes(self) -> int:
        if not self.channels:
            return self.length
        return 4 * self.channels + self.values + -(-self.values * (self.bits - 8) // 8)


class PackedModel:
    """A bundle as browsers download it. Any number of threads may share one.

    The digest, which is part of its address, changes with everything that the file contains.
    """

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._packing = Lock()

    @cached_property
    def digest(self) -> str:
        """32 hexadecimal digits."""
        return self._digest(self._bundle.network.read_bytes(), self._bundle.weights.read_bytes())

    def _digest(self, network: bytes, weights: bytes) -> str:
        return hashlib.sha256(b"".join([self._header, network, weights])).hexdigest()[:32]

    @cached_property
    def size(self) -> int:
        """Bytes of the file. They are known before it is packed."""
        packed = sum(tensor.packed_bytes for tensor in self._tensors)
        return len(MAGIC) + 36 + len(self._header) + self._bundle.network.stat().st_size + packed

    @property
    def gzipped(self) -> bytes:
        """The file, compressed with gzip: packed at the first call, and then kept in memory. Raises `BundleError`."""
        with self._packing:
            return self._gzipped

    @cached_property
    def _gzipped(self) -> bytes:
        return gzip.compress(self.packed(), compresslevel=6, mtime=0)

    def packed(self) -> bytes:
        """The file.

        Raises:
            BundleError: the bundle is no longer the one with this digest. Browsers keep the file for ever.
        """
        network, weights = self._bundle.network.read_bytes(), self._bundle.weights.read_bytes()
        if self._digest(network, weights) != self.digest:
            path = self._bundle.path
            raise BundleError(f"The model bundle {path} has changed since it was loaded. Start the server again.")
        content = b"".join([self._header, network, *(_packed(tensor, weights) for tensor in self._tensors)])
        return MAGIC + struct.pack("<I", len(self._header)) + hashlib.sha256(content).digest() + content

    @cached_property
    def _tensors(self) -> list[Tensor]:
        if WEIGHTS_FILE.encode() not in self._bundle.network.read_bytes():
            return []  # bundles of earlier versions, whose networks contain their weights
        return _tensors(self._bundle.weights.read_bytes())

    @cached_property
    def _header(self) -> bytes:
        weights = {
            "file": WEIGHTS_FILE,
            "bytes": self._bundle.weights.stat().st_size,
            "tensors": [tensor.described() for tensor in self._tensors],
        }
        network = self._bundle.network.stat().st_size
        return json.dumps({**answering(self._bundle), "network": network, "weights": weights}).encode()


def answering(bundle: Bundle) -> dict[str, Any]:
    """What answers are made of, beside the network's outputs."""
    config = bundle.config
    return {
        "format_version": FORMAT_VERSION,
        "model": {"name": config.name, "version": config.version},
        "preprocessing": config.model_dump(mode="json", include=set(Preprocessing.model_fields)),
        "calibration": config.calibration.model_dump(mode="json"),
        "breeds": [
            {"breed": label, "name": display_name(label), "group": known.group if (known := known_breed(label)) else ""}
            for label in config.label_names
        ],
        "groups": GROUP_NOUNS,
        "promised": PROMISED,
        "look_alikes": bundle.look_alikes.model_dump(mode="json")["pairs"] if bundle.look_alikes else [],
    }


def _tensors(weights: bytes) -> list[Tensor]:
    """The tensors of a safetensors file, in order. Those that follow each other and are not packed become one."""
    (length,) = struct.unpack_from("<Q", weights)
    described = json.loads(weights[8 : 8 + length])
    described.pop("__metadata__", None)
    tensors: list[Tensor] = []
    for entry in sorted(described.values(), key=lambda entry: entry["data_offsets"]):
        first, end = (8 + length + offset for offset in entry["data_offsets"])
        values = math.prod(entry["shape"])
        if entry["dtype"] in TYPES and len(entry["shape"]) > 1 and values >= min(BITS):
            tensors.append(Tensor(first, end - first, TYPES[entry["dtype"]], entry["shape"][0]))
        elif tensors and not tensors[-1].channels and tensors[-1].offset + tensors[-1].length == first:
            tensors[-1] = Tensor(tensors[-1].offset, tensors[-1].length + end - first)
        else:
            tensors.append(Tensor(first, end - first))
    return tensors


def _packed(tensor: Tensor, weights: bytes) -> bytes:
    if not tensor.channels:
        return weights[tensor.offset : tensor.offset + tensor.length]
    numbers = np.frombuffer(weights, np.dtype(tensor.type).newbyteorder("<"), tensor.values, tensor.offset)
    return packed_numbers(numbers.astype(np.float32).reshape(tensor.channels, -1), tensor.bits)


def packed_numbers(numbers: NDArray[np.float32], bits: int) -> bytes:
    """A packed tensor. `numbers` is `[channels, n]`."""
    most = 2 ** (bits - 1) - 1
    scales = (np.abs(numbers).max(axis=1, keepdims=True) / most).astype("<f4")
    scales[scales == 0] = 1
    integers = np.clip(np.rint(numbers / scales), -most, most).astype(np.int32).ravel() + most
    lower = bits - 8
    packed: bytes = scales.tobytes() + (integers >> lower).astype(np.uint8).tobytes()
    return packed + _lower_bits(integers, lower) if lower else packed


def _lower_bits(integers: NDArray[np.int32], bits: int) -> bytes:
    """`bits` is a divisor of 8."""
    in_byte = 8 // bits
    padded = np.zeros(-(-len(integers) // in_byte) * in_byte, np.uint8)
    padded[: len(integers)] = integers & (2**bits - 1)
    shifted = padded.reshape(-1, in_byte) << (bits * np.arange(in_byte)).astype(np.uint8)
    return bytes(np.bitwise_or.reduce(shifted, axis=1).astype(np.uint8).tobytes())
