"""Five codecs of one shape (port.py), a package each, named as its document.

A dialect turns frames into requests and answers and events into frames, in its document's words and
with its close codes. It holds no state of a connection and no I/O. In each package dialect.py is
the codec, requests.py has what a client may ask for, refusals.py the answers to what is not done,
frames.py every frame that is sent, and description.py what the document of the frames says of it.
"""
