"""The whole server in one process, against simulated clients, a simulated network and disk."""
