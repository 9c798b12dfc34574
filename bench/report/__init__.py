"""From results to docs/performance.md."""
