"""A Streamlit page with nothing but a title: what any page costs in this browser on this machine."""

import streamlit as st

st.header("Empty")
