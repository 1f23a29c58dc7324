// The client that somebody would write by hand for one node: `fetch`, `JSON` and `eventsource-parser`, with the checks
// that the wire contract asks for. It does less than ours: no retries, no resuming, no token refresh, no limit on an
// event's size, and `JSON.parse` sees neither duplicate keys nor how deep a text is nested.

import { createParser } from 'eventsource-parser';

export const name = 'hand-written';
export { chunk, end, respond } from './ancp.mjs';

const MAX_BODY = 16 * 1024 * 1024;
const TIMEOUT_MS = 30_000;
const LIVENESS_MS = 45_000;

const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const ADDRESS =
  /^(?:node|agent|service|user):\/\/([A-Za-z0-9._-]{1,128})((?:\/(?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})+)+)$/;
const TIMESTAMP = /^\d{4}-(0\d|1[0-2])-([0-2]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const TENANT = /^[A-Za-z0-9._-]{1,128}$/;
const STREAM_ID = /^[A-Za-z0-9_-]{1,128}$/;

export async function connect(origin, fetch = globalThis.fetch) {
  const node = `${origin}/ncp/nodes/42`;

  async function send(path, action, pattern, accept, payload, correlationId, controller) {
    const id = crypto.randomUUID();
    const body = JSON.stringify({
      id,
      type: 'Query',
      timestamp: new Date().toISOString(),
      protocolVersion: '1.0',
      correlationId: correlationId ?? id,
      body: { data: { payload, metadata: { extensions: { ncp: { action, pattern, nodeId: 42 } } } } },
    });
    const response = await fetch(`${node}/${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: accept, 'X-Ancp-Api-Key': 'bfk_bench' },
      body,
      signal: controller.signal,
      redirect: 'manual',
    });
    if (response.status !== 200) throw new Error(`status ${response.status}`);
    const type = response.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
    if (type !== accept) throw new Error(`content type ${type}`);
    return { response, correlationId: correlationId ?? id };
  }

  async function invoke(payload) {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(new Error('timeout')), TIMEOUT_MS);
    try {
      const sent = await send(
        'invoke',
        'get-order',
        'request-reply',
        'application/json',
        payload,
        undefined,
        controller,
      );
      const message = read(await bounded(sent.response), sent.correlationId);
      return message.body.data.payload ?? null;
    } finally {
      clearTimeout(timer);
    }
  }

  async function* stream() {
    const controller = new AbortController();
    let timer = setTimeout(() => controller.abort(new Error('timeout')), TIMEOUT_MS);
    try {
      const { response, correlationId } = await send(
        'stream',
        'generate-report',
        'streaming',
        'text/event-stream',
        { year: 2026 },
        'bench',
        controller,
      );
      const ready = [];
      let done = false;
      let seen = 0;
      const parser = createParser({
        onEvent({ event = 'chunk', id, data }) {
          if (event === 'chunk') {
            const message = read(data, correlationId);
            const { sequence } = streamOf(message);
            if (id !== String(sequence)) throw new Error('the id is not the sequence');
            if (sequence <= seen) return;
            if (sequence !== seen + 1) throw new Error('a chunk is missing');
            seen = sequence;
            ready.push(message.body.data.payload ?? null);
          } else if (event === 'done') {
            const { sequence, final } = streamOf(read(data, correlationId));
            if (final !== true || sequence !== seen) throw new Error('the stream ended short');
            done = true;
          } else if (event === 'error') {
            throw new Error(read(data, correlationId).body.data.metadata.extensions.ncp.error?.code ?? 'error');
          }
        },
      });
      const decoder = new TextDecoder('utf-8', { fatal: true });
      const reader = response.body.getReader();
      while (!done) {
        clearTimeout(timer);
        timer = setTimeout(() => controller.abort(new Error('timeout')), LIVENESS_MS);
        const read = await reader.read();
        if (read.done) throw new Error('the connection was lost');
        parser.feed(decoder.decode(read.value, { stream: true }));
        yield* ready.splice(0);
      }
    } finally {
      clearTimeout(timer);
      controller.abort();
    }
  }

  return { invoke, stream, close() {} };
}

/** The whole body as text; no more than the limit is read. */
async function bounded(response) {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const reader = response.body.getReader();
  let [text, size] = ['', 0];
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.length;
    if (size > MAX_BODY) {
      await reader.cancel();
      throw new Error('the response is too large');
    }
    text += decoder.decode(part.value, { stream: true });
  }
  return text + decoder.decode();
}

/** Parses an envelope and checks its header. */
function read(text, correlationId) {
  const message = JSON.parse(text);
  const ok =
    UUID_V4.test(message.id) &&
    message.type === 'Response' &&
    TENANT.test(message.tenantId) &&
    ADDRESS.exec(message.source)?.[1] === message.tenantId &&
    ADDRESS.exec(message.destination)?.[1] === message.tenantId &&
    (message.replyTo === undefined || ADDRESS.exec(message.replyTo)?.[1] === message.tenantId) &&
    TIMESTAMP.test(message.timestamp) &&
    /^1\.\d+$/.test(message.protocolVersion) &&
    (message.correlationId === undefined || message.correlationId === correlationId) &&
    typeof message.body?.data?.metadata?.extensions?.ncp === 'object';
  if (!ok) throw new Error('this is no answer to the message');
  return message;
}

function streamOf(message) {
  const { stream } = message.body.data.metadata.extensions.ncp;
  if (!STREAM_ID.test(stream?.streamId) || !Number.isSafeInteger(stream.sequence)) throw new Error('no stream');
  return stream;
}
