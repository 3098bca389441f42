"""Good photos, and files with every kind of damage."""

import os
import shutil
from io import BytesIO

import numpy as np
from PIL import Image

from tests.image_files import encoded, png_bomb

BREEDS = ("boxer", "pug", "samoyed", "vizsla")


def landscape(seed, size=(200, 160)):
    """A picture like no other: a coarse pattern of random colours."""
    random = np.random.default_rng(seed)
    colours = random.integers(0, 256, (14, 16, 3), np.uint8)
    return Image.fromarray(colours).resize(size, Image.Resampling.BICUBIC)


def turned(image):
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(image, exif=exif)


def with_transparency(image):
    layered = image.convert("RGBA")
    layered.paste((0, 0, 0, 0), (0, 0, 60, 60))
    return layered


def half_lost(data):
    return data[: len(data) // 2] + bytes(len(data) - len(data) // 2)


def darker(image):
    return image.point(lambda value: round(value * 0.85))


# The damage: a name for each, the file's name, its content made of a photo, and what has to become of it.
DAMAGE = {
    "an empty file": ("{}.jpg", lambda photo: b"", "put away"),
    "three bytes": ("{}.jpg", lambda photo: b"\xff\xd8\xff", "put away"),
    "a JPEG cut off in the middle": ("{}.jpg", lambda photo: (data := encoded(photo))[: len(data) // 2], "put away"),
    "a JPEG cut off near its end": (
        "{}.jpg",
        lambda photo: encoded(photo)[: len(encoded(photo)) * 9 // 10],
        "put away",
    ),
    "a JPEG whose second half is zeros": ("{}.jpg", lambda photo: half_lost(encoded(photo)), "put away"),
    "a PNG cut off": ("{}.png", lambda photo: encoded(photo, "PNG")[:2000], "put away"),
    "a WebP cut off": ("{}.webp", lambda photo: encoded(photo, "WEBP")[:1000], "put away"),
    "a GIF cut off": ("{}.gif", lambda photo: encoded(photo, "GIF")[:3000], "put away"),
    "a web page": ("{}.jpg", lambda photo: b"<!doctype html><title>404</title>" * 50, "put away"),
    "an error in JSON": ("{}.jpg", lambda photo: b'{"error": "not found"}', "put away"),
    "a PDF": ("{}.jpg", lambda photo: b"%PDF-1.7\n" + os.urandom(3000), "put away"),
    "a video": ("{}.jpg", lambda photo: b"\0\0\0\x20ftypisom" + os.urandom(3000), "put away"),
    "random bytes": ("{}.jpg", lambda photo: os.urandom(5000), "put away"),
    "a text file among photos": ("{}.txt", lambda photo: b"see boxer.jpg", "put away"),
    "a few bytes that become too many pixels": ("{}.png", lambda photo: png_bomb(40_000, 40_000), "put away"),
    "a photo too small": ("{}.jpg", lambda photo: encoded(photo.resize((40, 32))), "put away"),
    "a strip": ("{}.jpg", lambda photo: encoded(photo.resize((900, 100))), "put away"),
    "an exact duplicate": ("{}.jpg", None, "put away"),
    "a duplicate, smaller and compressed anew": (
        "{}.jpg",
        lambda p: encoded(p.resize((150, 120)), quality=40),
        "put away",
    ),
    "a duplicate, darker": ("{}.jpg", lambda photo: encoded(darker(photo).resize((180, 144))), "put away"),
    "a duplicate, cut": ("{}.jpg", lambda p: encoded(p.crop((2, 2, p.width - 2, p.height - 2))), "put away"),
    "a duplicate as PNG, smaller": ("{}.png", lambda photo: encoded(photo.resize((160, 128)), "PNG"), "put away"),
    "a PNG": ("{}.png", lambda photo: encoded(photo, "PNG"), "converted"),
    "a PNG that is called JPEG": ("{}.jpg", lambda photo: encoded(photo, "PNG"), "converted"),
    "a PNG with transparency": ("{}.png", lambda photo: encoded(with_transparency(photo), "PNG"), "converted"),
    "a PNG with a palette": ("{}.png", lambda photo: encoded(photo.quantize(200), "PNG"), "converted"),
    "a WebP": ("{}.webp", lambda photo: encoded(photo, "WEBP"), "converted"),
    "a GIF": ("{}.gif", lambda photo: encoded(photo, "GIF"), "converted"),
    "a HEIC": ("{}.heic", lambda photo: encoded(photo, "HEIF"), "converted"),
    "an AVIF": ("{}.avif", lambda photo: encoded(photo, "AVIF"), "converted"),
    "a photo on its side": ("{}.jpg", turned, "converted"),
    "a CMYK photo": ("{}.jpg", lambda photo: encoded(photo.convert("CMYK")), "converted"),
    "a grey photo": ("{}.jpg", lambda photo: encoded(photo.convert("L")), "converted"),
    "a JPEG that is called PNG": ("{}.png", lambda photo: encoded(photo), "renamed"),
    "a photo without an extension": ("{}", lambda photo: encoded(photo), "renamed"),
    "white space in the name": ("my {} dog.jpg", lambda photo: encoded(photo), "renamed"),
    "white space in the breed": ("{}.jpg", lambda photo: encoded(photo), "renamed"),
}
OF_ANOTHER = ("duplicate",)


def inject(folder, kind, original, fresh):
    """Puts one damaged file into the folder: made of a photo that is in it already, or of a fresh one."""
    name, make, _ = DAMAGE[kind]
    breed = folder / original.parent.name
    if kind == "white space in the breed":
        breed = folder / "Golden  Retriever"
        breed.mkdir(exist_ok=True)
    slug = kind.replace(" ", "-").replace(",", "")
    path = breed / name.format(f"damaged-{slug}")
    if make is None:
        shutil.copyfile(original, path)
    else:
        of_another = any(word in kind for word in OF_ANOTHER)
        path.write_bytes(make(Image.open(BytesIO(original.read_bytes())) if of_another else fresh))
    return path


def inject_all(folder, good, fresh):
    """One file of every kind of damage; gives (path, kind)."""
    step = max(1, len(good) // len(DAMAGE))
    return [
        (inject(folder, kind, good[(step * number) % len(good)], fresh[number]), kind)
        for number, kind in enumerate(DAMAGE)
    ]


def write_good(folder):
    """Forty good photos of four breeds."""
    good = []
    for number, breed in enumerate(BREEDS):
        (folder / breed).mkdir(parents=True)
        for index in range(10):
            path = folder / breed / f"{index:03d}.jpg"
            landscape(100 * number + index).save(path, quality=92)
            good.append(path)
    return good
