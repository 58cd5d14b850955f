"""The MCP server, and how it is run."""

from __future__ import annotations

import functools
import inspect
import types
from contextlib import suppress
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp.server.transport_security import TransportSecuritySettings
from mcp_types import ToolAnnotations

from ..errors import AmbiguousModelError, ModelMetaError
from .tools import Tools

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..catalog.reading import Reading

__all__ = ["create_server", "serve_http"]

_INSTRUCTIONS = (
    "Facts about LLM models of all providers: ids, limits, capabilities, exact prices. Ask before you write a model id, a context size or a price "
    "from memory. Models are named provider/model. Prices are USD per million tokens, as decimal text. null is unknown, never no and never free."
)
_READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
_LARGEST = 1 << 20
"""So many bytes may a request over HTTP have."""
_CANDIDATES = 20
_HERE = ("127.0.0.1", "localhost", "[::1]")


def create_server(reading: Reading) -> MCPServer[Any]:
    """Return an MCP server whose tools ask *reading*: ``search``, ``get``, ``compare``, ``price``, ``select`` and ``offerings``.

    ``run()`` speaks over the standard streams, ``streamable_http_app()`` is an ASGI app. The SDK sends what is logged to the standard error,
    unless logging was set up before.

    Args:
        reading: a catalog, or a registry, of which each answer is from the catalog that is current then.
    """
    tools = Tools(reading)
    asked = (tools.search, tools.get, tools.compare, tools.price, tools.select, tools.offerings)
    return MCPServer(
        "modelmeta",
        title="LLM models",
        instructions=_INSTRUCTIONS,
        version=version("modelmeta"),
        tools=[_tool(question) for question in asked],
        log_level="WARNING",
    )


def serve_http(server: MCPServer[Any], *, host: str, port: int, names: Sequence[str] = ()) -> None:
    """Serve *server* over streamable HTTP, at ``/mcp``, until the process is told to stop.

    A request that names another host in ``Host`` or ``Origin`` than this machine, *host* or one of *names* is refused, so that no web page can
    send a browser here.

    Args:
        server: what ``create_server`` returns.
        host: the address to listen on.
        port: its port; 0 for any.
        names: other hosts it is called by, such as that of a proxy.
    """
    hosts = [each for name in (*_HERE, f"[{host}]" if ":" in host else host, *names) for each in (name, f"{name}:*")]
    security = TransportSecuritySettings(
        allowed_hosts=hosts, allowed_origins=[f"{scheme}://{each}" for scheme in ("http", "https") for each in hosts]
    )
    server.settings.log_level = "INFO"  # uvicorn says where it listens
    with suppress(KeyboardInterrupt):
        server.run(
            "streamable-http",
            host=host,
            port=port,
            stateless_http=True,
            json_response=True,
            max_request_body_size=_LARGEST,
            transport_security=security,
        )


def _tool(question: Callable[..., Any]) -> Tool:
    """Return the tool that asks *question*, and refuses arguments it does not know rather than answer without them."""

    @functools.wraps(question)
    def asked(*args: Any, **arguments: Any) -> Any:
        try:
            return question(*args, **arguments)
        except AmbiguousModelError as error:
            message = f"{error.name!r} can mean several models; ask for one of {', '.join(error.candidates[:_CANDIDATES])}"
            raise ToolError(message) from error
        except ModelMetaError as error:
            raise ToolError(str(error)) from error

    tool = Tool.from_function(asked, description=inspect.getdoc(question), annotations=_READS, structured_output=True)
    strict: Any = types.new_class(question.__name__, (tool.fn_metadata.arg_model,), {"extra": "forbid"})
    tool.fn_metadata.arg_model = strict
    tool.parameters = strict.model_json_schema(by_alias=True)
    return tool
