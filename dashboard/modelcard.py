"""The shipped model's card, drawn from its machine-readable form (nlp/model/card.json, by way of the store's ``meta``)."""

from __future__ import annotations

from typing import Any


def show_card(card: dict[str, Any]) -> None:
    """Show the figures of the card."""
