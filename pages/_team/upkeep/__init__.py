"""What keeps a workspace safe: its backups."""
