"""The command that lets a shell complete what is typed."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from .output import ending

__all__ = ["completion"]


@click.command(epilog=ending("completion bash > ~/.local/share/bash-completion/completions/modelmeta"))
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, /, shell: str) -> None:
    """Print the script by which a shell completes what is typed.

    Let the shell read it: eval "$(modelmeta completion bash)" in ~/.bashrc, the same with zsh in ~/.zshrc, or modelmeta completion fish | source in
    ~/.config/fish/config.fish. Models and providers are those of the bundled snapshot.
    """
    root = ctx.find_root()
    made = get_completion_class(shell)
    assert made is not None  # noqa: S101  # click has these three
    click.echo(made(root.command, {}, "modelmeta", "_MODELMETA_COMPLETE").source())
