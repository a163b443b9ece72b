// SPDX-License-Identifier: Apache-2.0
// Server-sent events over fetch: EventSource cannot send a token. Reconnects until it is told to stop.
import {Problem, request} from './api.js';

const retryFirst_ms = 500;
const retryMost_ms = 5000;  // a server that was restarted should be seen again soon

/** Takes text in pieces as they arrive and calls `emit` with each event: {id, event, data}. */
export class EventParser {
  constructor(emit) {
    this.emit = emit;
    this.rest = '';
    this.start();
  }

  start() {
    this.event = {id: null, event: 'message', data: []};
  }

  push(text) {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop();
    for (const line of lines) this.line(line.endsWith('\r') ? line.slice(0, -1) : line);
  }

  line(line) {
    if (line === '') {
      if (this.event.data.length > 0) this.emit({...this.event, data: this.event.data.join('\n')});
      this.start();
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return;  // a comment: the connection lives
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') this.event.data.push(value);
    else if (field === 'id') this.event.id = value;
    else if (field === 'event') this.event.event = value;
  }
}

/**
 * Follows the stream at `path`; begins behind the event `after`. Calls onEvent({id, event, data}) and
 * onState('live' | 'waiting'), and onRefused(problem) if the server has no such stream, which ends it.
 * Returns a function that stops it.
 */
export function follow(path, after, {onEvent, onState, onRefused}) {
  const stop = new AbortController();
  let last = after;

  async function readOne() {
    const headers = {Accept: 'text/event-stream'};
    if (last !== null && last !== undefined) headers['Last-Event-ID'] = String(last);
    const response = await request(path, {headers, signal: stop.signal});
    onState('live');
    const parser = new EventParser((event) => {
      if (event.id !== null) last = event.id;
      onEvent(event);
    });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) parser.push(piece.value);
  }

  async function run() {
    let wait_ms = retryFirst_ms;
    while (!stop.signal.aborted) {
      const began = performance.now();
      try {
        await readOne();
      } catch (error) {
        if (stop.signal.aborted) return;
        if (error instanceof Problem && error.status < 500) return onRefused(error);
      }
      if (stop.signal.aborted) return;
      onState('waiting');
      wait_ms = performance.now() - began > retryMost_ms ? retryFirst_ms : Math.min(wait_ms * 2, retryMost_ms);
      await new Promise((done) => setTimeout(done, wait_ms));
    }
  }
  run();
  return () => stop.abort();
}
