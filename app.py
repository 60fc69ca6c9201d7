"""The dashboard: ``streamlit run app.py`` serves the home that HIBIKI_HOME names."""

from __future__ import annotations

import streamlit as st

from dashboard import frame, state

st.set_page_config(page_title="Hibiki", page_icon="📣", layout="wide")
state.adopt()
page = st.navigation(frame.pages(), position="top")
state.enter(page.url_path)
try:
    if frame.begin(page.url_path or "overview"):
        page.run()
finally:
    state.write()
