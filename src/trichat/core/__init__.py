"""What chat is: rooms, members, messages and the rules about them.

Pure: attrs and the standard library, no clock, no socket, no Trio. Time comes in as integer
milliseconds since 1970 UTC.
"""
