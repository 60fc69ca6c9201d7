"""The dashboard: ``streamlit run app.py`` serves the home that HIBIKI_HOME names."""

from __future__ import annotations

import streamlit as st

from dashboard import frame, state

# The icon is set before the pages are known: a page's own icon would be fetched from outside as the window's.
st.set_page_config(page_icon="📣", layout="wide")
state.adopt()
page = st.navigation(frame.pages(), position="hidden")
st.set_page_config(page_title=f"{page.title} – Hibiki")
state.enter(page.url_path)
try:
    if frame.begin(page.url_path or "overview"):
        page.run()
finally:
    state.write()
