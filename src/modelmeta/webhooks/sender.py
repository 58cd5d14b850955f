"""One POST to an address of somebody else's choosing: never inside, never redirected, never for long."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING

import attrs
import httpx

from .address import is_allowed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from ssl import SSLContext

__all__ = ["Outcome", "Sender"]

_PORTS = {"http": 80, "https": 443}
_MOST_ADDRESSES = 3
_CONNECT = 3.0
_LONGEST_ERROR = 200
_GOOD = range(200, 300)
_HEADERS = {"Content-Type": "application/json", "Accept-Encoding": "identity", "User-Agent": f"modelmeta/{version('modelmeta')}"}


@attrs.frozen
class Outcome:
    """How an attempt ended: with the ``status`` of an answer, if there was one, and an ``error``, None where the message was taken."""

    status: int | None = None
    error: str | None = None


class _RefusedError(Exception):
    """The name leads where messages may not go."""


class Sender:
    """Sends messages.

    Args:
        allow_private: whether they may also go to private addresses and to this machine, and there by http too.
        seconds: how long an attempt may take, from looking up the name to the status of the answer.
    """

    def __init__(self, *, allow_private: bool = False, seconds: float = 10.0) -> None:
        self._allow_private = allow_private
        self._seconds = seconds

    def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
        """Post *body* and return how that ended. Blocks; nothing of the answer but its status is read."""
        try:
            with ThreadPoolExecutor(1, "modelmeta-webhook") as thread:  # this one may have an event loop that runs
                status = thread.submit(self._run, url, body, headers).result()
        except _RefusedError:
            return Outcome(error="the address is not public, or not for messages")
        except (TimeoutError, httpx.TimeoutException):
            return Outcome(error="no answer in time")
        except (httpx.ConnectError, OSError, UnicodeError) as error:
            return Outcome(error=f"no connection: {error}"[:_LONGEST_ERROR])
        except httpx.HTTPError as error:
            return Outcome(error=f"no sound answer ({type(error).__name__})")
        return Outcome(status, None if status in _GOOD else f"the answer was {status}")

    def _run(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        return asyncio.run(asyncio.wait_for(self._post(httpx.URL(url), body, headers), self._seconds))

    async def _post(self, url: httpx.URL, body: bytes, headers: Mapping[str, str]) -> int:
        """Return the status of the answer. The name is looked up once, and what is connected to is what was checked."""
        host, port = url.raw_host.decode(), url.port or _PORTS[url.scheme]
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = dict.fromkeys(str(place[0]) for *_, place in found)
        allowed = [address for address in addresses if is_allowed(url.scheme, address, allow_private=self._allow_private)]
        sent = {**_HEADERS, **headers, "Host": url.netloc.decode()}
        extensions = {"sni_hostname": host, "timeout": httpx.Timeout(self._seconds, connect=_CONNECT).as_dict()}
        failure: Exception = _RefusedError()
        # No client: that would follow the environment's proxies, and log addresses whole.
        async with httpx.AsyncHTTPTransport(verify=self._tls, trust_env=False) as transport:
            for address in allowed[:_MOST_ADDRESSES]:
                request = httpx.Request("POST", url.copy_with(host=address), headers=sent, content=body, extensions=extensions)
                try:
                    response = await transport.handle_async_request(request)
                except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                    failure = error
                else:
                    await response.aclose()
                    return response.status_code
        raise failure

    @cached_property
    def _tls(self) -> SSLContext:
        return httpx.create_ssl_context()
