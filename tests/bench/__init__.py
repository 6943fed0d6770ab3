"""What Moue is measured with; printed, never asserted: a busy machine fails no test."""
