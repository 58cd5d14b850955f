"""Overlays as people write them: read as they mean it, or refused with everything that is wrong."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import assume, given

from modelmeta import (
    Cost,
    CostTier,
    Layer,
    Limit,
    Model,
    ModelRef,
    Overlay,
    OverlayError,
    Provider,
    SourceError,
    SourceNotFoundError,
)
from modelmeta.codec.build import build_model
from modelmeta.codec.json_text import parse, to_text
from modelmeta.codec.overlays.rows import head_of, row_of
from modelmeta.codec.structure import structure_model
from modelmeta.records.plain import flatten
from modelmeta.testing.strategies import rows

WHOLE = """
name = "mine"
wins = false

[providers.acme]
name = "Acme"
env = ["ACME_KEY"]
extra.region = "eu"

[providers.acme.models.kite]
name = "Kite"

[models."acme/rocket"]
base_model = "openai/gpt-5.5"
base_model_omit = ["limit.input"]
release_date = 2026-11-24
streaming = true
cost.input = 1.50
cost.output = 6
extra = { latency_ms = 120, quality = { elo = 1_234.5 } }
written_against = { cost = { input = 2 } }

[[models."acme/rocket".cost.tiers]]
input = 3
tier = { type = "context", size = 200_000 }

[aliases]
fast = "acme/rocket"
"""


def mistakes(source):
    with pytest.raises(OverlayError) as caught:
        Overlay.parse(source)
    return [str(problem) for problem in caught.value.problems]


def test_a_whole_overlay_is_read():
    overlay = Overlay.parse(WHOLE)

    assert (overlay.name, overlay.wins, overlay.aliases) == ("mine", False, {"fast": "acme/rocket"})
    assert overlay.providers == {"acme": {"name": "Acme", "env": ["ACME_KEY"], "region": "eu"}}
    assert overlay.models == {
        "acme/kite": {"name": "Kite"},
        "acme/rocket": {
            "base_model": "openai/gpt-5.5",
            "base_model_omit": ["limit.input"],
            "release_date": "2026-11-24",
            "streaming": True,
            "cost": {"input": Decimal("1.50"), "output": 6, "tiers": [{"input": 3, "tier": {"type": "context", "size": 200_000}}]},
            "latency_ms": 120,
            "quality": {"elo": Decimal("1234.5")},
        },
    }
    assert overlay.written_against == {"acme/rocket": {"cost": {"input": 2}}}
    assert str(overlay.models["acme/rocket"]["cost"]["input"]) == "1.50"
    assert isinstance(overlay, Layer)


def test_what_is_given_counts_before_what_is_written():
    assert (Overlay.parse(WHOLE, name="other", wins=True).name, Overlay.parse({}, name="other").name) == ("other", "other")
    assert Overlay.parse(WHOLE, wins=True).wins
    assert (Overlay.parse("").name, Overlay.parse({}).models) == ("overlay", {})


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("nme = 'x'", ["$.nme: is no field; did you mean name?"]),
        ("zzzzzz = 'x'", ["$.zzzzzz: is no field; known are aliases, models, name, providers, wins"]),
        ("name = 5\nwins = 'no'", ["$.name: must be text, not 5", "$.wins: must be true or false, not 'no'"]),
        ("models = 5", ["$.models: must be a table, not 5"]),
        ("[models.m]", ["$.models.m: 'm' is not a model reference: write provider/model, as in 'openai/gpt-5.5'"]),
        ("models.'a/b' = 5", ["$.models['a/b']: must be a table, not 5"]),
        ("models.'a/b'.cots.input = 5", ["$.models['a/b'].cots: is no field; did you mean cost?"]),
        ("models.'a/b'.latency_ms = 5", ["$.models['a/b'].latency_ms: is no field; a fact of your own stands in the table extra"]),
        (
            "models.'a/b'.cost = {inptu = 5, output = -1, cache_read = 'x'}",
            [
                "$.models['a/b'].cost.inptu: is no field; did you mean input?",
                "$.models['a/b'].cost.output: must be a price of 0 or more in USD per million tokens, not -1",
                "$.models['a/b'].cost.cache_read: must be a price of 0 or more in USD per million tokens, not \"x\"",
            ],
        ),
        ("models.'a/b'.cost.input = inf", ["$.models['a/b'].cost.input: a number beyond anything a catalog could mean"]),
        ("models.'a/b'.cost.tiers = [{inpt = 1, tier.size = 5}]", ["$.models['a/b'].cost.tiers[0].inpt: is no field; did you mean input?"]),
        ("models.'a/b'.cost.tiers = [5]", ["$.models['a/b'].cost.tiers[0]: must be an object, not 5"]),
        (
            "models.'a/b'.experimental.modes = {fast.cost.input = 'x', slow.cost.input = 'y', odd.x = 1}",
            [
                "$.models['a/b'].experimental.modes.odd.x: is no field; known are cost, provider",
                "$.models['a/b'].experimental.modes.fast.cost.input: must be a price of 0 or more in USD per million tokens, not \"x\"",
                "$.models['a/b'].experimental.modes.slow.cost.input: must be a price of 0 or more in USD per million tokens, not \"y\"",
            ],
        ),
        ("models.'a/b'.status = 'depricated'", ["$.models['a/b'].status: 'depricated' is no word for it; did you mean deprecated?"]),
        (
            "models.'a/b'.modalities.input = ['text', 'imgae']",
            ["$.models['a/b'].modalities.input: 'imgae' is no word for it; did you mean image?"],
        ),
        (
            "models.'a/b'.knowledge = '2026-13'",
            ["$.models['a/b'].knowledge: no calendar has the date '2026-13'; write it like '2026-11-24' or '2026-11'"],
        ),
        ("models.'a/b'.streaming = 'yes'", ["$.models['a/b'].streaming: must be true or false, not 'yes'"]),
        ("models.'a/b'.id = 'c'", ["$.models['a/b'].id: must be 'b' or left out"]),
        ("models.'a/b'.extra = {cost = 5}", ["$.models['a/b'].extra.cost: is a field of its own, and no extra"]),
        ("models.'a/b'.extra = 5", ["$.models['a/b'].extra: must be a table, not 5"]),
        ("models.'a/b'.base_model = 5", ["$.models['a/b'].base_model: must be the reference of a model, not 5"]),
        (
            "models.'a/b'.base_model_omit = [5]",
            ["$.models['a/b'].base_model_omit: must be a list of fields, such as ['limit.input'], not [5]"],
        ),
        ("models.'a/b'.written_against.cots = 5", ["$.models['a/b'].written_against.cots: is no field; did you mean cost?"]),
        (
            "models.'a/b'.written_against.cost.input = 'x'",
            ["$.models['a/b'].written_against.cost.input: must be a price of 0 or more in USD per million tokens, not \"x\""],
        ),
        ("models.'a/b' = {}\nproviders.a.models.b = {}", ["$.providers.a.models.b: is there twice"]),
        ("providers.'a/b' = {}", ["$.providers['a/b']: a provider's id must be text without '/'"]),
        ("providers.a.envv = []", ["$.providers.a.envv: is no field; did you mean env?"]),
        ("providers.a.env = 'KEY'", ['$.providers.a.env: must be a list, not "KEY"']),
        ("providers.a.models = 5", ["$.providers.a.models: must be a table, not 5"]),
        ("aliases.x = 'y'", ["$.aliases.x: 'y' is not a model reference: write provider/model, as in 'openai/gpt-5.5'"]),
        (
            "models.'a/b'.knowledge = 2026-11-24T10:00:00",
            [
                "$.models['a/b'].knowledge: is nothing that JSON could say: datetime.datetime(2026, 11, 24, 10, 0)",
            ],
        ),
    ],
)
def test_everything_that_is_wrong_is_told(source, told):
    assert mistakes(source)[: len(told)] == told


def test_what_is_no_toml_is_told():
    assert "is not TOML: " in mistakes("models = [")[0]
    assert mistakes("x = " + "[" * 5_000)[0].startswith("$: the text is not TOML: ")


@pytest.mark.parametrize("number", ["9" * 5_000, "1" + "0" * 100, "0x" + "f" * 5_000, "0b" + "1" * 400])
def test_a_number_longer_than_any_that_means_something_is_no_toml(number):
    assert mistakes(f"x = [{{ y = -{number} }}]" if number.isdigit() else f"x = [{{ y = {number} }}]")[0].startswith(
        "$: the text is not TOML: "
    )
    assert "must be text, not " in mistakes(f"name = {'9' * 100}")[0]


def test_a_mapping_that_nests_too_deep_is_refused():
    deep = []
    for _ in range(100_000):
        deep = [deep]

    assert mistakes({"models": {"a/b": {"extra": {"x": deep}}}}) == ["$.models['a/b']: nests too deep"]


def test_a_file_is_called_what_it_is_called(tmp_path):
    path = tmp_path / "prices.toml"
    path.write_text(WHOLE.replace('name = "mine"', ""))

    assert Overlay.load(path).name == "prices"
    assert Overlay.load(str(path), name="other", wins=True).wins


def test_a_folder_is_read_as_models_dev_lays_it_out(tmp_path):
    models = tmp_path / "mine" / "providers" / "acme" / "models" / "deep"
    models.mkdir(parents=True)
    (tmp_path / "mine" / "providers" / "notes.txt").write_text("no provider")
    (models.parent.parent / "provider.toml").write_text('name = "Acme"')
    (models.parent / "rocket-1.5.toml").write_text("cost.input = 1")
    (models / "kite.toml").write_text("\ufefftool_call = true", encoding="utf-8")
    other = tmp_path / "mine" / "providers" / "openai" / "models"
    other.mkdir(parents=True)
    (other / "gpt-5.5.toml").write_text("cost.input = 4")
    overlay = Overlay.load(tmp_path / "mine")

    assert overlay.name == "mine"
    assert overlay.providers == {"acme": {"name": "Acme"}, "openai": {}}
    assert overlay.models == {
        "acme/deep/kite": {"tool_call": True},
        "acme/rocket-1.5": {"cost": {"input": 1}},
        "openai/gpt-5.5": {"cost": {"input": 4}},
    }
    (tmp_path / "mine" / "overlay.toml").write_text('name = "ours"\naliases.fast = "acme/rocket-1.5"\nproviders.lab = {}')
    assert (Overlay.load(tmp_path / "mine").name, Overlay.load(tmp_path / "mine").providers.keys()) == ("ours", {"acme", "openai", "lab"})


def test_mistakes_of_a_folder_are_told_at_once(tmp_path):
    models = tmp_path / "providers" / "acme" / "models"
    models.mkdir(parents=True)
    (models / "a.toml").write_text("cost.inptu = 1")
    (models / "b.toml").write_text("cost = [")
    (models / "c.toml").write_bytes(b"\xff")
    (tmp_path / "overlay.toml").write_text("providers.acme = {}")
    with pytest.raises(OverlayError) as caught:
        Overlay.load(tmp_path)

    told = [str(problem) for problem in caught.value.problems]
    assert [problem.partition(": ")[2].partition(" at ")[0].partition(": ")[0] for problem in told] == [
        "providers/acme/models/b.toml is not TOML",
        "providers/acme/models/c.toml is not UTF-8",
        "stands in overlay.toml and has a folder as well",
        "is no field; did you mean input?",
    ]
    (tmp_path / "overlay.toml").write_text("providers = 5")
    with pytest.raises(OverlayError, match="providers: must be a table, not 5"):
        Overlay.load(tmp_path)


def test_what_cannot_be_read_says_so(tmp_path):
    for path in (tmp_path / "nothing.toml", tmp_path):
        with pytest.raises(SourceNotFoundError):
            Overlay.load(path)
    large = tmp_path / "large.toml"
    with large.open("wb") as file:
        file.truncate((16 << 20) + 1)
    with pytest.raises(SourceError, match="larger than 16,777,216 bytes"):
        Overlay.load(large)
    with pytest.raises(SourceError, match="cannot be read"):
        Overlay.load(large / "inside.toml")


def test_records_say_all_that_they_know():
    model = Model(
        ref=ModelRef("acme", "m"),
        name="M",
        limit=Limit(context=5),
        cost=Cost(input=Decimal(1), tiers=(CostTier(size=100, input=Decimal(2)),), modes={"fast": Cost(input=Decimal(9))}),
        extra={"latency_ms": 3, "limit.images": 4},
    )
    provider = Provider(id="acme", name="Acme", env=("KEY",), extra={"region": "eu"})
    overlay = Overlay.of(models=[model], providers=[provider], aliases={"x": "acme/m"}, name="records", wins=False)

    assert overlay.models["acme/m"] == {
        "name": "M",
        "limit": {"context": 5, "images": 4},
        "cost": {"input": 1, "tiers": [{"input": 2, "tier": {"type": "context", "size": 100}}]},
        "experimental": {"modes": {"fast": {"cost": {"input": 9}}}},
        "latency_ms": 3,
    }
    assert overlay.providers == {"acme": {"name": "Acme", "env": ["KEY"], "region": "eu"}} == {"acme": head_of(provider)}
    assert (overlay.name, overlay.wins, overlay.aliases) == ("records", False, {"x": "acme/m"})


@given(rows())
def test_a_record_s_row_is_read_as_that_record(row):
    ref = ModelRef("acme", "m")
    known = {key: value for key, value in row.items() if not key.startswith("x_") and key != "experimental"}
    model = build_model(ref, parse(to_text(known)), subscription=False)
    assume(not any("." in key for key in model.extra))

    assert flatten(structure_model(ref, parse(to_text(row_of(model))), subscription=False)) == flatten(model)
