"""How the OpenAPI schema describes errors and API keys."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiResponse

from api.serializers.error import ErrorSerializer


def error(*codes: str) -> OpenApiResponse:
    """The response for one status, with the error codes that it may carry."""
    return OpenApiResponse(ErrorSerializer, description="Codes: " + ", ".join(f"`{code}`" for code in codes) + ".")


UNAVAILABLE = error("model_unavailable")
HISTORY_UNAVAILABLE = error("history_unavailable")
UPLOAD_ERRORS = {
    401: error("bad_key", "key_needed"),
    400: error("no_image", "empty_file", "broken_image", "parse_error"),
    411: error("length_required"),
    413: error("file_too_large", "too_many_pixels", "too_complex"),
    415: error("unsupported_image", "unsupported_media_type"),
}


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Where keys are not used, no view has this authentication, and the schema does not mention it."""

    target_class = "api.keys.KeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "An API key that the operator of this server gave."}
