"""Settings: what each field takes, by which names it is read, and that the key stays a secret."""

from __future__ import annotations

import math
import pickle
import subprocess
import sys
from datetime import timedelta
from inspect import get_annotations
from types import MappingProxyType

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelmeta.errors import SettingsError
from modelmeta.settings import Settings, SettingsFields

DEFAULTS = {
    "enabled": True,
    "api_key": None,
    "base_url": "https://models.dev",
    "refresh_interval": timedelta(hours=24),
    "cache_ttl": timedelta(hours=1),
    "batch_size": 100,
    "max_retries": 3,
    "auto_refresh": False,
    "timeout": timedelta(seconds=10),
    "deadline": timedelta(seconds=60),
    "rate_limit": 60,
    "max_document_bytes": 67_108_864,
    "max_shrink": 0.5,
    "stale_after": timedelta(days=7),
    "max_age": None,
}
FLAGS = ("enabled", "auto_refresh")
WHOLE = {"batch_size": (1, 1_000), "max_retries": (0, 20), "rate_limit": (1, 10**18), "max_document_bytes": (1, 10**18)}
ABOVE_ZERO = ("refresh_interval", "timeout", "deadline", "stale_after")
FROM_ZERO = ("cache_ttl", "max_age")
DURATIONS = ABOVE_ZERO + FROM_ZERO
SECRET = "sk-0f8fad5b"  # noqa: S105  # a made-up one
UNITS = {"w": 7 * 86_400_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}


def built(name, value):
    return Settings(**{name: value})


def replaced(name, value):
    return Settings().replace(**{name: value})


def mapped(name, value):
    return Settings.from_mapping({name: value})


def refusal(make, *args) -> SettingsError:
    """Return the error that *make* raises, which tells nothing of what led to it."""
    with pytest.raises(SettingsError) as caught:
        make(*args)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    return caught.value


def outcome(make, *args):
    """Return what *make* returns or raises."""
    try:
        return make(*args)
    except (SettingsError, TypeError) as error:
        return error


def kind(value) -> str:
    """Return an id for a parameter whose text is long."""
    return type(value).__name__


every_way = pytest.mark.parametrize("make", [built, replaced, mapped])


@pytest.mark.parametrize("make", [Settings, Settings().replace, lambda: Settings.from_env({}), lambda: Settings.from_mapping({})])
def test_what_is_not_set_has_its_default(make):
    assert attrs.asdict(make()) == DEFAULTS


def test_every_field_can_be_given_as_a_keyword():
    assert list(DEFAULTS) == list(get_annotations(SettingsFields))


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_default_can_be_given(name):
    assert built(name, DEFAULTS[name]) == Settings()


@every_way
@pytest.mark.parametrize("name", FLAGS)
@pytest.mark.parametrize(
    ("value", "flag"),
    [
        *((value, True) for value in (True, "true", "TRUE", "yes", "Yes", "on", "1", " on ")),
        *((value, False) for value in (False, "false", "False", "no", "NO", "off", "0")),
    ],
)
def test_a_flag_is_a_boolean_or_a_word_for_one(make, name, value, flag):
    assert getattr(make(name, value), name) is flag


@every_way
@pytest.mark.parametrize("name", FLAGS)
@pytest.mark.parametrize("value", ["maybe", "", "2", "t", 1, 0, 1.0, None, [True]])
def test_what_says_neither_yes_nor_no_is_refused_by_name(make, name, value):
    error = refusal(make, name, value)
    assert str(error).startswith(f"{name} must be true or false (or yes or no, on or off, 1 or 0), not ")
    assert error.key == name


@every_way
@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_number_is_a_number_or_digits_within_its_range(make, name):
    for number in WHOLE[name]:
        assert getattr(make(name, number), name) == number
        assert getattr(make(name, f" {number} "), name) == number


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("value", ["many", "", "-1", "+5", "5.0", "1_0", "٣", "1e1", 5.0, math.nan, -1, True, None, "9" * 5_000], ids=kind)
def test_what_is_no_whole_number_is_refused_by_name(name, value):
    least, most = WHOLE[name]
    error = refusal(built, name, value)
    assert str(error).startswith(f"{name} must be a whole number from {least:,} to {most:,}, not ")
    assert error.key == name


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_number_beyond_its_range_is_refused(name):
    least, most = WHOLE[name]
    for beyond in (least - 1, most + 1, str(most + 1), 10**5_000, -(10**5_000)):
        assert refusal(built, name, beyond).key == name


@every_way
@pytest.mark.parametrize(("value", "share"), [(0, 0.0), (1, 1.0), (0.25, 0.25), ("0", 0.0), ("1", 1.0), (" 0.25 ", 0.25), ("1.0", 1.0)])
def test_a_share_is_a_number_from_0_to_1(make, value, share):
    read = make("max_shrink", value).max_shrink
    assert read == share
    assert isinstance(read, float)


@every_way
@pytest.mark.parametrize(
    "value", [-0.1, 1.1, math.nan, math.inf, 10**400, True, None, "", "half", "50%", "nan", "-0", "1e-1", "2", "9" * 500], ids=kind
)
def test_what_is_no_share_is_refused_by_name(make, value):
    error = refusal(make, "max_shrink", value)
    assert str(error).startswith("max_shrink must be a number from 0 to 1, not ")
    assert error.key == "max_shrink"


@pytest.mark.parametrize("name", DURATIONS)
@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        *(("24h", 86_400), ("90s", 90), ("500ms", 0.5), ("7d", 604_800), ("2w", 1_209_600), ("90m", 5_400), ("1.5h", 5_400)),
        *(("1h30m", 5_400), ("  1 h 30 m\n", 5_400), ("1w1d1h1m1s1ms", 694_861.001), ("1m0.5s", 60.5)),
        *(("10", 10), ("0.25", 0.25), (10, 10), (0.5, 0.5), (timedelta(minutes=3), 180)),
    ],
)
def test_a_duration_is_a_timedelta_or_seconds_or_text_with_units(name, value, seconds):
    assert getattr(built(name, value), name) == timedelta(milliseconds=round(seconds * 1_000))


@pytest.mark.parametrize("name", DURATIONS)
@pytest.mark.parametrize(
    "value",
    [
        *("soon", "", " ", "-1h", "-1", "+1h", "nan", "inf", "1h30", "30m1h", "1h1h", "h", "1.h", ".5h"),
        *("1 0", "1H", "1y", "٣h", "1e3", "1_0s"),
        *("9" * 20, "9" * 400 + ".5", "9" * 5_000, "999999999d24h", 1e300, 10**400, 10**5_000, math.nan, math.inf, -math.inf),
        *(-1, -0.5, timedelta(seconds=-1), True, False, b"1h", ["1h"], {"hours": 1}),
    ],
    ids=kind,
)
def test_what_is_no_duration_is_refused_by_name(name, value):
    error = refusal(built, name, value)
    least = "above 0" if name in ABOVE_ZERO else "of 0 or more"
    assert str(error).startswith(f"{name} must be a duration {least}, like '90s', '1h30m', '7d' or a number of seconds, not ")
    assert error.key == name


@every_way
@pytest.mark.parametrize("value", [0, 0.0, "0", "0s", timedelta(0), 1e-9])
def test_no_time_at_all_is_a_duration_where_that_means_something(make, value):
    for name in FROM_ZERO:
        assert getattr(make(name, value), name) == timedelta(0)
    for name in ABOVE_ZERO:
        assert refusal(make, name, value).key == name


@every_way
def test_only_the_key_and_the_greatest_age_can_be_nothing(make):
    for name in DEFAULTS:
        if name in {"api_key", "max_age"}:
            assert getattr(make(name, None), name) is None
        else:
            assert refusal(make, name, None).key == name


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta.max), st.permutations(list(UNITS)), st.sampled_from(["", " "]))
def test_a_duration_written_in_units_is_read_back_exactly(duration, units, space):
    used = {*units[:3], "ms"}
    left = duration // timedelta(milliseconds=1)
    parts = []
    for unit, size in UNITS.items():
        if unit in used:
            count, left = divmod(left, size)
            parts.append(f"{count}{space}{unit}")
    rounded = duration - duration % timedelta(milliseconds=1)
    assert Settings(cache_ttl=space.join(parts)).cache_ttl == rounded


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=36_525)))
def test_seconds_are_read_back_to_the_microsecond(duration):
    seconds, micro = divmod(duration // timedelta(microseconds=1), 1_000_000)
    for written in (f"{seconds}.{micro:06}", f"{seconds}.{micro:06}s", f"{seconds}s{micro / 1_000:.3f}ms", duration.total_seconds()):
        assert Settings(cache_ttl=written).cache_ttl == duration


@given(st.text() | st.text("0123456789.wdhms -+e") | st.floats() | st.integers(), st.sampled_from(DURATIONS))
def test_anything_is_either_a_duration_or_refused_by_name(value, name):
    result = outcome(built, name, value)
    if isinstance(result, SettingsError):
        assert result.key == name
        assert str(result).startswith(f"{name} must be a duration ")
    else:
        assert getattr(result, name) >= timedelta(0)


@every_way
@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("https://models.dev/", "https://models.dev"),
        ("https://models.dev///", "https://models.dev"),
        ("  https://models.dev\n", "https://models.dev"),
        ("HTTPS://Models.DEV/Mirror/", "https://models.dev/Mirror"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://models_dev:80/a/b%20c", "http://models_dev:80/a/b%20c"),
        ("http://127.0.0.1:65535/v1", "http://127.0.0.1:65535/v1"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
    ],
)
def test_a_base_url_is_kept_without_trailing_slashes(make, value, kept):
    assert make("base_url", value).base_url == kept


@every_way
@pytest.mark.parametrize(
    "value",
    [
        *("", "models.dev", "ftp://models.dev", "file:///etc", "https://", "https:///a", "https:models.dev", "//models.dev", "https://a b"),
        *("https://a.b:", "https://a.b:x", "https://a.b:65536", "https://[a.b]", "https://::1", "https://bücher.de", "http\u017f://a.b"),
        *("https://a.b/a b", "https://a.b/\nHost: x", "https://a.b/ü", "https://a.b\\a", None, 80, b"https://a.b"),
    ],
)
def test_what_is_no_address_is_refused_by_name(make, value):
    error = refusal(make, "base_url", value)
    assert str(error).startswith("base_url must be an http or https address like 'https://models.dev', without user name, password, ")
    assert str(error).endswith(", not an object of type bytes" if isinstance(value, bytes) else f", not {value!r}")
    assert error.key == "base_url"


@every_way
@pytest.mark.parametrize(
    "value",
    [f"https://me:{SECRET}@models.dev", f"{SECRET}@models.dev", f"https://models.dev?key={SECRET}", f"https://models.dev/#{SECRET}"],
)
def test_what_an_address_must_not_hold_is_not_shown(make, value):
    error = refusal(make, "base_url", value)
    assert "base_url must be an http or https address" in str(error)
    assert SECRET not in repr(error)


@every_way
def test_a_key_is_kept_but_not_shown(make):
    settings = make("api_key", SECRET)
    assert settings.api_key == SECRET
    assert "api_key='***'" in repr(settings)
    assert SECRET not in f"{settings} {settings!r}"


@every_way
def test_an_empty_key_is_none(make):
    assert make("api_key", "").api_key is None
    assert "api_key=None" in repr(make("api_key", ""))


@every_way
@pytest.mark.parametrize(
    "value",
    [f" {SECRET}", *(SECRET + end for end in ("\n", "\r\nX: y", " ", " x", "\0", "\x7f", "é")), SECRET.encode(), [SECRET]],
)
def test_a_key_that_no_header_can_carry_is_refused_unseen(make, value):
    error = refusal(make, "api_key", value)
    assert str(error).startswith("api_key must be ASCII text without spaces")
    assert error.key == "api_key"
    assert SECRET not in repr(error)


odd = st.text(max_size=5)
values = st.none() | st.booleans() | st.integers() | st.floats() | st.timedeltas() | odd | st.sampled_from([[SECRET], {"api_key": SECRET}])
variables = st.sampled_from([f"{prefix}_{name.upper()}" for prefix in ("MODELMETA", "MODELSDEV") for name in DEFAULTS])


@given(
    before=odd,
    after=odd,
    fields=st.dictionaries(st.sampled_from([name for name in DEFAULTS if name != "api_key"]) | odd, values, max_size=3),
    address=st.none() | st.tuples(odd, odd),
    make=st.sampled_from([lambda fields: Settings(**fields), lambda fields: Settings().replace(**fields), Settings.from_mapping]),
)
def test_the_key_is_never_shown(before, after, fields, address, make):
    fields |= {"api_key": before + SECRET + after}
    if address is not None:
        fields["base_url"] = f"https://{address[0]}:{SECRET}@{address[1]}"
    result = outcome(make, fields)
    assert SECRET not in f"{result} {result!r}"
    if isinstance(result, Settings):
        assert result.api_key == before + SECRET + after
    else:
        assert SECRET not in f"{vars(result)} {result.__context__!r}"


@given(st.dictionaries(variables, st.text()))
def test_whatever_the_environment_holds_is_read_or_refused_by_the_name_of_its_variable(environ):
    environ |= {"MODELMETA_API_KEY": SECRET}
    result = outcome(Settings.from_env, environ)
    assert SECRET not in repr(result)
    if isinstance(result, SettingsError):
        assert result.key in environ
        assert str(result).startswith(f"{result.key} must be ")


@pytest.mark.parametrize("prefix", ["MODELMETA", "MODELSDEV"])
def test_every_field_has_its_variable_under_both_names(prefix):
    written = {
        "enabled": ("off", False),
        "api_key": (SECRET, SECRET),
        "base_url": ("http://mirror/", "http://mirror"),
        "refresh_interval": ("12h", timedelta(hours=12)),
        "cache_ttl": ("0", timedelta(0)),
        "batch_size": ("50", 50),
        "max_retries": ("0", 0),
        "auto_refresh": ("true", True),
        "timeout": ("500ms", timedelta(milliseconds=500)),
        "deadline": ("2m", timedelta(minutes=2)),
        "rate_limit": ("10", 10),
        "max_document_bytes": ("1000", 1_000),
        "max_shrink": ("0.1", 0.1),
        "stale_after": ("2w", timedelta(weeks=2)),
        "max_age": ("1.5h", timedelta(hours=1.5)),
    }
    environ = {f"{prefix}_{name.upper()}": text for name, (text, _) in written.items()}
    assert attrs.asdict(Settings.from_env(environ)) == {name: value for name, (_, value) in written.items()}


def test_a_variable_of_our_own_name_wins():
    assert Settings.from_env({"MODELMETA_BATCH_SIZE": "2", "MODELSDEV_BATCH_SIZE": "many"}).batch_size == 2


def test_an_empty_variable_is_not_set():
    environ = {"MODELMETA_BATCH_SIZE": "", "MODELSDEV_BATCH_SIZE": "1", "MODELMETA_ENABLED": "", "MODELMETA_MAX_AGE": ""}
    assert Settings.from_env(environ) == Settings(batch_size=1)


def test_variables_of_other_names_are_ignored():
    environ = {"MODELMETA_COLOUR": "red", "modelmeta_enabled": "maybe", "ENABLED": "maybe", "MODELSDEV_DEFAULT_BATCH_SIZE": "x"}
    assert Settings.from_env(environ) == Settings()


def test_the_environment_is_that_of_the_process(monkeypatch):
    monkeypatch.setenv("MODELMETA_TIMEOUT", "3s")
    assert Settings.from_env().timeout == timedelta(seconds=3)


@pytest.mark.parametrize("variable", ["MODELMETA_TIMEOUT", "MODELSDEV_TIMEOUT"])
def test_a_bad_variable_is_refused_by_its_own_name(variable):
    error = refusal(Settings.from_env, {variable: "soon"})
    assert str(error) == f"{variable} must be a duration above 0, like '90s', '1h30m', '7d' or a number of seconds, not 'soon'"
    assert error.key == variable


@pytest.mark.parametrize("key", ["batch_size", "batch-size", "default_batch_size", "default-batch-size"])
def test_a_mapping_may_say_hyphens_and_the_original_name(key):
    assert Settings.from_mapping(MappingProxyType({key: "50"})).batch_size == 50
    error = refusal(Settings.from_mapping, {key: 0})
    assert str(error) == f"{key} must be a whole number from 1 to 1,000, not 0"
    assert error.key == key


def test_a_mapping_that_says_something_twice_is_refused():
    error = refusal(Settings.from_mapping, {"default_batch_size": 1, "batch-size": 1})
    assert str(error) == "batch-size says again what another key said: batch_size"
    assert error.key == "batch-size"


@pytest.mark.parametrize("mapping", [None, [("timeout", 1)], SECRET.encode(), 5])
def test_what_is_no_mapping_is_refused(mapping):
    error = refusal(Settings.from_mapping, mapping)
    assert str(error).startswith("settings are a mapping of names to values, not ")
    assert SECRET not in str(error)
    assert error.key == ""


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("tiemout", "did you mean timeout?"),
        ("api-keys", "did you mean api_key?"),
        ("Refresh-Interval", "did you mean refresh_interval?"),
        ("colour", f"the settings are {', '.join(DEFAULTS)}"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest_known_one(key, hint):
    for make in (mapped, replaced):
        error = refusal(make, key, SECRET)
        assert str(error) == f"there is no setting {key!r}; {hint}"
        assert error.key == key


@pytest.mark.parametrize("key", [5, None, ("timeout",), "x" * 100_000], ids=kind)
def test_a_key_that_can_be_no_name_is_unknown_too(key):
    error = refusal(Settings.from_mapping, {key: 1})
    assert error.key == str(key)
    assert len(str(error)) < 500


def test_an_unknown_keyword_is_a_type_error_as_of_any_function():
    with pytest.raises(TypeError, match="unexpected keyword argument 'tiemout'"):
        Settings(tiemout=5)
    with pytest.raises(TypeError, match="positional"):
        Settings(True)


def test_replacing_leaves_the_rest_and_the_original():
    settings = Settings(timeout=5, api_key=SECRET)
    assert settings.replace(batch_size="7") == Settings(timeout=5, api_key=SECRET, batch_size=7)
    assert settings.replace(api_key=None) == Settings(timeout=5)
    assert settings.replace() == settings == Settings(timeout=5, api_key=SECRET)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (-1, "-1"),
        (None, "None"),
        ("x" * 100_000, f"'{'x' * 99}"),
        *((10**5_000, "an object of type int"), ({"a": SECRET}, "an object of type dict"), ([SECRET], "an object of type list")),
    ],
    ids=kind,
)
def test_a_message_shows_what_was_given_but_no_more_than_fits(value, shown):
    assert str(refusal(built, "timeout", value)).endswith(f", not {shown}")


def test_settings_are_values():
    settings = Settings(refresh_interval="1d", api_key=SECRET, base_url="https://models.dev/")
    same = Settings(refresh_interval=86_400, api_key=SECRET)
    assert settings == same
    assert hash(settings) == hash(same)
    assert settings != Settings()
    assert pickle.loads(pickle.dumps(settings)) == settings
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        settings.timeout = timedelta(0)


def test_importing_and_making_settings_loads_nothing_heavy():
    code = """import sys; before = set(sys.modules)
from modelmeta.settings import Settings
Settings(timeout="1h", base_url="https://models.dev")
print(*set(sys.modules) - before)"""
    loaded = set(subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True).stdout.split())
    inside = {name for name in loaded if name.partition(".")[0] == "modelmeta"}
    assert inside == {"modelmeta", "modelmeta._lazy", "modelmeta.errors", "modelmeta.settings"}
    assert loaded & {"asyncio", "difflib", "email", "http", "httpx", "ipaddress", "logging", "socket", "ssl", "urllib"} == set()
