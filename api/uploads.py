"""The photos in a request."""

from base64 import b64decode

from django.conf import settings
from django.http import QueryDict
from rest_framework.request import Request

from api.exceptions import FilesTooLarge, FileTooLarge, LengthRequired, NoImage, NoImages, TooManyPhotos
from api.serializers.predictions import MAX_PHOTOS, PhotoFilesSerializer, PhotoTextsSerializer
from dogbreed.photos.decoding import PhotoError

MULTIPART_FRAME_BYTES = 64 * 1024  # boundaries, headers and small fields around the file


def read_upload(request: Request) -> bytes:
    """The bytes of the file in the multipart field `image`.

    Raises:
        APIException: the body is too long (known from its Content-Length, before it is read), contains no such file,
            or is not a multipart form.
    """
    _refuse_long_body(request, FileTooLarge)
    photo = request.FILES.get("image")
    if photo is None:
        raise NoImage
    data: bytes = photo.read()
    if len(data) > settings.DOGBREED_MAX_UPLOAD_BYTES:
        raise FileTooLarge(settings.DOGBREED_MAX_UPLOAD_BYTES, len(data))
    return data


def read_uploads(request: Request) -> list[bytes | PhotoError]:
    """The bytes of up to `MAX_PHOTOS` photos, in order: files in the multipart field `image`, or base64 in JSON.

    A text that is not base64 is an error in its place. The whole body, base64 included, has the limit of a single
    file, so that a request takes no more memory than that.

    Raises:
        APIException: the body is too long (known from its Content-Length, before it is read), contains no photo or too
            many, or is neither a multipart form nor JSON.
    """
    _refuse_long_body(request, FilesTooLarge)
    is_form = isinstance(request.data, QueryDict)
    given = (PhotoFilesSerializer if is_form else PhotoTextsSerializer)(data=request.data)
    if not given.is_valid():
        problems = given.errors.get("image")
        if isinstance(problems, list) and problems[0].code == "max_length":
            raise TooManyPhotos(MAX_PHOTOS)
        raise NoImages
    photos = given.validated_data["image"]
    return [photo.read() for photo in photos] if is_form else [_decoded(text) for text in photos]


def _refuse_long_body(request: Request, error: type[FileTooLarge]) -> None:
    if "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
        raise LengthRequired
    limit: int = settings.DOGBREED_MAX_UPLOAD_BYTES
    stated = request.META.get("CONTENT_LENGTH") or ""
    if stated.isdecimal() and int(stated) > limit + MULTIPART_FRAME_BYTES:
        raise error(limit, int(stated))


def _decoded(text: str) -> bytes | PhotoError:
    """The bytes of a data URI or of plain base64."""
    encoded = text.partition(",")[2] if text.startswith("data:") else text
    try:
        return b64decode(encoded, validate=True)
    except ValueError:
        return PhotoError("not_base64", "this text is not base64.", "Encode the bytes of the photo's file.")
