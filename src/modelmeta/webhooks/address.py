"""Where a message may go: nowhere inside, unless that is allowed."""

from __future__ import annotations

import socket
from ipaddress import ip_address

import httpx

from ..errors import QueryError

__all__ = ["checked_url", "is_allowed"]

_LONGEST = 2_000
_PORTS = range(1, 65_536)
_CLOUDS = frozenset(map(ip_address, ("100.100.100.200", "192.0.0.192", "fd00:ec2::254")))
"""Where clouds tell machines their secrets, beside link-local addresses."""


def checked_url(url: str, *, allow_private: bool) -> str:
    """Return *url*, to which messages may go as far as can be said without looking up its name; where that leads is checked when it is used.

    Raises:
        QueryError: they may not.
    """
    try:
        parsed = httpx.URL(url)
        host = parsed.raw_host.decode() if (parsed.port or 1) in _PORTS else ""
    except (httpx.InvalidURL, UnicodeError):
        parsed, host = httpx.URL(), ""
    if not host or "%" in host or len(url) > _LONGEST or parsed.scheme not in {"http", "https"} or parsed.fragment or parsed.userinfo:
        message = f"a webhook has an address like https://example.com/hook, of at most {_LONGEST:,} characters, with no user, password or fragment"
        raise QueryError(message, criterion="url")
    if parsed.scheme == "http" and not allow_private:
        message = "a webhook is called by https; http is only for private addresses, where these are allowed"
        raise QueryError(message, criterion="url")
    if not all(is_allowed(parsed.scheme, address, allow_private=allow_private) for address in _written(host)):
        message = f"a webhook may not be called at {host}: messages go to public addresses, by https{', or to private ones' if allow_private else ''}"
        raise QueryError(message, criterion="url")
    return url


def _written(host: str) -> list[str]:
    """Return the address that *host* is, however it spells it; none where it is a name."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return []
    return [str(place[0]) for *_, place in found]


def is_allowed(scheme: str, address: str, *, allow_private: bool) -> bool:
    """Return whether a message may go to this IP *address*: by https to what is public, by either to what is private where that is allowed."""
    ip = ip_address(address.partition("%")[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    if ip.is_loopback:
        return allow_private
    relayed = getattr(ip, "sixtofour", None) is not None
    if ip.is_multicast or ip.is_unspecified or ip.is_link_local or ip.is_reserved or relayed or ip in _CLOUDS:
        return False
    if ip.is_global and not getattr(ip, "is_site_local", False):
        return scheme == "https"
    return allow_private
