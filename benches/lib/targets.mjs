// What the project wants to reach, and what the measurements say of it.

import { readResults } from './results.mjs';

const OURS = '@bizfirst/ancp-core';
const NATIVE = 'ancp-core';

/** Rows of `[what, target, reached, whether that is enough]`; without those that were never measured. */
export function targets() {
  return [...size(), ...start(), ...calls(), ...streams(), ...react(), ...native()];
}

const casesOf = (suite, part) => readResults(suite).parts[part]?.cases ?? [];

function size() {
  const react = '@bizfirst/ancp-react (without React and the client)';
  return casesOf('size', 'bundles')
    .slice(0, 1)
    .flatMap(({ results }) => [
      atMost('page, gzip, KB', 40, results[OURS].gzip / 1000),
      atMost('React package, gzip, KB', 4.096, results[react].gzip / 1000),
    ]);
}

function start() {
  return casesOf('node', 'start').map(({ results }) =>
    atMost('start in Node.js beyond bare fetch, ms', 10, results[OURS].time.median - results['bare fetch'].time.median),
  );
}

function calls() {
  const chosen = casesOf('node', 'call').filter(
    ({ transport, inFlight }) => transport === 'immediate' && inFlight === 1,
  );
  const limits = { '300 B': 1.15, '17 KB': 1, '1 MB': 1 };
  return chosen
    .filter(({ size }) => size in limits)
    .flatMap(({ size, results }) => {
      const ratio = results[OURS].ratio.median;
      const others = ['@a2a-js/sdk', '@modelcontextprotocol/sdk'].map((name) => results[name].ratio.median);
      return [
        atMost(`call of ${size}, time against the hand-written client`, limits[size], ratio),
        atMost(`call of ${size}, below the A2A and MCP clients`, Math.min(...others), ratio),
      ];
    });
}

function streams() {
  const limits = { '16 KB': 1.25, 'one event': 0.9 };
  return casesOf('node', 'stream')
    .filter(({ read }) => read in limits)
    .map(({ chunks, read, results }) =>
      atLeast(`stream of ${chunks}, reads of ${read}, speed`, limits[read], results[OURS].ratio.median),
    );
}

function react() {
  return casesOf('browser', 'react').map(({ results }) =>
    atMost('React commits a second under 10,000 chunks a second', 60, results.useAncpStream.commits.median),
  );
}

function native() {
  const small = casesOf('native', 'call').filter(({ size, inFlight }) => size === '300 B' && inFlight === 1);
  const decoders = casesOf('native', 'decoders').filter(({ read }) => read === '16 KB');
  const held = casesOf('native', 'memory').filter(({ case: name }) => name.includes('10000 waiting'));
  return [
    ...small.map(({ results }) =>
      atMost('native call of 300 B against bare reqwest', 1.03, results[NATIVE].ratio.median),
    ),
    ...decoders.map(({ chunks, results }) => {
      const others = Object.keys(results).filter((name) => name !== NATIVE);
      const best = Math.min(...others.map((name) => results[name].time.median));
      return atLeast(`decoder, ${chunks}, against the fastest crate`, 2, best / results[NATIVE].time.median);
    }),
    ...decoders
      .slice(1)
      .map(({ results }) => atLeast('decoder, large chunks, GB/s', 1, 1 / results[NATIVE].time.median)),
    ...held.map(({ results }) => {
      const beyond = results[NATIVE].bytes - results["reqwest's response alone"].bytes;
      return atMost('each of 10,000 streams beyond its socket, KB', 20, beyond / 1000);
    }),
  ];
}

const atMost = (what, limit, reached) => [what, `≤ ${format(limit)}`, format(reached), reached <= limit];
const atLeast = (what, limit, reached) => [what, `≥ ${format(limit)}`, format(reached), reached >= limit];
const format = (number) => String(Number(number.toFixed(2)));
