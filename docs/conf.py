"""How the documentation is built: ``nox -s docs``."""

from __future__ import annotations

import importlib.metadata
import sys
from typing import TYPE_CHECKING

from sphinx.pycode import ModuleAnalyzer

if TYPE_CHECKING:
    from docutils.nodes import Element
    from sphinx.addnodes import pending_xref
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

project = "modelmeta"
author = "The modelmeta founders"
release = importlib.metadata.version("modelmeta")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
nitpicky = True

myst_heading_anchors = 4

copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

add_module_names = False
autodoc_member_order = "bysource"
autodoc_default_options = {
    "members": True,
    "undoc-members": True,
    "inherited-members": "BaseException, Generic, Mapping, Reading, Sequence, Shown, dict, tuple",  # those of these are said once, or not ours
}
maximum_signature_line_length = 100
napoleon_numpy_docstring = False
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_title = "modelmeta"
html_static_path = ["_static"]
html_js_files = [("scrolling.js", {"defer": "defer"})]
html_copy_source = False
html_show_copyright = False


def _trim(_app: Sphinx, _name: str, source: list[str]) -> None:
    """Leave out the empty line before the end of a block, where doctest wants one and a reader sees a gap."""
    source[0] = source[0].replace("\n\n```\n", "\n```\n")


def _document(_app: Sphinx, what: str, name: str, obj: object, _options: object, lines: list[str]) -> None:
    """Bring the docstring of an alias from the module that has it, and keep napoleon from reading what stands before a colon as a type."""
    if what == "data":
        name = name.rpartition(".")[2]
        for module in [module for module in sys.modules if module.startswith("modelmeta.")]:
            if getattr(sys.modules[module], name, None) is obj:
                lines[:] = ModuleAnalyzer.for_module(module).find_attr_docs().get(("", name), lines)
    if what in {"attribute", "data", "property"}:
        lines[:0] = ["..", ""]  # an empty comment, which has no colon


def _find(app: Sphinx, env: BuildEnvironment, node: pending_xref, contnode: Element) -> Element | None:
    """Find a public name that is written without its module, and a read that is written without ``Registry``.

    What is not ours stays text, and so does what an annotation names that is not public. All else that a docstring names must be there.
    """
    if node["refdomain"] != "py":
        return None
    package, dot, _ = node["reftarget"].partition(".")
    if dot and package in sys.modules.keys() - {"modelmeta"}:
        return contnode
    name, python = node["reftarget"].rpartition(".")[2], env.domains.python_domain
    for target in (f"modelmeta.{name}", f"modelmeta.Registry.{name}"):
        if target in python.objects:
            return python.resolve_xref(env, node["refdoc"], app.builder, node["reftype"], target, node, contnode)
    of_annotation = "refexplicit" not in node
    return contnode if of_annotation else None


def setup(app: Sphinx) -> None:
    """Connect what is above."""
    app.connect("source-read", _trim)
    app.connect("autodoc-process-docstring", _document, priority=400)  # napoleon's is 500
    app.connect("missing-reference", _find)
