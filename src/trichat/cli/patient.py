"""SIGHUP does not end a server that is starting: this is imported before all else.

`systemctl reload` may come at any time after the start; what it asks for is done by then anyway.
"""

import signal
import sys

if sys.argv[1:2] == ["serve"] and signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
    signal.signal(signal.SIGHUP, lambda number, frame: None)
