"""What a reader sees before anything has been published: what the owner is doing, or what to start."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import streamlit as st

from dashboard import data, html
from dashboard.i18n import known, t

ALIVE = timedelta(seconds=30)
"""How old the owner's heartbeat may be before it counts as stopped."""


def is_alive(status: dict[str, object]) -> bool:
    """Say whether the owner gave a sign of life lately and has not stopped."""
    beat = data.moment(status.get("heartbeat_at"))
    return beat is not None and datetime.now(UTC) - beat < ALIVE and status.get("phase") != "stopped"


def progress(status: dict[str, object]) -> float | None:
    """Return how far the owner's work is (0 to 1), None where it did not say."""
    done, total = status.get("done"), status.get("total")
    return min(done / total, 1.0) if isinstance(done, int) and isinstance(total, int) and total > 0 else None


@st.fragment(run_every=2)
def waiting() -> None:
    """Show the owner's progress, and follow it; without an owner say how to start one."""
    status = data.status()
    if is_alive(status):
        html.title(t("empty.wait.title"))
        html.empty(t("empty.wait.body"))
        phase = str(status.get("phase", ""))
        done = progress(status)
        name = known(f"phase.{phase}", phase)
        if done is None:
            html.show(f'<p role="status">{html.esc(name)}…</p>')
        else:
            st.progress(done, text=f"{name}… {done:.0%}")
    else:
        html.title(t("empty.start.title"))
        html.show(
            f'<div class="hb-empty">{html.esc(t("empty.start.body"))}<ul>'
            f"<li>{html.esc(t('empty.start.up'))}: <code>hibiki init</code> → <code>hibiki up</code></li>"
            f"<li>{html.esc(t('empty.start.demo'))}: <code>make run</code></li></ul></div>"
        )
    html.show(f'<p class="hb-quiet">{html.esc(t("empty.folder", folder=data.home().root))}</p>')
