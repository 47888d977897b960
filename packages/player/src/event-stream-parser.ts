/** One message of a server-sent event stream. */
export interface StreamMessage {
  readonly type: string;
  readonly data: string;
}

/**
 * Cuts server-sent events (WHATWG HTML section 9.2.6) out of text as it arrives, in whatever pieces. `id` and `retry`
 * are not used by control and are passed over, as are comments, which only show that the line is alive.
 */
export class EventStreamParser {
  #rest = '';
  #type = '';
  #data: string[] = [];

  push(text: string): readonly StreamMessage[] {
    const messages: StreamMessage[] = [];
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line !== '') {
        this.#field(line);
        continue;
      }
      if (this.#data.length > 0)
        messages.push({ type: this.#type || 'message', data: this.#data.join('\n') });
      this.#type = '';
      this.#data = [];
    }
    return messages;
  }

  #field(line: string): void {
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'event') this.#type = value;
    else if (name === 'data') this.#data.push(value);
  }
}
