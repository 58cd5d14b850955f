"""How a message is signed: as Standard Webhooks says, by its library."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error
from datetime import datetime
from typing import Any

from ..errors import MissingExtraError, QueryError

__all__ = ["checked_secret", "signed"]

_PREFIX = "whsec_"
_FEWEST, _MOST = 24, 64


def signed(secret: str, message_id: str, body: str, at: datetime) -> dict[str, str]:
    """Return the headers that prove who sent *body*, and when."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": _signer(secret).sign(message_id, at, body),
    }


def checked_secret(secret: str) -> str:
    """Return *secret*, with which messages can be signed.

    Raises:
        QueryError: it is none. The error does not hold it.
        MissingExtraError: what signs is not installed.
    """
    try:
        key = b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (Error, ValueError):
        key = b""
    if not secret.startswith(_PREFIX) or not _FEWEST <= len(key) <= _MOST:
        message = f"a secret is {_PREFIX} and the base64 of {_FEWEST} to {_MOST} random bytes; without one, it is made"
        raise QueryError(message, criterion="secret")
    _signer(secret)
    return secret


def _signer(secret: str) -> Any:
    try:
        from standardwebhooks import Webhook  # noqa: PLC0415  # an extra
    except ImportError as error:
        message = 'webhooks need an extra: pip install "modelmeta[server]"'
        raise MissingExtraError(message, extra="server") from error
    return Webhook(secret)
