"""What the server does by itself for the workspaces that it serves."""
