"""The frames that each dialect sends, as their JSON objects are: what its encoders build and what
/asyncapi.json describes. ALL lists them, each told from the others by its keys and fixed words.
"""
