// Ten thousand tokens within a second, shown by one of three pages, named in the URL's fragment. When all have come,
// `commits` tells how often React has rendered.

import { AncpClient } from '@bizfirst/ancp-core';
import { AncpProvider, useAncpStream } from '@bizfirst/ancp-react';
import { useCallback, useLayoutEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { chunk, end } from '../clients/ancp.mjs';

const [CHUNKS, A_MILLISECOND] = [10_000, 10];

const client = new AncpClient({ baseUrl: 'https://api.example.com', nodeId: 42, fetch: async () => paced() });
const run = { commits: 0, start: undefined, shown: 0 };
globalThis.bench = run;

/** A node that sends at an even pace, whatever the page does. */
function paced() {
  const encoder = new TextEncoder();
  const body = new ReadableStream({
    start(controller) {
      const began = performance.now();
      let sent = 0;
      const timer = setInterval(() => {
        const due = Math.min(CHUNKS, Math.floor((performance.now() - began) * A_MILLISECOND));
        let text = '';
        while (sent < due) text += chunk('"token "', ++sent);
        if (text) controller.enqueue(encoder.encode(text));
        if (sent < CHUNKS) return;
        clearInterval(timer);
        controller.enqueue(encoder.encode(end(CHUNKS)));
        controller.close();
      }, 1);
    },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}

const call = { correlationId: 'bench' };

/** Counts what React does for the component that calls it. */
function useCommits(shown) {
  useLayoutEffect(() => {
    run.commits += 1;
    run.shown = shown;
  });
}

function WithHook() {
  const stream = useAncpStream('report', { initialValue: '', reducer: (text, token) => text + token, maxChunks: 0 });
  run.start = () => stream.start(undefined, call);
  useCommits(stream.value.length);
  return <p>{stream.value.slice(-200)}</p>;
}

function WithState() {
  const [text, setText] = useState('');
  run.start = useCallback(async () => {
    for await (const token of client.stream('report', undefined, call)) setText((before) => before + token);
  }, []);
  useCommits(text.length);
  return <p>{text.slice(-200)}</p>;
}

function WithoutReact() {
  run.start = async () => {
    for await (const token of client.stream('report', undefined, call)) run.shown += token.length;
  };
  return null;
}

const Page = { hook: WithHook, state: WithState, none: WithoutReact }[location.hash.slice(1)];
createRoot(document.getElementById('root')).render(
  <AncpProvider client={client}>
    <Page />
  </AncpProvider>,
);
