"""Who may do what, and how much of it."""

from __future__ import annotations

from functools import lru_cache
from hmac import compare_digest
from ipaddress import IPv6Address, IPv6Network
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["bearer", "network_of"]

_SCHEME = HTTPBearer(auto_error=False, description="The token the server was started with.")


def bearer(token: str | None) -> Callable[..., None]:
    """Return what lets only those through who send *token* as a bearer token; without one, nobody."""
    wanted = (token or "").strip().encode()

    def check(given: Annotated[HTTPAuthorizationCredentials | None, Depends(_SCHEME)]) -> None:
        if not wanted:
            raise HTTPException(403, "this server was started without a token, and lets nobody do that")
        if given is None or not compare_digest(given.credentials.strip().encode("latin-1"), wanted):
            raise HTTPException(401, "that needs the server's token: Authorization: Bearer <token>", {"WWW-Authenticate": "Bearer"})

    return check


@lru_cache(1_000)
def network_of(client: str) -> str:
    """Return by what the requests of the *client* at this address are counted: of IPv6 by its network, all addresses of which are one client's."""
    try:
        ip = IPv6Address(client)
    except ValueError:
        return client
    return client if ip.ipv4_mapped else str(IPv6Network((int(ip) >> 64 << 64, 64)))
