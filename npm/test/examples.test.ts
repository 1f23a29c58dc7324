// The examples in the documentation compile.

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, it, vi } from 'vitest';
import { createDidKey } from '../src/did.js';
import { AncpClient, FakeAncpClient, NodeAddress } from '../src/index.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What examples without imports of their own take for granted. */
const GIVEN = `import { AncpClient, AncpError, FakeAncpClient, NodeAddress, type TaskId } from '@bizfirst/ancp-core';
declare const client: AncpClient; declare const fake: FakeAncpClient; declare const taskId: TaskId;
interface Order { status: string }
`;

function examples(): Map<string, string> {
  const sources = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `src/${file}`);
  const found = new Map<string, string>();
  for (const file of [...sources, 'README.md', '../README.md', '../docs/addressing.md', '../docs/credentials.md']) {
    const text = readFileSync(root + file, 'utf8').replace(/^ *\* ?/gm, '');
    for (const [, code] of text.matchAll(/^```ts\n([\s\S]*?)^```/gm)) {
      const given = code?.includes('import ') ? '' : GIVEN;
      const imports = code?.match(/^import .*$/gm)?.join('\n') ?? '';
      // In a function, so that an example may declare what others take for granted.
      const body = `export async function example() {\n${code?.replace(/^import .*$/gm, '')}}\n`;
      found.set(`${root}test/example-${found.size}.ts`, `${given}${imports}\n${body}`);
    }
  }
  return found;
}

it('the examples compile', { timeout: 60_000 }, () => {
  const files = examples();
  expect(files.size).toBeGreaterThan(10);
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.asynciterable.d.ts'],
    types: [],
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    paths: {
      '@bizfirst/ancp-core': [`${root}src/index.ts`],
      '@bizfirst/ancp-core/did': [`${root}src/did.ts`],
      '@bizfirst/ancp-core/slim': [`${root}src/slim.ts`],
    },
  };
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  host.readFile = (file) => files.get(file) ?? readFile(file);
  host.fileExists = (file) => files.has(file) || fileExists(file);
  host.getSourceFile = (file, version, ...rest) => {
    const example = files.get(file);
    return example === undefined ? getSourceFile(file, version, ...rest) : ts.createSourceFile(file, example, version);
  };
  const program = ts.createProgram([...files.keys(), `${root}src/engine/virtual.d.ts`], options, host);
  const problems = ts
    .getPreEmitDiagnostics(program)
    .map(
      ({ file, messageText }) =>
        `${ts.flattenDiagnosticMessageText(messageText, ' ')}\n${file && files.get(file.fileName)}`,
    );
  expect(problems).toEqual([]);
});

it('the quick starts of the repository run', async () => {
  const node = new FakeAncpClient({ baseUrl: 'https://api.bizfirst.internal' });
  node.setupResponse('get-order', { status: 'Active' });
  node.setupResponse('log-event');
  node.setupResponse('refresh');
  node.setupStream('generate-report', ['January', 'February']);
  node.setupTask('run-payroll', [{ progress: 0.5 }, { result: null }]);
  const answer = (node as unknown as { _node: { fetch: typeof fetch } })._node.fetch;
  // The fake answers whatever node is addressed, but the addresses are looked up for real.
  const found = { resId: 'res-orders', operateIds: ['archive'], groups: [{ groupId: 5, strategy: 'Broadcast' }] };
  const entry = { nodeId: 42, tenantId: '7', endpoint: 'https://api.bizfirst.internal/ncp/nodes/42', ...found };
  vi.stubGlobal('fetch', async (...[url, init]: Parameters<typeof fetch>) =>
    String(url).endsWith('/.well-known/ncp.json')
      ? Response.json({ protocolVersion: '1.0', nodes: [entry] })
      : answer(url, init),
  );
  const log = vi.fn();
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  const given = { AncpClient, FakeAncpClient, NodeAddress, createDidKey, console: { log } };
  for (const [, code] of readFileSync(`${root}../README.md`, 'utf8').matchAll(/^```ts\n([\s\S]*?)^```/gm)) {
    const body = ts.transpile(`${code?.replace(/^import .*$/gm, '')}`, { target: ts.ScriptTarget.ES2022 });
    await new AsyncFunction(...Object.keys(given), body)(...Object.values(given));
  }
  vi.unstubAllGlobals();
  const shown = log.mock.calls.map((values) => values.join(' '));
  expect(shown).toEqual(
    expect.arrayContaining(['Active', 'January', 'February', '0.5', 'Completed', 'Active get-order', '42 true']),
  );
  expect(node.capturedCalls.map(({ action }) => action)).toContain('log-event');
});
