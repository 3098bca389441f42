"""The photo in a request."""

from django.conf import settings
from rest_framework.request import Request

from api.exceptions import FileTooLarge, LengthRequired, NoImage
from api.serializers.predict_image import PhotoUploadSerializer

MULTIPART_FRAME_BYTES = 64 * 1024  # boundaries, headers and small fields around the file


def read_upload(request: Request) -> bytes:
    """The bytes of the file in the multipart field `image`.

    Raises:
        APIException: the body is too long (known from its Content-Length, before it is read), contains no such file,
            or is not a multipart form.
    """
    limit: int = settings.DOGBREED_MAX_UPLOAD_BYTES
    if "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
        raise LengthRequired
    stated = request.META.get("CONTENT_LENGTH") or ""
    if stated.isdecimal() and int(stated) > limit + MULTIPART_FRAME_BYTES:
        raise FileTooLarge(limit, int(stated))
    form = PhotoUploadSerializer(data=request.data)
    if not form.is_valid():
        raise NoImage
    data: bytes = form.validated_data["image"].read()
    if len(data) > limit:
        raise FileTooLarge(limit, len(data))
    return data
