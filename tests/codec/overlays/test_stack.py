"""Layers over snapshots."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelmeta import Catalog, Layer, dump_catalog, load_catalog
from modelmeta.codec.overlays.ground import Ground
from modelmeta.codec.overlays.stack import Moved, Said, Stack
from modelmeta.codec.snapshot import Snapshot
from modelmeta.testing.strategies import documents, rows

UPSTREAM = {
    "acme": {
        "id": "acme",
        "name": "Acme",
        "env": ["ACME_KEY"],
        "models": {
            "m": {
                "id": "m",
                "name": "M",
                "tool_call": True,
                "limit": {"context": 100, "input": 80, "output": 0},
                "cost": {"input": 5, "output": 30, "context_over_200k": {"input": 10}},
                "status": "beta",
            },
            "n": {"id": "n", "name": "N", "input_modalities": ["text"], "cost": {"input": 0, "output": 0}},
        },
    },
    "bare": {"id": "bare", "name": "Bare"},
}
REFS = ["acme/m", "acme/n", "acme/new", "nobody/x"]
PARTS = st.builds(
    lambda rows, wins, name: Layer(
        name, {ref: {key: value for key, value in row.items() if key != "experimental"} for ref, row in rows.items()}, wins=wins
    ),
    st.dictionaries(st.sampled_from(REFS), rows(), max_size=3),
    st.booleans(),
    st.sampled_from(["one", "other", "third"]),
)


def upstream(document=None):
    return load_catalog(json.dumps(document or UPSTREAM).encode()).content


def over(*layers, base=None):
    return Catalog(Stack(layers).over(base or upstream()))


def reasons(catalog):
    return [str(problem) for problem in catalog.problems]


def test_nothing_said_is_nothing_new():
    base = upstream()

    for layers in ((), (Layer("mine"),), (Layer("mine", {"acme/m": {}, "acme/n": {"name": "N"}}, {"acme": {"name": "Acme"}}),)):
        assert Stack(layers).over(base) is base


def test_one_field_is_replaced_and_everything_else_stays():
    catalog = over(Layer("mine", {"acme/m": {"cost": {"input": 4}, "streaming": True}}))
    expected = json.loads(json.dumps(UPSTREAM))
    expected["acme"]["models"]["m"]["cost"]["input"] = 4
    expected["acme"]["models"]["m"]["streaming"] = True

    assert dump_catalog(catalog) == expected
    assert catalog["acme/m"].supports("streaming") is True
    assert catalog["acme/n"].supports("streaming") is None
    assert [str(ref) for ref in catalog.filter("streaming").refs] == ["acme/m"]


def test_later_layers_count_before_earlier_ones_and_those_that_do_not_win_only_where_nobody_says_anything():
    fills = Layer("fills", {"acme/m": {"cost": {"input": 9, "cache_read": 1}, "limit": {"output": 7}}}, wins=False)
    one, other = (Layer(name, {"acme/m": {"cost": {"input": price}}}) for name, price in (("one", 1), ("other", 2)))

    model = over(fills, one, other)["acme/m"]
    assert (model.cost.input, model.cost.cache_read, model.cost.output, model.limit.output) == (2, 1, 30, 7)
    assert over(other, one)["acme/m"].cost.input == 1
    assert over(fills)["acme/m"].cost.input == 5


def test_a_private_model_stands_at_its_own_provider_or_at_a_known_one():
    catalog = over(
        Layer(
            "mine", {"lab/x": {"limit": {"context": 9}}, "bare/y": {}, "acme/z": {"name": "Z"}}, {"lab": {"env": ["LAB_KEY"]}, "bare": {}}
        )
    )

    assert [str(model.ref) for model in catalog] == ["acme/m", "acme/n", "acme/z", "bare/y", "lab/x"]
    assert (catalog.provider("lab").name, catalog.provider("lab").env, catalog.provider("lab").model_count) == ("lab", ("LAB_KEY",), 1)
    assert catalog["bare/y"].name == "y"
    document = dump_catalog(catalog)
    assert document["lab"] == {"id": "lab", "env": ["LAB_KEY"], "models": {"x": {"id": "x", "limit": {"context": 9}}}}
    assert document["bare"]["models"] == {"y": {"id": "y"}}
    assert load_catalog(document).content.digest == catalog.content.digest


def test_a_row_stands_on_another_but_for_what_depends_on_who_sells_it():
    row = {"base_model": "acme/m", "base_model_omit": ["limit.input", "status.x", "tool_call"], "name": "Mine"}
    model = over(Layer("mine", {"acme/mine": row}))["acme/mine"]

    assert (model.name, model.limit.context, model.limit.input, model.tool_call) == ("Mine", 100, None, None)
    assert (model.cost, model.status, model.canonical_model_id) == (None, None, "acme/m")
    assert model.extra == {}
    assert over(Layer("one", {"acme/mine": row}), Layer("two", {"acme/mine": {"base_model": "acme/n"}}))["acme/mine"].limit.context is None
    assert (
        over(Layer("one", {"acme/mine": row}), Layer("two", {"acme/mine": {"base_model": "acme/n"}}, wins=False))["acme/mine"].limit.context
        == 100
    )


def test_a_row_can_stand_on_a_lab_s_model():
    labs = {"lab/m": {"id": "lab/m", "name": "Lab's M", "limit": {"context": 7}, "benchmarks": []}}
    base = upstream({"models": labs, "providers": UPSTREAM})
    model = over(Layer("mine", {"acme/mine": {"base_model": "lab/m"}}), base=base)["acme/mine"]

    assert (model.name, model.limit.context, model.canonical_model_id) == ("Lab's M", 7, "lab/m")


def test_a_base_that_is_gone_is_told_of_and_the_row_stands_without_it():
    catalog = over(Layer("mine", {"acme/mine": {"base_model": "acme/gone", "name": "Mine"}}))

    assert catalog["acme/mine"].name == "Mine"
    assert reasons(catalog) == ['$.acme.models.mine.base_model: upstream has no model "acme/gone" to stand on']
    assert [problem.kind for problem in catalog.problems] == ["odd"]


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        (
            Layer("mine", {"acme/m": {"cost": {"input": -1}}}),
            "$.acme.models.m.cost.input: must be a price of 0 or more in USD per million tokens, not -1; the overlay 'mine' says so",
        ),
        (
            Layer("mine", {"acme/m": {"base_model": 5}}),
            "$.acme.models.m.base_model: must be a model's reference, not 5; the overlay 'mine' says so",
        ),
        (
            Layer("mine", {"acme/m": {"base_model_omit": [5]}}),
            "$.acme.models.m.base_model_omit: must be a list of fields, not [5]; the overlay 'mine' says so",
        ),
        (
            Layer("mine", {"acme/m": {"base_model_omit": "cost"}}),
            "$.acme.models.m.base_model_omit: must be a list of fields, not \"cost\"; the overlay 'mine' says so",
        ),
        (Layer("mine", providers={"acme": {"env": "KEY"}}), "$.acme.env: must be a list, not \"KEY\"; the overlay 'mine' says so"),
        (
            Layer("mine", {"nobody/m": {}}),
            "$.nobody.models.m: nobody says what the provider 'nobody' is; an overlay can, even by an empty [providers.nobody]",
        ),
        (Layer("mine", aliases={"fast": "acme/gone"}), "$.aliases.fast: there is no model 'acme/gone'"),
        (Layer("mine", aliases={"acme/n": "acme/m"}), "$.aliases['acme/n']: a model has this very reference"),
    ],
)
def test_what_cannot_be_read_is_set_aside_and_told_of(layer, reason):
    catalog = over(layer)

    assert reasons(catalog) == [reason]
    assert dump_catalog(catalog) == UPSTREAM
    assert reasons(over(layer, base=catalog.content)) == [reason]


def test_upstream_s_own_problems_stay():
    document = {**UPSTREAM, "acme": {**UPSTREAM["acme"], "models": {**UPSTREAM["acme"]["models"], "bad": {"cost": 5}}}}
    layers = [Layer("mine", {"acme/m": {"name": "Mine"}}), Layer("other", {"nobody/m": {}})]

    assert [problem.path for problem in over(layers[0], base=upstream(document)).problems] == ["$.acme.models.bad.cost"]
    assert [problem.path for problem in over(*layers, base=upstream(document)).problems] == ["$.acme.models.bad.cost", "$.nobody.models.m"]


def test_over_a_document_of_labs_alone_a_catalog_is_made():
    base = upstream({"lab/m": {"name": "M", "limit": {"context": 1}}, "lab/bad": {"limit": 5}})
    catalog = over(Layer("mine", {"acme/m": {"base_model": "lab/m"}}, {"acme": {}}), base=base)

    assert catalog.content.kind == "catalog.json"
    assert catalog["acme/m"].limit.context == 1
    assert [problem.path for problem in catalog.problems] == ["$.models['lab/bad'].limit"]
    assert load_catalog(dump_catalog(catalog)).content.digest == catalog.content.digest


def test_a_name_of_a_plan_turns_prices_of_nothing_into_those_of_a_plan():
    catalog = over(Layer("mine", providers={"acme": {"name": "Acme Duo"}}))

    assert [model.price_state for model in catalog] == ["priced", "plan"]


def test_other_names_are_understood_and_kept():
    one = Layer("one", aliases={"fast": "acme/m", "slow": "acme/n"})
    other = Layer("other", aliases={"fast": "acme/n", "new": "acme/m"}, wins=False)
    catalog = over(one, other)

    resolution = catalog.resolve("fast")
    assert (str(resolution.model.ref), resolution.match) == ("acme/m", "alias")
    assert str(catalog.get("new").ref) == "acme/m"
    assert str(over(other, one).get("fast").ref) == "acme/m"
    again = Catalog(Snapshot.checked(bytes(catalog.content)))
    assert again.content.aliases == {"fast": "acme/m", "slow": "acme/n", "new": "acme/m"}
    assert catalog.content.digest != upstream().digest


def test_models_that_nobody_speaks_of_stay_the_same_objects():
    catalog = Catalog(upstream())
    untouched, touched = catalog["acme/n"], catalog["acme/m"]
    laid = Catalog(Stack([Layer("mine", {"acme/m": {"name": "Mine"}})]).over(catalog.content), earlier=catalog)

    assert laid["acme/n"] is untouched
    assert laid["acme/m"] != touched


def test_the_layer_that_says_a_fact_is_known():
    stack = Stack(
        [
            Layer("one", {"acme/m": {"cost": {"input": 1, "tiers": []}}, "acme/mine": {"base_model": "acme/m"}}),
            Layer("fills", {"acme/m": {"cost": {"input": 2, "cache_read": 3}}}, wins=False),
        ]
    )
    ground = Ground(upstream())

    assert stack.sayer(ground, "acme/m", ("cost", "input")) == Said("one", "acme/m")
    assert stack.sayer(ground, "acme/m", ("cost", "cache_read")) == Said("fills", "acme/m")
    assert stack.sayer(ground, "acme/m", ("cost", "output")) == Said(None, "acme/m")
    assert stack.sayer(ground, "acme/m", ("cost", "tiers")) == Said("one", "acme/m")
    assert stack.sayer(ground, "acme/m", ("limit", "output")) is None
    assert stack.sayer(ground, "acme/mine", ("limit", "context")) == Said(None, "acme/m")
    assert stack.sayer(ground, "acme/n", ("modalities", "input")) == Said(None, "acme/n")


def test_a_fact_that_moved_since_a_layer_was_written_is_found():
    against = {
        "acme/m": {"cost": {"input": 5.0, "output": 25}, "tool_call": 1, "limit": {"output": 9}, "status": "beta"},
        "acme/gone": {"name": "Gone"},
    }
    moved = [*Stack([Layer("mine", written_against=against)]).moved(Ground(upstream()))]

    assert moved == [
        Moved("mine", "acme/m", ("cost", "output"), 25, 30),
        Moved("mine", "acme/m", ("tool_call",), 1, True),
        Moved("mine", "acme/m", ("limit", "output"), 9, None),
        Moved("mine", "acme/gone", ("name",), "Gone", None),
    ]


@settings(max_examples=30)
@given(st.lists(PARTS, max_size=3), documents(flawed=True))
def test_over_anything_one_after_the_other_and_all_at_once_are_the_same(layers, document):
    step = base = upstream({**document, **UPSTREAM})
    for layer in layers:
        step = Stack([layer]).over(step)
    once = Stack(layers).over(base)

    assert [step.line(row) for row in range(len(step.refs))] == [once.line(row) for row in range(len(once.refs))]
    assert (step.refs, step.heads) == (once.refs, once.heads)
    assert step.problems() == once.problems()


@settings(max_examples=50)
@given(PARTS)
def test_a_layer_laid_twice_is_laid_once(layer):
    base = upstream()
    once = Stack([layer]).over(base)

    assert Stack([layer]).over(once).digest == once.digest
    assert Stack([layer, layer]).over(base).digest == once.digest


@settings(max_examples=40)
@given(st.lists(PARTS, max_size=4), documents())
def test_who_says_a_fact_holds_that_very_value(layers, document):
    base = upstream({**document, **UPSTREAM})
    stack, catalog, ground = Stack(layers), over(*layers, base=base), Ground(base)
    by_name = {layer.name: [] for layer in layers}
    for layer in layers:
        by_name[layer.name].append(layer)
    for ref in {ref for layer in layers for ref in layer.models} & catalog.rows.keys():
        model = catalog[ref]
        for keys, value in (
            (("name",), model.name),
            (("family",), model.family),
            (("reasoning",), model.reasoning),
            (("limit", "context"), model.limit.context),
            (("cost", "input"), model.cost and model.cost.input),
            (("modalities", "input"), list(model.modalities.input) or None),
        ):
            said = stack.sayer(ground, ref, keys)
            holders = (
                [ground.row(ref)]
                if said and said.layer is None
                else [layer.models[ref] for layer in by_name[said.layer] if ref in layer.models]
                if said
                else []
            )
            if said is None:
                assert value is None or (keys == ("name",) and value == ref.partition("/")[2])
            else:
                assert value in [place(row, keys) for row in holders]


def place(row, keys):
    for key in keys:
        row = row.get(key) if isinstance(row, dict) else None
    return row
