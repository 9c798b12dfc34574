#define _GNU_SOURCE
#include "handshake.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static uint32_t rotate(uint32_t x, int by) { return x << by | x >> (32 - by); }

/* SHA-1 (FIPS 180-4) of less than 120 bytes: two blocks hold them with their padding. */
static void sha1(const uint8_t *data, size_t length, uint8_t digest[20]) {
  uint32_t h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  uint8_t blocks[128] = {0};
  size_t size = length + 9 <= 64 ? 64 : 128;
  memcpy(blocks, data, length);
  blocks[length] = 0x80;
  blocks[size - 2] = length * 8 >> 8;
  blocks[size - 1] = length * 8;
  for (size_t block = 0; block < size; block += 64) {
    uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (int t = 0; t < 16; t++) {
      const uint8_t *p = blocks + block + 4 * t;
      w[t] = (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
    }
    for (int t = 16; t < 80; t++) w[t] = rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
    for (int t = 0; t < 80; t++) {
      uint32_t mixed, constant;
      if (t < 20)
        mixed = (b & c) | (~b & d), constant = 0x5a827999;
      else if (t < 40)
        mixed = b ^ c ^ d, constant = 0x6ed9eba1;
      else if (t < 60)
        mixed = (b & c) | (b & d) | (c & d), constant = 0x8f1bbcdc;
      else
        mixed = b ^ c ^ d, constant = 0xca62c1d6;
      uint32_t next = rotate(a, 5) + mixed + e + constant + w[t];
      e = d, d = c, c = rotate(b, 30), b = a, a = next;
    }
    h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
  }
  for (int i = 0; i < 20; i++) digest[i] = h[i / 4] >> (24 - 8 * (i % 4));
}

/* Base64 of 20 bytes: 28 characters. */
static void base64(const uint8_t digest[20], char text[29]) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (int i = 0, at = 0; i < 21; i += 3) {
    uint32_t group = digest[i] << 16 | digest[i + 1] << 8 | (i + 2 < 20 ? digest[i + 2] : 0);
    for (int shift = 18; shift >= 0; shift -= 6) text[at++] = digits[group >> shift & 63];
  }
  text[27] = '=';
  text[28] = 0;
}

static const char *header(const char *request, size_t length, const char *name) {
  const char *end = request + length, *line = request;
  size_t size = strlen(name);
  while ((line = memmem(line, end - line, "\r\n", 2)) && (line += 2) + size < end) {
    if (line[size] != ':' || strncasecmp(line, name, size)) continue;
    for (line += size + 1; *line == ' '; line++) continue;
    return line;
  }
  return NULL;
}

int upgrade(const char *request, size_t length, char answer[ANSWER], const char **room,
            size_t *room_length) {
  static const char path[] = "GET /ws/", magic[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  uint8_t digest[20];
  char seed[24 + sizeof magic], accept[29];
  const char *key = header(request, length, "Sec-WebSocket-Key");
  if (!key || key + 24 > request + length) return 0;
  if (length < sizeof path || memcmp(request, path, sizeof path - 1)) return 0;
  *room = request + sizeof path - 1;
  const char *end = memchr(*room, ' ', length - (sizeof path - 1));
  if (!end) return 0;
  *room_length = end - *room;
  memcpy(seed, key, 24);
  memcpy(seed + 24, magic, sizeof magic);
  sha1((uint8_t *)seed, 24 + sizeof magic - 1, digest);
  base64(digest, accept);
  return snprintf(answer, ANSWER,
                  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                  "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                  accept);
}
