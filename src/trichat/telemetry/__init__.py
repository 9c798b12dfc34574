"""The log tells what happens and by whom, and no secret is in it.

lines.py says what a line looks like and redaction.py what is never in one; logs.py sets both up;
writer.py has the thread that writes, sinks.py where to, and output.py what a serving process
replaces for that.
"""

from trichat.telemetry.logs import LogFileError, configure_logging
from trichat.telemetry.output import begin, lost_lines, reopen_log
from trichat.telemetry.redaction import redact, redact_record

__all__ = [
    "LogFileError",
    "begin",
    "configure_logging",
    "lost_lines",
    "redact",
    "redact_record",
    "reopen_log",
]
