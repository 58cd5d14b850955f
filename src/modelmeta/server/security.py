"""Who may do what, and how much of it."""

from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["bearer"]

_SCHEME = HTTPBearer(auto_error=False, description="The token the server was started with.")


def bearer(token: str | None) -> Callable[..., None]:
    """Return what lets only those through who send *token* as a bearer token; without one, nobody."""

    def check(given: Annotated[HTTPAuthorizationCredentials | None, Depends(_SCHEME)]) -> None:
        if not token:
            raise HTTPException(403, "this server was started without a token, and lets nobody do that")
        if given is None or not compare_digest(given.credentials.encode(), token.encode()):
            raise HTTPException(401, "that needs the server's token: Authorization: Bearer …", {"WWW-Authenticate": "Bearer"})

    return check
