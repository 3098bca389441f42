"""Licences under one code each, whatever a collection calls them, and whether its two statements agree."""

import re

# Creative Commons' own codes; cc0 and pdm (public domain mark) have no conditions.
CODES = ("cc0", "pdm", "by", "by-sa", "by-nd", "by-nc", "by-nc-sa", "by-nc-nd")
# Data sets are modified, which excludes "no derivatives"; models may be sold, which excludes "non-commercial".
DEFAULT = ("cc0", "pdm", "by", "by-sa")
UNKNOWN = "unknown"

_PUBLIC_DOMAIN = re.compile(r"\b(public domain|pdm?|no known copyright)\b")
_IN_ADDRESS = re.compile(r"creativecommons\.org/(?:licenses/([a-z-]+)|publicdomain/(zero|mark))")


def code_of(text: str) -> str:
    """Creative Commons' code of a licence's name ("CC BY-SA 4.0", "by-sa", "Public domain"), or `unknown`."""
    plain = text.strip().lower()
    if re.search(r"\bcc[- ]?0\b|\bzero\b", plain):
        return "cc0"
    if _PUBLIC_DOMAIN.search(plain):
        return "pdm"
    found = re.search(r"\b(by(?:-(?:nc|nd|sa))*)\b", re.sub(r"(?<=[a-z]) (?=(nc|nd|sa)\b)", "-", plain))
    return found[1] if found and found[1] in CODES else UNKNOWN


def code_of_address(address: str) -> str:
    """The code in the address of a licence, or `unknown`."""
    found = _IN_ADDRESS.search(address.lower())
    if not found:
        return UNKNOWN
    return {"zero": "cc0", "mark": "pdm"}.get(found[2] or "", found[1] or UNKNOWN)


def refusal(name: str, address: str, allowed: tuple[str, ...]) -> str:
    """Why a photo must not be downloaded; empty if it may be.

    Args:
        name: the licence as the collection calls it.
        address: of the text of the licence; may be empty.
    """
    code, linked = code_of(name), code_of_address(address)
    if linked != UNKNOWN and linked != code:
        return f"licence unclear: it is called {name!r}, but its address is that of {linked}"
    if code not in allowed:
        return f"licence not allowed: {name or UNKNOWN}"
    return ""
