"""Whatever arrives: every codec answers as its document says, and never raises."""
