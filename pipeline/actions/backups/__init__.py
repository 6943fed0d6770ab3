"""Backups that follow each other: made, checked, kept for a while, sent elsewhere."""
