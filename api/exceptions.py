"""Every error of the API is `{"code": …, "detail": …}` with a fitting status."""

import logging
import math
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler as drf_exception_handler

from api.ownership import HEADER
from api.serializers.error import ErrorSerializer
from dogbreed.connections.receiving import BodyNotReceived
from dogbreed.model.bundle import BundleError
from dogbreed.model.swap import RETRY_SECONDS
from dogbreed.photos.decoding import PhotoError

logger = logging.getLogger(__name__)

EXAMPLE = "Example: curl -F image=@dog.jpg URL."
TOO_MANY = "Too many photos were sent by this client. Try again in {wait} s."
PHOTO_STATUS = {
    "empty_file": status.HTTP_400_BAD_REQUEST,
    "broken_image": status.HTTP_400_BAD_REQUEST,
    "unsupported_image": status.HTTP_415_UNSUPPORTED_MEDIA_TYPE,
    "too_many_pixels": status.HTTP_413_REQUEST_ENTITY_TOO_LARGE,
    "too_complex": status.HTTP_413_REQUEST_ENTITY_TOO_LARGE,
}


class NoImage(exceptions.APIException):
    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "no_image"
    default_detail = f"There is no photo. Send it as a file in the multipart field 'image'. {EXAMPLE}"


class NoImages(NoImage):
    default_detail = (
        "There is no photo. Send one or more as files in the multipart field 'image', "
        f"or as base64 in the JSON field 'image'. {EXAMPLE}"
    )


class BadOption(exceptions.APIException):
    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "bad_option"

    def __init__(self, name: str, right: str) -> None:
        """`right`: what the option must be."""
        super().__init__(f"The option '{name}' must be {right}. Correct it or leave it out.")


class LengthRequired(exceptions.APIException):
    status_code = status.HTTP_411_LENGTH_REQUIRED
    default_code = "length_required"
    default_detail = "Chunked uploads are not supported. Send the photo with a Content-Length header."


class FileTooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "file_too_large"
    what = "The file"
    advice = "Make the photo smaller and try again."

    def __init__(self, limit: int, size: int) -> None:
        # A Content-Length can have any number of digits.
        sent = f"{size / 2**20:.3g} MB" if size < 2**40 else "far more"
        super().__init__(f"{self.what} may have at most {limit / 2**20:.3g} MB, but {sent} were sent. {self.advice}")


class FilesTooLarge(FileTooLarge):
    what = "The photos of one request together"
    advice = "Make them smaller, or send fewer at once."


class TooManyPhotos(exceptions.APIException):
    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "too_many_photos"

    def __init__(self, limit: int) -> None:
        super().__init__(f"One request may have at most {limit} photos. Send the others in another request.")


class ModelUnavailable(exceptions.APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "model_unavailable"
    default_detail = (
        "This server has no model that it can use. Try again later. "
        "Operators find the reason in the log and with 'manage.py check'."
    )
    wait = RETRY_SECONDS


class Busy(exceptions.APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "busy"
    default_detail = "Too many photos are waiting on this server. Try again soon."
    wait = 1


class HistoryUnavailable(exceptions.APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "history_unavailable"
    default_detail = (
        "Stored answers are not available because the database cannot be used at the moment. "
        "Photos are still answered. Try again later."
    )
    wait = 10


class NoSuchPrediction(exceptions.NotFound):
    default_code = "prediction_not_found"
    default_detail = (
        "No answer with this id is stored. "
        'Answers with "stored": false cannot be retrieved, and old answers may have been deleted.'
    )


class SecretNeeded(exceptions.PermissionDenied):
    default_code = "secret_needed"
    default_detail = (
        f"Only the sender of the photo may do this. Send the 'secret' that came with the answer in the header {HEADER}."
    )


class BadKey(exceptions.AuthenticationFailed):
    default_code = "bad_key"
    default_detail = "This API key is not known here, or it was revoked. Send another one, or ask the operator for one."


class KeysUnavailable(exceptions.APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "keys_unavailable"
    default_detail = "API keys cannot be checked because the database cannot be used at the moment. Try again later."
    wait = 10


class BadFeedback(exceptions.APIException):
    """What `FeedbackRequestSerializer` found wrong: `errors` by field."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "bad_feedback"

    def __init__(self, errors: dict[str, list[str]]) -> None:
        field, problems = next(iter(errors.items()))
        problem = problems[0] if field == api_settings.NON_FIELD_ERRORS_KEY else f"'{field}': {problems[0]}"
        super().__init__(
            f'Send either {{"right": true}} or {{"breed": …}} with one of the answer\'s breeds, "other" or "no_dog". '
            f"{problem}"
        )


class PhotosNotKept(exceptions.APIException):
    status_code = status.HTTP_403_FORBIDDEN
    default_code = "photos_not_kept"
    default_detail = "This server does not store photos, even with consent. Its operator can change that."


class AnotherPhoto(exceptions.APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "another_photo"
    default_detail = "This is not the file that was answered. Send the original file again."


class PhotoRefused(exceptions.APIException):
    """A `PhotoError` with its HTTP status."""

    def __init__(self, error: PhotoError) -> None:
        super().__init__(error.detail, error.code)
        self.status_code = PHOTO_STATUS[error.code]


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answers expected errors, DRF's and ours. Django logs the others with their traceback: see `server_error`."""
    answered = _as_api_exception(error)
    response = drf_exception_handler(answered, context)
    if response is not None and isinstance(answered, exceptions.APIException):
        # The base class has one sentence and one code; ValidationError, which has many, is never raised here.
        response.data = _error(answered.get_codes(), answered.detail)
    return response


def _error(code: Any, detail: Any) -> dict[str, str]:
    return dict(ErrorSerializer({"code": code, "detail": detail}).data)


def _as_api_exception(error: Exception) -> Exception:
    match error:
        case PhotoError():
            return PhotoRefused(error)
        case BundleError():
            return ModelUnavailable()
        case OperationalError() | InterfaceError():
            logger.warning("The database cannot be used: %s", error)
            return HistoryUnavailable()
        case exceptions.Throttled(wait=wait):  # type: ignore[misc]
            return exceptions.Throttled(wait, TOO_MANY.format(wait=math.ceil(wait or 1)))
        case Http404():
            return exceptions.NotFound("There is nothing at this address. See /api/ for the addresses of this API.")
        case RequestDataTooBig():
            return NoImage()  # form fields without a file name have this limit, and the JSON of feedback
        case exceptions.NotAuthenticated():
            return exceptions.NotAuthenticated(
                "This server answers only clients that have an API key. Ask its operator for one, and send it in the "
                "header 'Authorization: Bearer KEY'.",
                "key_needed",
            )
        case BodyNotReceived(length=None):
            return LengthRequired()
        case BodyNotReceived(length=int() as length):
            return FileTooLarge(settings.DOGBREED_MAX_UPLOAD_BYTES, length)
        case RecursionError():
            return exceptions.ParseError("The JSON in the request is nested too deeply. Send a flat object.")
        case SuspiciousOperation() | exceptions.ParseError():
            return exceptions.ParseError(f"The form or JSON in the request cannot be read ({error}). {EXAMPLE}")
        case exceptions.UnsupportedMediaType():
            return exceptions.UnsupportedMediaType("", f"{error.detail} Send a form. {EXAMPLE}")
        case _:
            return error


def bad_request(request: HttpRequest, exception: Exception) -> JsonResponse:
    """Django's handler400, for requests that no view has seen, such as one for a host that is not allowed."""
    detail = "The request is not well-formed, or not for this host. Check the address and the headers."
    return JsonResponse(_error("bad_request", detail), status=400)


def csrf_failure(request: HttpRequest, reason: str = "") -> JsonResponse:
    """Django's CSRF_FAILURE_VIEW: for forms of the admin site, and for POST to an address that takes none."""
    detail = "This address takes no such request, or the page with the form is too old. Reload it and try again."
    return JsonResponse(_error("forbidden", detail), status=403)


def server_error(request: HttpRequest) -> JsonResponse:
    """Django's handler500."""
    detail = "An internal error occurred; the photo is not the cause. Details are in the server's log."
    return JsonResponse(_error("server_error", detail), status=500)
