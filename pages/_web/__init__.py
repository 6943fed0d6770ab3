"""What every answer of the server carries, and what asks after its health."""
