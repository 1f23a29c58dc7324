// Streams as they come from the network: a client's events, cut into reads of one size.

/** A token of a language model, and a piece of a document. */
export const CHUNKS = { 'small chunks': () => '" token"', 'large chunks': () => LARGE };
const LARGE = JSON.stringify({
  text: 'Lorem ipsum dolor sit amet, consectetur adipiscing elit. '.repeat(140),
  part: 1,
});

/** The bytes of a stream with so many chunks, event by event. */
export function wire({ chunk, end }, count, payload) {
  const texts = Array.from({ length: count }, (_, at) => chunk(payload, at + 1));
  return [...texts, end(count)].filter(Boolean).map((text) => Buffer.from(text));
}

/** The same bytes in reads of `size` bytes, or one event a read. */
export function reads(events, size) {
  if (size === 'event') return events;
  const all = Buffer.concat(events);
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.subarray(at * size, (at + 1) * size));
}

/** A `fetch` that begins a stream with this body; requests before it get their answers. */
export function streaming({ respond }, body) {
  return async (url, init) => {
    if (respond && !/stream|generate-report/i.test(url + init?.body)) {
      const answer = respond(String(url), init?.method ?? 'GET', init?.body ?? '', Buffer.from('null'));
      return new Response(answer.body, { status: answer.status, headers: answer.headers });
    }
    return new Response(body(), { headers: { 'content-type': 'text/event-stream' } });
  };
}

/** A body that gives each part when it is asked for. */
export function pulled(parts) {
  const iterator = parts[Symbol.iterator]();
  return new ReadableStream(
    {
      pull(controller) {
        const { done, value } = iterator.next();
        if (done) controller.close();
        else controller.enqueue(new Uint8Array(value));
      },
    },
    { highWaterMark: 0 },
  );
}
