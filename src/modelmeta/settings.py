"""How a registry and its clients behave: values, environment variables, or a host application's own configuration."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

import attrs

from .errors import SettingsError

if TYPE_CHECKING:
    from typing import Self, Unpack

__all__ = ["DEFAULT_URL", "Duration", "Settings", "SettingsFields"]

DEFAULT_URL = "https://models.dev"

Duration: TypeAlias = timedelta | float | str
"""A timedelta, a number of seconds, or text: ``500ms``, ``90s``, ``1h30m``, ``1.5h``, ``7d``, ``2w``, or ``10``, which is seconds."""

_SECRET = "api_key"  # noqa: S105  # the name of the setting
_MOST = 10**18  # what takes a whole number of bytes or of requests takes no more
_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_UNITS = {"weeks": "w", "days": "d", "hours": "h", "minutes": "m", "seconds": "s", "milliseconds": "ms"}
_DURATION = "".join(rf"(?:(?P<{name}>{_NUMBER})\s*{unit}\s*)?" for name, unit in _UNITS.items())
_BASE_URL = r"(?ai:(https?://(?:[a-z0-9._-]+|\[[0-9a-f.]*:[0-9a-f:.]*\])(?::([0-9]{1,5}))?))(/[!-~]*)?"
_HIGHEST_PORT = 65_535
_FLAGS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


class SettingsFields(TypedDict, total=False):
    """The fields of :class:`Settings` as keywords, with every type they can be given in."""

    enabled: bool | str
    api_key: str | None
    base_url: str
    refresh_interval: Duration
    cache_ttl: Duration
    batch_size: int | str
    max_retries: int | str
    auto_refresh: bool | str
    timeout: Duration
    deadline: Duration
    rate_limit: int | str
    max_document_bytes: int | str
    max_shrink: float | str
    stale_after: Duration
    max_age: Duration | None


@attrs.frozen(init=False)
class Settings:
    """How a registry and its clients behave. Each value is checked, and kept in the type shown.

    Durations are given as a timedelta, a number of seconds, or text like ``1h30m``, ``90s``, ``500ms``, ``7d``; numbers and yes or no also as
    text. A value that cannot be used is an error, never a default.

    >>> settings = Settings(refresh_interval="12h", timeout=5, api_key="sk-1234")
    >>> settings.refresh_interval, settings.timeout
    (datetime.timedelta(seconds=43200), datetime.timedelta(seconds=5))
    >>> settings
    Settings(enabled=True, api_key='***', base_url='https://models.dev', ...)

    Raises:
        SettingsError: a value that cannot be used; ``.key`` is its name.
    """

    enabled: bool = True
    """Whether the network may be used. False: never, for nothing."""
    api_key: str | None = attrs.field(default=None, repr=lambda key: repr(key and "***"))
    """Sent to ``base_url``'s own origin, and only over https. Empty text is None; never shown in a repr or an error."""
    base_url: str = DEFAULT_URL
    """Where models.dev, or a mirror of it, is: http or https, without a trailing slash, user name, password, query or fragment."""
    refresh_interval: timedelta = timedelta(hours=24)
    """Time from one background refresh to the next, above 0."""
    cache_ttl: timedelta = timedelta(hours=1)
    """Time for which a process trusts its copy before it looks at the store's newest revision, and a client its own before it asks, 0 or more."""
    batch_size: int = 100
    """Models per page of the client's listings, from 1 to 1,000."""
    max_retries: int = 3
    """How often a request that failed is sent again, from 0 to 20."""
    auto_refresh: bool = False
    """Whether to refresh in the background."""
    timeout: timedelta = timedelta(seconds=10)
    """Time for one attempt to connect, and for each read, above 0."""
    deadline: timedelta = timedelta(seconds=60)
    """Time for everything one fetch does, all attempts and waits, above 0."""
    rate_limit: int = 60
    """Requests per minute, and as many at once, 1 or more."""
    max_document_bytes: int = 64 * 1024 * 1024
    """Bytes of the largest document that is read, as sent and unpacked, 1 or more."""
    max_shrink: float = 0.5
    """Share of the models, from 0 to 1, that may vanish in one refresh before it is held."""
    stale_after: timedelta = timedelta(days=7)
    """Age from which facts are called stale, above 0."""
    max_age: timedelta | None = None
    """Age, 0 or more, up to which facts that were confirmed are not asked for again by ``refresh()``. None: always ask."""

    def __init__(self, **fields: Unpack[SettingsFields]) -> None:
        checked = {name: _READ[name](name, value) for name, value in fields.items() if name in _READ}
        self.__attrs_init__(**{**fields, **checked})  # pyright: ignore[reportAttributeAccessIssue]  # attrs makes it

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read ``MODELMETA_<FIELD>`` for each field, or else the original ``MODELSDEV_<FIELD>``; empty text counts as not set.

        Args:
            environ: The variables, ``os.environ`` by default. Those of other names are ignored.

        Raises:
            SettingsError: a value that cannot be used; ``.key`` is the variable's name.
        """
        environ = os.environ if environ is None else environ
        given: dict[str, Any] = {}
        for name, read in _READ.items():
            variables = (f"MODELMETA_{name.upper()}", f"MODELSDEV_{name.upper()}")
            if variable := next(filter(environ.get, variables), None):
                given[name] = read(variable, environ[variable])
        return cls(**given)

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> Self:
        """Read a host application's parsed YAML, TOML or JSON.

        Args:
            mapping: The values by field name; hyphens do for underscores, and the original ``default_batch_size`` for ``batch_size``.

        Raises:
            SettingsError: not a mapping, a key that is unknown or there twice, or a value that cannot be used; ``.key`` is the key.
        """
        if not isinstance(mapping, Mapping):
            message = f"settings are a mapping of names to values, not {_shown(mapping)}"
            raise SettingsError(message)
        given: dict[str, Any] = {}
        for key, value in mapping.items():
            name = str(key).replace("-", "_")
            name = "batch_size" if name == "default_batch_size" else name
            if name not in _READ:
                raise _unknown(str(key))
            if name in given:
                message = f"{key} says again what another key said: {name}"
                raise SettingsError(message, key=key)
            given[name] = _READ[name](key, value)
        return cls(**given)

    def replace(self, **fields: Unpack[SettingsFields]) -> Self:
        """Return these settings with *fields* in place of their own.

        Raises:
            SettingsError: a name that is unknown, or a value that cannot be used; ``.key`` is the name.
        """
        for name in fields:
            if name not in _READ:
                raise _unknown(name)
        changes: dict[str, Any] = {**fields}
        return attrs.evolve(self, **changes)


def _unknown(key: str) -> SettingsError:
    from difflib import get_close_matches  # noqa: PLC0415  # only a miss needs it

    near = get_close_matches(key.replace("-", "_").lower(), _READ, n=1)
    hint = f"did you mean {near[0]}?" if near else f"the settings are {', '.join(_READ)}"
    return SettingsError(f"there is no setting {key!r:.100}; {hint}", key=key)


def _shown(value: object) -> str:
    """Return *value* as a message shows it: what holds other values may hold a secret, and a number can be too long to write."""
    if isinstance(value, (str, float, timedelta, type(None))) or (isinstance(value, int) and abs(value) <= _MOST):
        return f"{value!r:.100}"
    return f"an object of type {type(value).__name__}"


def _refuse(key: str, value: object, what: str) -> SettingsError:
    return SettingsError(f"{key} must be {what}, not {_shown(value)}", key=key)


def _flag(key: str, value: Any) -> bool:
    flag = value if isinstance(value, bool) else _FLAGS.get(value.strip().lower()) if isinstance(value, str) else None
    if flag is None:
        raise _refuse(key, value, "true or false (or yes or no, on or off, 1 or 0)")
    return flag


def _api_key(key: str, value: Any) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not re.fullmatch("[!-~]+", value):
        message = f"{key} must be ASCII text without spaces, line ends or other control characters; what was given is not, and is not shown"
        raise SettingsError(message, key=key)
    return value


def _base_url(key: str, value: Any) -> str:
    what = "an http or https address like 'https://models.dev', without user name, password, query or fragment"
    if isinstance(value, str) and set(value) & set("@?#"):
        message = f"{key} must be {what}; what was given may hold a secret, and is not shown"
        raise SettingsError(message, key=key)
    match = re.fullmatch(_BASE_URL, value.strip()) if isinstance(value, str) else None
    if match is None or int(match[2] or 0) > _HIGHEST_PORT:
        raise _refuse(key, value, what)
    return match[1].lower() + (match[3] or "").rstrip("/")


def _whole(least: int, most: int) -> Callable[[str, Any], int]:
    def read(key: str, value: Any) -> int:
        number = value
        if isinstance(value, str) and re.fullmatch("[0-9]{1,20}", value.strip()):
            number = int(value)
        if not isinstance(number, int) or isinstance(number, bool) or not least <= number <= most:
            raise _refuse(key, value, f"a whole number from {least:,} to {most:,}")
        return int(number)

    return read


def _share(key: str, value: Any) -> float:
    number = value
    if isinstance(value, str) and re.fullmatch(_NUMBER, value.strip()):
        number = float(value)
    if not isinstance(number, (int, float)) or isinstance(number, bool) or not 0 <= number <= 1:
        raise _refuse(key, value, "a number from 0 to 1")
    return float(number)


def _duration(least: timedelta, what: str) -> Callable[[str, Any], timedelta]:
    def read(key: str, value: Any) -> timedelta:
        try:
            duration = value if isinstance(value, timedelta) else _timedelta(value)
        except (OverflowError, ValueError):  # no timedelta is so long, and none is nan
            duration = None
        if duration is None or duration < least:
            raise _refuse(key, value, f"{what}, like '90s', '1h30m', '7d' or a number of seconds")
        return duration

    return read


def _timedelta(value: object) -> timedelta | None:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return timedelta(seconds=value)
    text = value.strip() if isinstance(value, str) else ""
    match = re.fullmatch(_DURATION, f"{text}s" if re.fullmatch(_NUMBER, text) else text)
    written = match.groupdict("") if match else {}
    amounts = {unit: float(amount) if "." in amount else int(amount) for unit, amount in written.items() if amount}
    return timedelta(**amounts) if amounts else None


_ABOVE_ZERO = _duration(timedelta.resolution, "a duration above 0")
_FROM_ZERO = _duration(timedelta(0), "a duration of 0 or more")
_READ: dict[str, Callable[[str, Any], Any]] = {
    "enabled": _flag,
    "api_key": _api_key,
    "base_url": _base_url,
    "refresh_interval": _ABOVE_ZERO,
    "cache_ttl": _FROM_ZERO,
    "batch_size": _whole(1, 1_000),
    "max_retries": _whole(0, 20),
    "auto_refresh": _flag,
    "timeout": _ABOVE_ZERO,
    "deadline": _ABOVE_ZERO,
    "rate_limit": _whole(1, _MOST),
    "max_document_bytes": _whole(1, _MOST),
    "max_shrink": _share,
    "stale_after": _ABOVE_ZERO,
    "max_age": lambda key, value: None if value is None else _FROM_ZERO(key, value),
}
"""How each field's value is checked."""
