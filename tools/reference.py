"""Write the generated parts of docs/reference: ``python tools/reference.py [--check]``.

What stands between the markers of a page is written anew, from the code. ``--check`` writes nothing, names the pages that are not as they would
be written, and ends with exit code 1 if there are any.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import re
import sys
import textwrap
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import click

from modelmeta import Model, Settings, errors
from modelmeta.catalog.query import SORT_KEYS, Criteria, Requirements
from modelmeta.cli.main import HEADINGS, cli
from modelmeta.metrics import PrometheusMetrics
from modelmeta.records.capabilities import ALIASES, CAPABILITIES
from modelmeta.server.app import create_app
from modelmeta.server.parameters import Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FOLDER = Path(__file__).parent.parent / "docs" / "reference"
BEGIN = "<!-- written by `nox -s reference`: from here -->"
END = "<!-- written by `nox -s reference`: to here -->"
SAYS = "what it says"
SHARED = "given_"  # so the names of options begin that go before a command or behind it
PROBLEM = "application/problem+json"
TYPES = {"bool": "yes or no", "float": "number", "int": "whole number", "str": "text", "timedelta": "duration"}
UNITS = {  # of the numbers among the settings
    "batch_size": "of models",
    "max_document_bytes": "of bytes",
    "max_retries": "of requests",
    "max_shrink": "from 0 to 1",
    "rate_limit": "of requests a minute",
}
LENGTHS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1), "s": timedelta(seconds=1)}


def error_tree() -> Iterator[str]:
    """Yield the tree of the errors, as their module draws it."""
    drawn = str(errors.__doc__).split("\n\n")[2]
    yield f"```text\n{textwrap.dedent(drawn)}\n```"


def settings() -> Iterator[str]:
    """Yield every setting with its variable, and the variables that options of the command line read."""
    said, rows = documented(Settings), []
    for field in attrs.fields(Settings):
        name, _, none = str(field.type).partition(" | ")
        kind, default = TYPES[name] + ", or None" * bool(none), field.default
        unit = f" {UNITS[field.name]}" if "number" in kind else ""
        if isinstance(default, timedelta):
            letter, length = next((letter, length) for letter, length in LENGTHS.items() if not default % length)
            default = f"{default // length}{letter}"
        names = f"{code(field.name)} {code(f'MODELMETA_{field.name.upper()}')}"
        rows.append((names, kind + unit, code(default), prose(said[field.name])))
    yield table(("setting, and its variable", "type", "default", SAYS), rows)
    yield "## Variables of the command line\n\nWhere the option is not given, the variable counts."
    options = ((name, param) for name, command in commands().items() for param in command.params if isinstance(param, click.Option))
    variables = [(code(param.envvar), code(f"{name} {param.opts[0]}"), prose(param.help or "")) for name, param in options if param.envvar]
    yield table(("variable", "option", SAYS), variables)


def commands(command: click.Command = cli, name: str = "modelmeta") -> dict[str, click.Command]:
    """Return *command* and all under it, by the words that call them."""
    inner = command.commands.items() if isinstance(command, click.Group) else ()
    return {name: command} | {called: found for word, under in inner for called, found in commands(under, f"{name} {word}").items()}


def command_line() -> Iterator[str]:
    """Yield a section for each command, under the headings of ``modelmeta --help``."""
    yield from ("## modelmeta", *_help("modelmeta", cli))
    for heading, under in HEADINGS.items():
        yield f"## {heading}"
        for name, command in (found for first in under for found in commands(first, f"modelmeta {first.name}").items()):
            yield from (f"### {name}", *_help(name, command))


def _help(name: str, command: click.Command) -> Iterator[str]:
    """Yield the usage of a command, what it does, its options and those it shares, exit codes, an example."""
    context = click.Context(command, info_name=name)
    yield f"```text\n{' '.join([name, *command.collect_usage_pieces(context)])}\n```"
    yield from map(prose, (command.help or "").split("\n\n"))
    options = [param for param in command.params if isinstance(param, click.Option)]
    shared = [param for param in options if command is not cli and str(param.name).startswith(SHARED)]
    told = [param.get_help_record(context) for param in options if param not in shared]
    yield table(("option", SAYS), [(code(record[0]), prose(record[1])) for record in told if record])
    if shared:
        yield f"Also {', '.join(code(param.opts[0]) for param in shared)}, which can go [before the command](#modelmeta) too."
    codes, _, example = (command.epilog or "").partition("\n\nExample: ")
    yield from (prose(codes), f"```sh\n{example}\n```" if example else "")


def rest_api() -> Iterator[str]:
    """Yield a section for each operation, under its tag; then the problems, then the bodies."""
    document = create_app(token="some", metrics=PrometheusMetrics()).openapi()  # noqa: S106  # nobody is served
    operations = [(f"{method.upper()} {path}", said) for path, methods in document["paths"].items() for method, said in methods.items()]
    for tag in dict.fromkeys(said["tags"][0] for _, said in operations):
        yield f"## Routes: {tag}"
        yield from (part for name, said in operations if said["tags"][0] == tag for part in (f"### {code(name)}", *_operation(said)))
    told = {
        (status, answer["description"])
        for _, said in operations
        for status, answer in said["responses"].items()
        if PROBLEM in answer.get("content", ())
    }
    yield "## Problems"
    yield table(("status", SAYS), [(status, prose(text)) for status, text in sorted(told)])
    yield "## Bodies"
    for name, schema in sorted(document["components"]["schemas"].items()):
        needed = schema.get("required", ())
        yield from (f"### {name}", prose(schema.get("description", "")))
        fields = [(code(field), "yes" * (field in needed), *_value(said, said)) for field, said in schema["properties"].items()]
        yield table(("field", "always there", "type", "default", SAYS), fields)
        yield "It may have more fields." if schema.get("additionalProperties") else ""


def _operation(said: dict[str, Any]) -> Iterator[str]:
    """Yield what an operation does, what it takes and what it answers."""
    yield prose(said["description"] + " It asks for the token." * ("security" in said))
    taken = [(code(one["name"]), one["in"], "yes" * one["required"], *_value(one["schema"], one)) for one in said.get("parameters", ())]
    yield table(("parameter", "in", "needed", "type", "default", SAYS), taken)
    yield from (f"Body: {body}." for body in _bodies(said.get("requestBody", {})))
    refused = sorted(status for status, answer in said["responses"].items() if PROBLEM in answer.get("content", ()))
    answers = [" ".join([status, *_bodies(answer)]) for status, answer in said["responses"].items() if status not in refused]
    yield f"Answers {', '.join(answers)}; [problems](#problems) {', '.join(refused)}."


def _bodies(said: dict[str, Any]) -> list[str]:
    return [_kind(body["schema"]) if media == "application/json" else code(media) for media, body in said.get("content", {}).items()]


def _value(schema: dict[str, Any], said: dict[str, Any]) -> tuple[str, str, str]:
    """Return the type and the default of a value, and what is said of it."""
    default = schema.get("default")
    return _kind(schema), "" if default in (None, []) else code(default), prose(said.get("description", ""))


def _kind(schema: dict[str, Any]) -> str:
    """Return the type that *schema* asks for, in words."""
    match schema:
        case {"$ref": ref}:
            name = ref.rpartition("/")[2]
            return f"[{name}](#{name.lower()})"
        case {"enum": words}:
            return " or ".join(map(code, words))
        case {"anyOf": kinds}:
            return " or ".join(map(_kind, kinds))
        case {"type": "array", "items": items}:
            return f"list of {_kind(items)}"
        case {"type": "object", "additionalProperties": dict(items)}:
            return f"object of {_kind(items)}"
        case {"type": kind}:
            within = [
                f"{word} {schema[key]:,}".removesuffix(".0") for key, word in (("minimum", "from"), ("maximum", "to")) if key in schema
            ]
            return " ".join([schema.get("format", kind), *within])
    return "anything"


def criteria() -> Iterator[str]:
    """Yield what ``filter`` takes, the capabilities, and what models are sorted by."""
    kinds = Requirements.__annotations__ | Criteria.__annotations__
    options = {param.name: "/".join([param.opts[0], *param.secondary_opts]) for param in cli.commands["list"].params}
    rows = [
        (code(name), code(kinds[name].__forward_arg__), code(options.get(name, "")), "yes" * (name in Listing.model_fields), prose(said))
        for name, said in {**documented(Requirements), **documented(Criteria)}.items()
    ]
    yield "## Criteria"
    yield table(("criterion", "value", "option", "over HTTP", "what it asks"), rows)
    yield "## Capabilities"
    others = {name: ", ".join(code(other) for other, names in ALIASES.items() if name in names) for name in CAPABILITIES}
    yield table(("capability", "upstream", "also called"), [(code(name), _upstream(name), other) for name, other in others.items()])
    yield f"## What models are sorted by\n\n{', '.join(map(code, SORT_KEYS))}."


def _upstream(name: str) -> str:
    """Return where models.dev says the capability *name*."""
    word, _, side = name.replace("vision", "image_input").partition("_")
    if name in attrs.fields_dict(Model):
        return code(name)
    return f"{code(word)} in {code(f'modalities.{side}')}" if side in {"input", "output"} else "no field: an overlay may say it"


def code(text: object) -> str:
    """Return *text* as code, empty for nothing."""
    return f"`{text}`" if text != "" else ""


def prose(text: str) -> str:
    """Return *text*, of a docstring or a help, as one line of Markdown, with options as code."""
    line = re.sub(r"(?<![`\w-])--[a-z][a-z-]*", r"`\g<0>`", " ".join(text.replace("``", "`").split()))
    return "".join(part if part.startswith("`") else part.replace("<", "&lt;").replace("*", r"\*") for part in re.split("(`[^`]*`)", line))


def table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return *rows* under their *header*, without the columns in which nothing stands; empty where there are no rows."""
    columns = [(head, "---", *cells) for head, *cells in zip(header, *rows, strict=True) if any(cells)]
    lines = [[cell.replace("|", r"\|") for cell in line] for line in zip(*columns, strict=True)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def documented(cls: type) -> dict[str, str]:
    """Return the docstring behind each field of *cls*, in the order they stand."""
    body = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0].body  # type: ignore[attr-defined]  # it is the source of a class
    said = {}
    for pair in pairwise(body):
        match pair:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                said[name] = text
    return said


PAGES = {"command-line": command_line, "criteria": criteria, "errors": error_tree, "rest-api": rest_api, "settings": settings}


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, and fail where something would be written")
    check = parser.parse_args().check
    changed = []
    for name, parts in PAGES.items():
        path = FOLDER / f"{name}.md"
        before, rest = path.read_text().split(BEGIN)
        old, after = rest.split(END)
        new = "\n\n".join(["", *filter(None, parts()), ""])
        if new != old:
            changed.append(path.name)
            if not check:
                path.write_text(f"{before}{BEGIN}{new}{END}{after}")
    if changed:
        print("not as the code says:" if check else "written:", *changed)  # noqa: T201  # a command reports what it did
    sys.exit(check and bool(changed))


if __name__ == "__main__":
    main()
