// The HTTP side, for the clients whose dialect shows no history by itself.
import { LostError, StopError } from './reconnect.js';

const PAGE = 100;

// The server said no. retryAfter: seconds, if it is only too early.
export class RefusedError extends Error {
  constructor(words, retryAfter = 0) {
    super(words);
    this.retryAfter = retryAfter;
  }
}

// The answer to a GET, or to a POST of this body.
export async function call(address, token, path, body) {
  let answer, json;
  try {
    answer = await fetch(`${address}/api/v1${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    json = await answer.json();
  } catch (error) {
    throw new LostError(error.cause?.message ?? error.message);
  }
  if (answer.ok) return json;
  if (answer.status === 401) throw new StopError('the token is wrong or has expired (HTTP 401)');
  if (answer.status >= 500) throw new LostError(`the server failed (HTTP ${answer.status})`);
  const words = json.detail?.[0]?.msg ?? json.detail;
  throw new RefusedError(words, Number(answer.headers.get('retry-after') ?? 0));
}

// The messages of a room that were not seen yet, over REST; members may read it.
export class History {
  #since = null;
  #seen = new Set(); // of the moment `since`

  constructor(address, token, room) {
    this.page = (limit, offset) =>
      call(address, token, `/messages/channel/${room}?limit=${limit}&offset=${offset}`);
  }

  // Oldest first: those after what was seen; to a newcomer the last twenty.
  async unseen() {
    const limit = this.#since === null ? 20 : PAGE;
    const since = (this.#since ??= '');
    let found = new Map();
    for (;;) {
      const page = await this.page(limit, found.size);
      found = new Map([...page.map((message) => [message.id, message]), ...found]);
      if (page.length < PAGE || page[0].created_at < since) break;
    }
    return [...found.values()].filter((message) => this.see(message));
  }

  // Whether it was not seen before. Messages are seen in the order of their time.
  see({ id, created_at: at }) {
    const since = this.#since ?? '';
    if (at < since || this.#seen.has(id)) return false;
    if (at > since) [this.#since, this.#seen] = [at, new Set()];
    this.#seen.add(id);
    return true;
  }
}
