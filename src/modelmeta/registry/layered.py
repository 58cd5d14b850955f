"""What both registries say of their overlays and their policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..catalog.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from ..catalog.catalog import Catalog
    from ..catalog.diff import ChangeSet
    from ..catalog.disagreements import Disagreements
    from ..catalog.policy.judging import Decision
    from ..catalog.policy.policy import Policy
    from ..codec.layer import Layer
    from ..records.refs import ModelRef
    from .head import Head
    from .history import History
    from .layers import AnyOverlay, Drift, Layers, Origin

__all__ = ["Layered"]


class Layered(Reading):
    """One reference to what is read now: what upstream says, the overlays over it, and of that what the policy allows."""

    def __init__(self, overlays: AnyOverlay | Sequence[AnyOverlay], policy: Policy | None) -> None:
        self._head: Head | None = None
        self._layers: Layers | None = None
        if overlays or policy is not None:
            from .layers import Layers, as_layers  # noqa: PLC0415  # most registries have neither, and it brings in cattrs

            self._layers = Layers(as_layers(overlays), policy)

    if TYPE_CHECKING:
        _past: History | None

        def _open(self) -> Head: ...

    @property
    def overlays(self) -> tuple[Layer, ...]:
        """What is read besides upstream, later ones before earlier ones."""
        return () if self._layers is None else self._layers.layers

    @property
    def upstream(self) -> Catalog:
        """The catalog without overlays and policy: what the store keeps, and what histories and reports tell of."""
        return (self._head or self._open()).catalog

    def origin(self, ref: str | ModelRef, field: str) -> Origin:
        """Return where a fact of a model comes from: what came in the wheel, a revision of upstream's, or an overlay.

        >>> from modelmeta import Registry
        >>> Registry(overlays={"models": {"openai/gpt-5.5": {"cost": {"input": 4}}}}).origin("openai/gpt-5.5", "cost.input")
        Origin(layer='overlay', value=Decimal('4'), revision=None, ref=ModelRef(provider_id='openai', model_id='gpt-5.5'))

        Args:
            ref: the model, as for ``get``.
            field: the dotted path of one fact, such as ``"cost.input"``, ``"modalities.input"`` or ``"extra.latency_ms"``.

        Raises:
            ModelNotFoundError: there is no such model.
            AmbiguousModelError: *ref* means several.
            QueryError: there is no such field, or it holds several facts.
        """
        model, head = self.get(ref), self._head or self._open()
        return self._laid_by().origin(head, model, field)

    def overlay_drift(self) -> tuple[Drift, ...]:
        """Return the facts of which upstream says something else than it did when an overlay was written.

        Known of the facts that the overlay tells so of, under ``written_against``; see :class:`Layer`.
        """
        return self._laid_by().drift(self._head or self._open())

    def policy_check(self, ref: str | ModelRef) -> Decision:
        """Return what the policy rules of a model, which may be one that it denies, and the rule that decided.

        >>> from modelmeta import Policy, Registry
        >>> registry = Registry(policy=Policy(deny={"provider": "openrouter"}))
        >>> bool(registry.policy_check("openrouter/anthropic/claude-opus-4.5"))
        False

        Raises:
            ModelNotFoundError: there is no such model, allowed or not.
            AmbiguousModelError: *ref* means several.
        """
        from ..catalog.policy.permitting import judge_of  # noqa: PLC0415  # as above

        return judge_of(self.catalog).decide(ref)

    def disagreements(self, *layers: Layer, tolerance: Decimal | float = 0.01) -> Disagreements:
        """Return where others contradict upstream on prices, limits and capabilities of models that both know, worst first.

        Every fact that both state is compared, which takes about a tenth of a second per source: in a task, use ``asyncio.to_thread``.

        Args:
            layers: what others say, such as ``litellm_layer()``; by default the overlays of this registry that only fill gaps
                (``wins=False``), as other sources do.
            tolerance: by what share of the smaller one two numbers may differ.

        Raises:
            QueryError: *tolerance* is no such share.
        """
        from ..catalog.disagreements import disagreements  # noqa: PLC0415  # few ask for it

        others = layers or [layer for layer in self.overlays if not layer.wins]
        return disagreements(self.upstream, *others, tolerance=tolerance)

    def _laid_by(self) -> Layers:
        from .layers import Layers  # noqa: PLC0415  # as above

        return self._layers or Layers(())

    def _lay(self, upstream: Catalog, earlier: Catalog | None = None) -> Catalog:
        """Return what is read where upstream says *upstream*: the same models as *earlier*, as far as they did not change."""
        head = self._head
        if self._layers is None:
            return upstream
        return head.read if head is not None and head.catalog is upstream else self._layers.over(upstream, earlier)

    def _swap(self, head: Head) -> None:
        before = self._head
        self._head = attrs.evolve(head, read=self._lay(head.catalog, None if before is None else before.read))

    def _relay(self, overlay: AnyOverlay) -> ChangeSet:
        """Read *overlay* from now on, in place of the one of its name; return what that changed. Not while anybody swaps."""
        from .head import heard  # noqa: PLC0415  # as above
        from .layers import as_layers  # noqa: PLC0415  # as above

        head = self._head or self._open()
        layers = self._laid_by().replaced(*as_layers(overlay))
        now = attrs.evolve(head, read=layers.over(head.catalog, head.read))
        self._layers, self._head, self._past = layers, now, None
        return heard(head, now)
