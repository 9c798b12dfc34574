"""2000 users come back at once and are told what they missed."""
