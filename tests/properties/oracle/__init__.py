"""What the five documents say of a frame, written from them and not from the server's code.

One module for a dialect; each has `judge` for a JSON object and its words for what is none.
"""
