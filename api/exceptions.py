"""Errors as data: every error of the API is `{"code": …, "detail": …}` with the right status."""

import logging
import math
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import Error as DatabaseError
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler

from dogbreed.model.bundle import BundleError
from dogbreed.model.classifier import RETRY_SECONDS
from dogbreed.photos.decoding import PhotoError

logger = logging.getLogger(__name__)

EXAMPLE = "Send it as in: curl -F image=@dog.jpg URL."
TOO_MANY = "Expected fewer photos from one address in so short a time. Try again in {wait} s."
PHOTO_STATUS = {
    "empty_file": status.HTTP_400_BAD_REQUEST,
    "broken_image": status.HTTP_400_BAD_REQUEST,
    "unsupported_image": status.HTTP_415_UNSUPPORTED_MEDIA_TYPE,
    "too_many_pixels": status.HTTP_413_REQUEST_ENTITY_TOO_LARGE,
}


class NoImage(exceptions.APIException):
    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "no_image"
    default_detail = f"Expected a photo as a file in the multipart field 'image', but there is none. {EXAMPLE}"


class BadOption(exceptions.APIException):
    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "bad_option"

    def __init__(self, name: str) -> None:
        super().__init__(f"Expected true or false for the option '{name}', but something else came. Leave it out.")


class LengthRequired(exceptions.APIException):
    status_code = status.HTTP_411_LENGTH_REQUIRED
    default_code = "length_required"
    default_detail = "Expected a Content-Length header, but the upload is chunked. Send the photo with its length."


class FileTooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "file_too_large"

    def __init__(self, limit: int, came: int) -> None:
        super().__init__(
            f"Expected at most {limit / 2**20:.3g} MB, but {came / 2**20:.3g} MB came. "
            "Make the photo smaller and try again."
        )


class ModelUnavailable(exceptions.APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "model_unavailable"
    default_detail = (
        "Expected a trained model to answer, but this server has none that it can use. Try again later; "
        "its operator finds the reason in the log and with 'manage.py check'."
    )
    wait = RETRY_SECONDS


class Busy(exceptions.APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "busy"
    default_detail = (
        "Expected room for one more photo, but as many as this server takes on are waiting. Try again soon."
    )
    wait = 1


class HistoryUnavailable(exceptions.APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "history_unavailable"
    default_detail = (
        "Expected to look into the server's memory of its answers, but the database cannot be reached. "
        "Photos are answered all the same. Try again later."
    )
    wait = 10


class NoSuchPrediction(exceptions.NotFound):
    default_code = "prediction_not_found"
    default_detail = (
        "Expected the id of an answer that this server has stored, but there is none with this one. "
        'Answers with "stored": false are not kept, and old ones are deleted in time.'
    )


class BadFeedback(exceptions.APIException):
    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "bad_feedback"

    def __init__(self, came: str) -> None:
        super().__init__(
            'Expected either {"right": true} or {"breed": …} with a breed of the answer, "other" or "no_dog", '
            f"but {came}."
        )


class PhotosNotKept(exceptions.APIException):
    status_code = status.HTTP_403_FORBIDDEN
    default_code = "photos_not_kept"
    default_detail = "Expected nothing here: this server keeps no photos, whoever agrees. Its operator can change that."


class AnotherPhoto(exceptions.APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "another_photo"
    default_detail = "Expected the very file that was answered, but this one is another. Send the original file again."


class PhotoRefused(exceptions.APIException):
    """A `PhotoError` with its HTTP status."""

    def __init__(self, error: PhotoError) -> None:
        super().__init__(error.detail, error.code)
        self.status_code = PHOTO_STATUS[error.code]


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answers every expected error, DRF's and ours; the unexpected ones go on to Django, which logs them."""
    answered = _as_api_exception(error)
    response = drf_exception_handler(answered, context)
    if response is not None and isinstance(answered, exceptions.APIException):
        # The base class holds one sentence and one code; ValidationError, which holds many, is never raised here.
        response.data = {"code": answered.get_codes(), "detail": str(answered.detail)}
    return response


def _as_api_exception(error: Exception) -> Exception:
    match error:
        case PhotoError():
            return PhotoRefused(error)
        case BundleError():
            return ModelUnavailable()
        case DatabaseError():
            logger.warning("The database does not answer: %s", error)
            return HistoryUnavailable()
        case exceptions.Throttled(wait=wait):  # type: ignore[misc]
            return exceptions.Throttled(wait, TOO_MANY.format(wait=math.ceil(wait or 1)))
        case Http404():
            return exceptions.NotFound("Expected an address of this API; there is nothing here. See /api/.")
        case RequestDataTooBig():
            return NoImage()  # only form fields without a file name have this limit
        case SuspiciousOperation() | exceptions.ParseError():
            return exceptions.ParseError(
                f"Expected a form or JSON that can be read, but it cannot be ({error}). {EXAMPLE}"
            )
        case exceptions.UnsupportedMediaType():
            return exceptions.UnsupportedMediaType("", f"{error.detail} Expected a form. {EXAMPLE}")
        case _:
            return error


def bad_request(request: HttpRequest, exception: Exception) -> JsonResponse:
    """Django's handler400: a request that no view has seen, such as one for a host that is not allowed."""
    detail = "Expected a well-formed request for this host. Check the address and the headers."
    return JsonResponse({"code": "bad_request", "detail": detail}, status=400)


def server_error(request: HttpRequest) -> JsonResponse:
    """Django's handler500."""
    detail = "Something went wrong here, and it is not the photo's fault. The error is in the server's log."
    return JsonResponse({"code": "server_error", "detail": detail}, status=500)
