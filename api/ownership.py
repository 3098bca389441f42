"""The secret of an answer, which only the sender of the photo gets. It permits to withdraw the answer, for instance."""

from uuid import UUID

from django.core.signing import BadSignature, Signer
from rest_framework.request import Request

HEADER = "X-Prediction-Secret"


def secret_of(identifier: UUID) -> str:
    """43 characters, an HMAC-SHA256 of the answer's id with Django's SECRET_KEY: the database has no secrets."""
    return _signer().signature(str(identifier))


def has_secret(request: Request, identifier: UUID) -> bool:
    """Whether the request's header has the answer's secret."""
    try:
        return _signer().unsign(f"{identifier}:{request.headers.get(HEADER, '')}") == str(identifier)
    except BadSignature:
        return False


def _signer() -> Signer:
    return Signer(salt="api.ownership")
