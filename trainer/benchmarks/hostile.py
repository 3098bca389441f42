"""How much processor time and memory hostile files take, beside the heaviest honest photos of the permitted pixels."""

import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from PIL import Image
from pillow_heif import register_heif_opener

from dogbreed.model.bundle import read_bundle
from dogbreed.photos.decoding import PhotoError, open_photo
from dogbreed.photos.preprocessing import Preprocessing, sufficient_side, to_input
from trainer.benchmarks.hostile_photos import MAKERS
from trainer.progress import ProgressBar, silent
from trainer.tables import table

GRAIN = 3  # grey levels: what a sensor adds to every pixel
ANSWERED = "answered"
STATUS, CLEAR_PEAK = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class Cost:
    """What one file took. `memory_mb` is the peak above what the process had before; None where it is not Linux."""

    name: str
    bytes: int
    seconds: float  # of the processor
    memory_mb: float | None
    outcome: str  # `ANSWERED` or the error's code


def measure_hostile(bundle: Path, files: int, seed: int, progress: ProgressBar = silent) -> dict[str, Any]:
    """Opens honest photos and `files` hostile ones one after another, as a server with `bundle` does.

    Raises:
        BundleError: the bundle cannot be read.
    """
    config = read_bundle(bundle).config
    measure = partial(cost, config=config)
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        pool.submit(measure, "warm-up", _encoded(Image.new("RGB", (640, 480)), "JPEG")).result()
        with progress("Honest photos") as step:
            honest = []
            for done, (name, data) in enumerate(honest_photos(settings.DOGBREED_MAX_PIXELS), 1):
                honest.append(pool.submit(measure, name, data).result())
                step(done, len(HONEST))
        with progress("Hostile files") as step:
            hostile = []
            for done, (name, data) in enumerate(hostile_files(files, seed), 1):
                hostile.append(pool.submit(measure, name, data).result())
                step(done, files)
    return {"files": files, "seed": seed, "honest": list(map(asdict, honest)), "hostile": list(map(asdict, hostile))}


def cost(name: str, data: bytes, config: Preprocessing) -> Cost:
    """Opens one photo and makes the network's input of it."""
    before = _memory_mb("VmRSS")
    with suppress(OSError):
        CLEAR_PEAK.write_text("5")  # proc(5): the peak begins anew
    began = time.process_time()
    try:
        to_input(open_photo(data, settings.DOGBREED_MAX_PIXELS, sufficient_side(config)).image, config)
        outcome = ANSWERED
    except PhotoError as error:
        outcome = error.code
    seconds, peak = time.process_time() - began, _memory_mb("VmHWM")
    return Cost(name, len(data), seconds, None if peak is None or before is None else peak - before, outcome)


def _memory_mb(key: str) -> float | None:
    try:
        line = next(line for line in STATUS.read_text().splitlines() if line.startswith(key))
    except OSError:
        return None
    return int(line.split()[1]) / 1024


HONEST: dict[str, tuple[str, str, dict[str, Any]]] = {  # Pillow's format, mode, options
    "JPEG": ("JPEG", "RGB", {"quality": 80, "subsampling": 0}),
    "JPEG, progressive": ("JPEG", "RGB", {"quality": 80, "subsampling": 0, "progressive": True}),
    "PNG": ("PNG", "RGB", {"compress_level": 1}),
    "PNG with transparency": ("PNG", "RGBA", {"compress_level": 1}),
    "WebP": ("WEBP", "RGB", {"quality": 80, "method": 0}),
    "WebP, lossless": ("WEBP", "RGB", {"lossless": True, "quality": 0, "method": 0}),
    "GIF": ("GIF", "P", {}),
    "AVIF": ("AVIF", "RGB", {"quality": 85, "speed": 10}),
    "HEIC": ("HEIF", "RGB", {"quality": 50, "enc_params": {"preset": "ultrafast"}}),
}


def honest_photos(pixels: int) -> Iterator[tuple[str, bytes]]:
    """A made-up photo of so many pixels in each format: as detailed as files of 20 MB are, or a little more."""
    register_heif_opener()
    side = int(pixels**0.5)
    random = np.random.default_rng(0)
    coarse = Image.fromarray(random.integers(0, 256, (side // 20, side // 20, 3), np.uint8))
    smooth = coarse.resize((side, side), Image.Resampling.BICUBIC)
    grain = np.rint(random.normal(0, GRAIN, (side, side, 1))).astype(np.int16)
    grainy = Image.fromarray((np.asarray(smooth) + grain).clip(0, 255).astype(np.uint8))
    few_colours = smooth.quantize(16, dither=Image.Dither.NONE)
    for name, (kind, mode, options) in HONEST.items():
        lossless = kind in {"PNG", "GIF"} or "lossless" in options
        yield name, _encoded((few_colours if lossless else grainy).convert(mode), kind, **options)


def hostile_files(files: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """So many files of all kinds in turn: each repeats something a random number of times; every second is damaged."""
    random = np.random.default_rng(seed)
    names = sorted(MAKERS)
    for number in range(files):
        name = names[number % len(names)]
        make, most = MAKERS[name]
        data = make(int(most ** random.uniform(0, 1)))
        yield name, _damaged(data, random) if number // len(names) % 2 else data


def _damaged(whole: bytes, random: np.random.Generator) -> bytes:
    data = bytearray(whole)
    for _ in range(random.integers(1, 8)):
        data[random.integers(len(data))] = random.integers(256)
    return bytes(data)


def _encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def hostile_table(report: dict[str, Any]) -> str:
    """The honest photos, then the worst time and memory of each kind of hostile file."""
    names = sorted({file["name"] for file in report["hostile"]})
    by_kind = [[file for file in report["hostile"] if file["name"] == name] for name in names]
    return table([*(_row([photo]) for photo in report["honest"]), *map(_row, by_kind)])


def _row(costs: list[dict[str, Any]]) -> dict[str, float | str]:
    outcomes = [each["outcome"] for each in costs]
    return {
        "files": costs[0]["name"],
        "number": len(costs),
        "largest_mb": max(each["bytes"] for each in costs) / 1e6,
        "worst_seconds": max(each["seconds"] for each in costs),
        "worst_memory_mb": max(each["memory_mb"] or 0.0 for each in costs),
        "answers": ", ".join(f"{outcomes.count(outcome)} {outcome}" for outcome in sorted(set(outcomes))),
    }
