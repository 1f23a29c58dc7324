// The measurements as tables: a function a table, by the name that docs/performance.md and the commands ask for it.

import { readResults } from './results.mjs';
import { targets } from './targets.mjs';

const OURS = '@bizfirst/ancp-core';

const TABLES = {
  'size.bundles': ({ cases }) => {
    const names = Object.keys(cases[0].results);
    const header = ['', ...cases.flatMap(({ bundler }) => [`${bundler}: gzip`, 'brotli'])];
    const rows = names.map((name) => [
      name,
      ...cases.flatMap(({ results }) => [kilobytes(results[name].gzip), kilobytes(results[name].brotli)]),
    ]);
    return table(header, rows);
  },
  'node.start': starts,
  'node.call immediate': (part) => calls(part, 'immediate'),
  'node.call loopback': (part) => calls(part, 'loopback'),
  'node.stream': ({ cases, base }) => {
    const names = Object.keys(cases[0].results).filter((name) => name !== base);
    const header = ['chunks', 'network read', `${base}, chunks/s`, 'MB/s', ...names, 'ours, MB/s'];
    const rows = cases.map(({ chunks, read, results }) => [
      chunks,
      read,
      thousands(results[base].time.median),
      decimal(results[base].megabytes.median),
      ...names.map((name) => ratio(results[name].ratio)),
      decimal(results[OURS].megabytes.median),
    ]);
    return table(header, rows);
  },
  'node.latency': (part) => times(part, ({ chunks }) => chunks),
  'node.memory': memory,
  'browser.start': starts,
  'browser.react': ({ cases: [{ results }] }) => {
    const rows = Object.entries(results).map(([name, { commits, busy }]) => [name, spread(commits), spread(busy)]);
    return table(['', 'commits a second', 'main thread, ms'], rows);
  },
  'native.call': ({ cases, base }) => {
    const ours = (results) => Object.keys(results).find((name) => name !== base);
    const rows = cases.map(({ size, inFlight, results }) => [
      size,
      inFlight,
      spread(results[base].time),
      ratio(results[ours(results)].ratio),
      ...[base, ours(results)].map((name) =>
        results[name].allocations ? `${results[name].allocations}, ${kilobytes(results[name].allocated)} KB` : '',
      ),
    ]);
    return table(['payload', 'in flight', `${base}, µs`, 'ours', `allocations: ${base}`, 'ours'], rows);
  },
  'native.stream': ({ cases, base }) => {
    const rows = cases.map(({ chunks, streams, results: { [base]: bare, ...others } }) => [
      chunks,
      thousands(streams),
      thousands(1e6 / bare.time.median),
      ...Object.values(others).map((ours) => ratio(inverse(ours.ratio))),
    ]);
    return table(['chunks', 'streams at a time', `${base}, chunks/s`, 'ours'], rows);
  },
  'native.memory': memory,
  'native.decoders': ({ cases }) => {
    const names = Object.keys(cases[0].results);
    const rows = cases.map(({ chunks, read, results }) => [
      chunks,
      read,
      ...names.map((name) => `${(1 / results[name].time.median).toFixed(3)}, ${ratio(inverse(results[name].ratio))}`),
    ]);
    return table(['chunks', 'read', ...names.map((name) => `${name}, GB/s`)], rows);
  },
  'instructions.counts': ({ cases }) =>
    table(
      ['', 'instructions'],
      cases.map(({ case: name, instructions }) => [name, thousands(instructions)]),
    ),
};

/** A table in Markdown, or `undefined` where its part was never measured. */
export function tableOf(name) {
  if (name === 'targets') {
    const rows = targets().map(([what, target, reached, enough]) => [what, target, reached, enough ? 'yes' : '**no**']);
    return table(['', 'target', 'measured', 'met'], rows);
  }
  const [suite, part] = name.split(' ')[0].split('.');
  const measured = readResults(suite).parts[part];
  return measured && `${TABLES[name](measured)}\n\n${colophon(measured)}`;
}

/** The names of a part's tables. */
export function tablesOf(suite, part) {
  return Object.keys(TABLES).filter((name) => name.split(' ')[0] === `${suite}.${part}`);
}

/** The base's time and everybody's as a ratio to it. */
function times({ cases, base, unit }, nameOf) {
  const names = Object.keys(cases[0].results).filter((name) => name !== base);
  const rows = cases.map((measured) => [
    nameOf(measured),
    spread(measured.results[base].time),
    ...names.map((name) => `${decimal(measured.results[name].time.median)}, ${ratio(measured.results[name].ratio)}`),
  ]);
  return table(['', `${base}, ${unit}`, ...names], rows);
}

/** Kilobytes by contender. */
function memory({ cases }) {
  const names = [...new Set(cases.flatMap(({ results }) => Object.keys(results)))];
  const rows = cases.map(({ case: name, results }) => [
    name,
    ...names.map((contender) => (results[contender] ? kilobytes(results[contender].bytes) : '–')),
  ]);
  return table(['', ...names], rows);
}

/** The base's time and what everybody needs beyond it, in milliseconds. */
function starts({ cases, base }) {
  const names = Object.keys(cases[0].results).filter((name) => name !== base);
  const rows = cases.map(({ case: name, results }) => [
    name,
    spread(results[base].time),
    ...names.map((contender) => `+${decimal(results[contender].time.median - results[base].time.median)}`),
  ]);
  return table(['ms', base, ...names], rows);
}

function calls({ cases, base }, transport) {
  const chosen = cases.filter((measured) => measured.transport === transport);
  const alone = 'transport alone';
  const names = Object.keys(chosen[0].results).filter((name) => name !== base && name !== alone);
  const beyond = (results, name) => decimal(results[name].time.median - results[alone].time.median);
  const rows = chosen.map(({ size, inFlight, results }) => [
    size,
    inFlight,
    spread(results[base].time),
    ...names.map((name) => ratio(results[name].ratio)),
    `${beyond(results, base)} / ${beyond(results, OURS)}`,
  ]);
  return table(
    ['payload', 'in flight', `${base}, µs`, ...names, 'beyond the transport, µs: hand-written / ours'],
    rows,
  );
}

function colophon({ measured, cases }) {
  const rounds = cases.map((one) => one.rounds).filter(Boolean);
  const words = [
    measured.date,
    measured.machine,
    ...(measured.rustc ? [] : [`Node.js ${measured.node}`]),
    ...(measured.chromium ? [`Chromium ${measured.chromium}`] : []),
    ...(measured.rustc ? [measured.rustc] : []),
    ...(measured.processor ? [measured.processor] : []),
    `load ${decimal(measured.load)}`,
    ...(rounds.length > 0 ? [`${Math.min(...rounds)} to ${Math.max(...rounds)} rounds`] : []),
  ];
  return `<sub>${words.join('; ')}</sub>`;
}

export function table(header, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map((_, at) => (at === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

/** The median, and the quartiles around it. */
function ratio({ median, low, high }) {
  return `**${median.toFixed(2)}** (${low.toFixed(2)}–${high.toFixed(2)})`;
}

function spread({ median, low, high }) {
  return `${decimal(median)} (${decimal(low)}–${decimal(high)})`;
}

/** How many times as fast, from how many times as long. */
function inverse({ median, low, high }) {
  return { median: 1 / median, low: 1 / high, high: 1 / low };
}

function kilobytes(bytes) {
  return (bytes / 1000).toFixed(1);
}

function thousands(number) {
  return Math.round(number).toLocaleString('en');
}

function decimal(number) {
  return Math.abs(number) >= 100 ? thousands(number) : number.toFixed(1);
}
