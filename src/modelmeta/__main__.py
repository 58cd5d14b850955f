"""``python -m modelmeta`` and the ``modelmeta`` command."""

from __future__ import annotations

import logging
import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line, or say how to install it."""
    try:
        from .cli.main import cli  # noqa: PLC0415  # brings in the extra
    except ModuleNotFoundError as error:
        if error.name not in {"click", "rich"}:
            raise
        sys.exit('The command line needs an extra: pip install "modelmeta[cli]"')
    logging.getLogger("modelmeta").addHandler(logging.NullHandler())  # what it would log, a command says
    cli(prog_name="modelmeta")


if __name__ == "__main__":
    main()
