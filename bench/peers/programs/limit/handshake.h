/* The server's half of the WebSocket handshake (RFC 6455, section 4.2). */
#include <stddef.h>
#include <stdint.h>

enum { ANSWER = 160 };

/* Writes the answer and returns its length, and names the room of /ws/ROOM; 0 if it is no upgrade. */
int upgrade(const char *request, size_t length, char answer[ANSWER], const char **room,
            size_t *room_length);
