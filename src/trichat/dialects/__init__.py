"""Five codecs of one shape (port.py), each named as its document.

A dialect turns frames into asks and answers and events into frames, in its document's words and
with its close codes. It holds no state of a connection and no I/O.
"""
