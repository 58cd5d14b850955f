"""For your tests and ours: hypothesis strategies for what upstream serves and users ask, an oracle for filters, and catalogs of any size."""

from __future__ import annotations

from ..errors import MissingExtraError

try:
    from .documents import documents, json_texts, json_values, rows, usages
    from .queries import criteria, matches
except ModuleNotFoundError as error:
    message = 'modelmeta.testing needs hypothesis: pip install "modelmeta[testing]"'
    raise MissingExtraError(message, extra="testing") from error

from .scale import scaled_document

__all__ = ["criteria", "documents", "json_texts", "json_values", "matches", "rows", "scaled_document", "usages"]
