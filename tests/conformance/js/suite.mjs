// Plays the client vectors with the WebAssembly client, wherever this file is imported.

import { AncpClient } from '@bizfirst/ancp-core';
import { clientOf, make } from './call.mjs';
import { problems } from './outcome.mjs';

/** How long one vector may take. */
const DEADLINE_MS = 30_000;

/**
 * Plays vectors. `part` and `parts` share them out among pages; `atOnce` are played at the same time; `Client` is the
 * class to play them with, and `name` what this run of them is called.
 *
 * @returns how many passed and failed
 */
export async function play({
  server,
  runtime,
  filter = '',
  part = 0,
  parts = 1,
  atOnce = 1,
  log = console.log,
  ...run
}) {
  const { Client = AncpClient, name = runtime } = run;
  const all = await (await fetch(`${server}/vectors`)).json();
  const mine = all
    .filter(({ key, only }) => key.includes(filter) && (only?.runtimes ?? [runtime]).includes(runtime))
    .filter((_, place) => place % parts === part);
  const totals = { passed: 0, failed: 0 };
  const worker = async () => {
    for (let vector = mine.shift(); vector; vector = mine.shift()) {
      const wrong = await playOne(Client, vector, server, name);
      totals[wrong.length ? 'failed' : 'passed'] += 1;
      if (wrong.length) log([`FAILED ${vector.key} in ${name} (${vector.why})`, ...wrong].join('\n    '));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return totals;
}

async function playOne(Client, vector, server, name) {
  const found = [];
  const run = `${vector.key}/${name}`;
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve(found.push('the vector has not ended in time')), DEADLINE_MS);
  });
  const played = playSteps(Client, vector, `${server}/v/${run}`, `${server}/begun/${run}`, found);
  await Promise.race([played.catch((error) => found.push(`the runner failed: ${error?.stack ?? error}`)), late]);
  clearTimeout(timer);
  const report = await (await fetch(`${server}/report/${run}`)).json();
  return [...found, ...report.problems];
}

async function playSteps(Client, vector, baseUrl, begun, found) {
  const asked = { count: 0, payer: 0 };
  const client = await clientOf(Client, vector, baseUrl, asked);
  for (const step of vector.steps ?? [vector]) {
    const together = step.together ?? [step];
    const outcomes = together.map(async ({ call, outcome }) => {
      return problems(outcome, await make(client, call, begun), vector.client?.auth);
    });
    found.push(...(await Promise.all(outcomes)).flat());
  }
  if ((vector.providerAsked ?? asked.count) !== asked.count) {
    found.push(`the provider was asked ${asked.count} times`);
  }
  if ((vector.payerAsked ?? asked.payer) !== asked.payer) {
    found.push(`the payer was asked ${asked.payer} times`);
  }
}
