"""What is measured, a file for each: the loads of A to E and G run on one start of a server after
another; F, H and the starts of G are trichat's own business, on starts of their own.
"""

from bench.workloads import durable, everybody, fanout, growth, idle, mixed

# In the order in which a fresh server takes them.
SHARED = (
    idle.WORKLOAD,
    fanout.WORKLOAD,
    everybody.WORKLOAD,
    durable.WORKLOAD,
    mixed.WORKLOAD,
    growth.WORKLOAD,
    *idle.DIALECTS,
)
