"""Schema, migrations, the one writer, read queries, backup and verification. No image libraries, no Streamlit."""
