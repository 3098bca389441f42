"""Addresses of clients."""

from ipaddress import IPv4Address, IPv6Address, ip_address


def client_address(text: str) -> IPv4Address | IPv6Address | None:
    """The address; None if there is none, as at a Unix socket. A server that listens at [::] sees IPv4 clients as
    `::ffff:192.0.2.1`: these are IPv4 addresses here."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
