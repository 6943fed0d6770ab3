"""The launcher: `streamlit run app.py`. The shell lies in `pages/` on purpose: see docs and `pages/_shell.py`."""

from __future__ import annotations

import streamlit as st
from starlette.middleware import Middleware

from pages._routes import routes
from pages._server.gate import Gate
from pages._server.lifespan import check_secrets, lifespan
from pages._server.spaces import Spaces
from pages._ui import report_error
from pages._ui.head import Head
from pages._web.headers import Headers
from pages._web.stopping import Stopping, gracefully
from pages._web.streamlit_files import StreamlitFiles

check_secrets()
app = st.App(
    "pages/_shell.py",
    routes=routes,
    lifespan=gracefully(lifespan),
    middleware=[Middleware(one) for one in (Headers, Stopping, Gate, Spaces, StreamlitFiles, Head)],
    on_script_error=report_error,
)
