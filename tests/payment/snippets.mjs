// The TypeScript of docs/payment.md, in target/payment: compiled by `npm run check`, and run by the tests.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

const folder = new URL('../../target/payment/', import.meta.url);

/** The snippets by the word behind their language. */
async function snippets() {
  const text = await readFile(new URL('../../docs/payment.md', import.meta.url), 'utf8');
  const blocks = [...text.matchAll(/^```ts(?: (\w+))?\n([\s\S]*?)^```$/gm)];
  return new Map(blocks.map(([, name, code]) => [name, code]));
}

/** Writes the snippets for the compiler. */
async function write() {
  await mkdir(folder, { recursive: true });
  for (const [name, code] of await snippets()) {
    // Shown after the function that it calls.
    const given = name === 'usage' ? "import { payWithViem } from './viem.js';\n" : '';
    await writeFile(new URL(`${name}.ts`, folder), given + code);
  }
}

/** What a snippet exports. */
export async function snippet(name) {
  const code = (await snippets()).get(name);
  if (!code) throw new Error(`docs/payment.md has no snippet ${name}`);
  const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true };
  const file = new URL(`${name}.mjs`, folder);
  await mkdir(folder, { recursive: true });
  await writeFile(file, ts.transpileModule(code, { compilerOptions: options }).outputText);
  return import(file);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await write();
