"""What stands around every page: settings of the page, banner, filters, and the watch for a new published file."""

from __future__ import annotations

import base64
from pathlib import Path

import streamlit as st

from dashboard import data, html, i18n, state
from dashboard.i18n import t
from dashboard.palette import platform_name
from dashboard.waiting import waiting

HERE = Path(__file__).parent
PAGES = ("overview", "posts", "desk", "label", "sources", "model")
_ICONS = {
    "overview": "monitoring",
    "posts": "article",
    "desk": "mark_chat_unread",
    "label": "label",
    "sources": "sensors",
    "model": "fact_check",
}
_FILTERED = ("overview", "posts", "desk", "label")
_UNDATED = ("desk", "label")
WATCH_SECONDS = 4


def pages() -> list[st.Page]:
    """Return the pages, named in the reader's language."""
    return [
        st.Page(
            f"dashboard/{name}.py", title=t(f"nav.{name}"), icon=f":material/{_ICONS[name]}:", url_path=name, default=name == "overview"
        )
        for name in PAGES
    ]


def begin(page: str) -> bool:
    """Put what stands above the page; return whether there is data for the page to show."""
    st.html(HERE / "style.css")
    # Streamlit writes lang="en" for every page; screen readers and line breaking need the real one.
    st.html(f"<script>document.documentElement.lang='{i18n.language()}'</script>", unsafe_allow_javascript=True)
    version = data.version()
    st.session_state["shown_version"] = version
    _top(version)
    watch(version)
    if version is None:
        waiting()
        return False
    if data.meta().get("demo") == "1":
        banner = html.esc(t("demo.banner", command="\x00")).replace("\x00", "<code>hibiki init</code>")
        html.show(f'<div class="hb-banner" role="note">{banner}</div>')
    if data.ask("brands").empty:
        html.empty(t("empty.brands"))
        return False
    if page in _FILTERED:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="bar"):
            _filters(page)
    return True


@st.cache_data(show_spinner=False)
def _logo() -> str:
    picture = base64.b64encode((HERE / "assets" / "logo.svg").read_bytes()).decode()
    return f'<img class="hb-logo" alt="Hibiki" src="data:image/svg+xml;base64,{picture}">'


def _top(version: str | None) -> None:
    """Show the product, the pages, how fresh the data is, and the language. Links carry what all pages share."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="top"):
        html.show(_logo(), width="content")
        with st.container(horizontal=True, gap="xxsmall", width="content", key="pages"):
            for name in PAGES:
                st.page_link(f"dashboard/{name}.py", label=t(f"nav.{name}"), icon=f":material/{_ICONS[name]}:", query_params=state.shared())
        st.space("stretch")
        if version is not None:
            as_of = t("frame.as_of", time=i18n.time_text(data.published_at(version)))
            html.show(f'<span class="hb-asof hb-num">{html.esc(as_of)}</span>', width="content")
        st.segmented_control(
            t("frame.language"),
            i18n.LANGUAGES,
            format_func=i18n.labels("lang.", i18n.LANGUAGES),
            label_visibility="collapsed",
            required=True,
            **state.seeded("lang", i18n.language()),
        )


@st.fragment(run_every=WATCH_SECONDS)
def watch(shown: str | None) -> None:
    """Show the page anew as soon as another file is published. Costs one readlink."""
    if data.version() != shown:
        st.rerun(scope="app")


def current_view() -> state.View:
    """Return what the reader asked for."""
    return state.view(tuple(data.ask("brands")["brand"]))


def brand_name(brand: str) -> str:
    """Return the brand's name for people."""
    frame = data.ask("brands")
    return str(dict(zip(frame["brand"], frame["name"], strict=True)).get(brand, brand))


def _filters(page: str) -> None:
    view = current_view()
    brands = tuple(data.ask("brands")["brand"])
    st.selectbox(
        t("filter.brand"),
        brands,
        format_func={brand: brand_name(brand) for brand in brands}.__getitem__,
        label_visibility="collapsed",
        width=190,
        **state.seeded("brand", view.filters.brand),
    )
    if page not in _UNDATED:
        st.selectbox(
            t("filter.period"),
            state.PRESETS,
            format_func=i18n.labels("period.", state.PRESETS),
            label_visibility="collapsed",
            width=150,
            **state.seeded("period", view.preset),
        )
        if view.preset == "custom":
            _custom(view)
    narrowed = bool(view.filters.platforms) + (view.filters.definition != "basic") + (view.comparison != "before")
    with st.popover(t("filter.more_n", n=narrowed) if narrowed else t("filter.more"), icon=":material/tune:"):
        known = tuple(data.ask("platforms", view.filters.brand)["platform"])
        st.pills(
            t("filter.platforms"),
            known,
            selection_mode="multi",
            format_func={name: platform_name(name) for name in known}.__getitem__,
            **state.seeded("on", [name for name in view.filters.platforms if name in known], ",".join),
        )
        if page not in _UNDATED:
            st.radio(
                t("filter.vs"), state.COMPARISONS, format_func=i18n.labels("vs.", state.COMPARISONS), **state.seeded("vs", view.comparison)
            )
            st.radio(
                t("filter.rate"),
                state.DEFINITIONS,
                format_func=i18n.labels("rate.", state.DEFINITIONS),
                **state.seeded("rate", view.filters.definition),
            )
        st.button(t("filter.reset"), icon=":material/restart_alt:", on_click=state.reset, disabled=not narrowed)


def _custom(view: state.View) -> None:
    key = "w.range"
    if key not in st.session_state:
        st.session_state[key] = (view.period.start, view.period.end)

    def changed() -> None:
        chosen = st.session_state[key]
        if len(chosen) == 2:
            state.put("from", chosen[0].isoformat())
            state.put("to", chosen[1].isoformat())

    st.date_input(t("filter.range"), max_value=i18n.today(), key=key, on_change=changed, label_visibility="collapsed", width=230)
