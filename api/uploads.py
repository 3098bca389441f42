"""The photo in a request: its bytes, or the reason why there are none."""

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from rest_framework.request import Request

from api.exceptions import FileTooLarge, LengthRequired, NoImage

MULTIPART_FRAME_BYTES = 64 * 1024  # boundaries, headers and small fields around the file


def read_upload(request: Request) -> bytes:
    """The bytes of the file in the multipart field `image`.

    Raises:
        APIException: the body is too long (found from its stated length, before it is read), holds no such file, or
            is no multipart form.
    """
    limit: int = settings.DOGBREED_MAX_UPLOAD_BYTES
    if "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
        raise LengthRequired
    stated = request.META.get("CONTENT_LENGTH") or ""
    if stated.isdecimal() and int(stated) > limit + MULTIPART_FRAME_BYTES:
        raise FileTooLarge(limit, int(stated))
    upload = request.FILES.get("image")
    if not isinstance(upload, UploadedFile):
        raise NoImage
    data: bytes = upload.read()
    if len(data) > limit:
        raise FileTooLarge(limit, len(data))
    return data
