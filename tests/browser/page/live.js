// The WebSocket side. After a close it connects again, later each time.

import { FRAMES } from "./shapes.js";

export class Live {
  faults = [];
  frames = []; // all that came, in order
  closes = [];
  #waiting = [];
  #socket = null;
  #over = false;

  constructor(server, token, onFrame) {
    Object.assign(this, { url: `${server.replace(/^http/, "ws")}/ws?token=${token}`, onFrame });
    this.#connect(250);
  }

  #connect(pause) {
    const socket = new WebSocket(this.url);
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      pause = 250;
      this.#take(JSON.parse(data));
    };
    socket.onclose = ({ code }) => {
      this.closes.push(code);
      if (!this.#over) setTimeout(() => this.#over || this.#connect(pause * 2), pause);
    };
  }

  #take(frame) {
    const check = FRAMES[frame.type];
    this.faults.push(...(check ? check(frame, frame.type) : [`frame of unknown type: ${JSON.stringify(frame)}`]));
    this.frames.push(frame);
    this.#waiting = this.#waiting.filter(({ fits, resolve }) => !fits(frame) || resolve(frame));
    this.onFrame(frame);
  }

  // The first frame with these values that came or comes.
  until(values, from = 0) {
    const fits = (frame) => Object.entries(values).every(([key, value]) => frame[key] === value);
    const there = this.frames.slice(from).find(fits);
    return there ? Promise.resolve(there) : new Promise((resolve) => this.#waiting.push({ fits, resolve }));
  }

  get open() {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  send(frame) {
    this.#socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  // Send, and the next frame of a type.
  ask(frame, type) {
    const next = this.until({ type }, this.frames.length);
    this.send(frame);
    return next;
  }

  close() {
    this.#over = true;
    this.#socket.close();
  }
}
