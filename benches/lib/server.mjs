// A node on loopback in a process of its own, so that its work is not counted as a client's. It speaks to each client in
// its language: the path begins with the client's file and the payload's size, `/ancp/300/…`. Each request is told to
// the parent process as it comes, with the time, to measure starts.

import { createServer } from 'node:http';
import { payloadOf } from './payload.mjs';

const clients = new Map();
const payloads = new Map();

const server = createServer(async (request, response) => {
  process.send?.({ at: performance.timeOrigin + performance.now(), url: request.url });
  let body = '';
  request.setEncoding('utf8');
  for await (const part of request) body += part;
  const [, file, size] = request.url.split('/');
  if (!clients.has(file)) clients.set(file, await import(`../clients/${file}.mjs`));
  if (!payloads.has(size)) payloads.set(size, Buffer.from(JSON.stringify(payloadOf(Number(size)))));
  const answer = clients.get(file).respond?.(request.url, request.method, body, payloads.get(size)) ?? { status: 404 };
  response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body?.length ?? 0 });
  response.end(answer.body);
});
// Otherwise it ends connections that wait while another client has its turn.
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => process.send?.({ port: server.address().port }));
