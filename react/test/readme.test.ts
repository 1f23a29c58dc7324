// @vitest-environment node
// Every React snippet of the READMEs is compiled as it stands, with the types that are published.

import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { SNIPPETS } from './snippets.js';

const folder = import.meta.dirname;
const snippets = new Map(SNIPPETS.map((code, n) => [`${folder}/snippet-${n + 1}.tsx`, code]));

it('has snippets that compile', () => {
  expect(existsSync(`${folder}/../dist/types/index.d.ts`), 'run `npm run build` first').toBe(true);
  expect(snippets.size).toBeGreaterThan(9);
  const config = ts.readConfigFile(`${folder}/../tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, dirname(folder));
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (file) => snippets.has(file) || fileExists(file);
  host.readFile = (file) => snippets.get(file) ?? readFile(file);
  host.getSourceFile = (file, version, ...rest) => {
    const code = snippets.get(file);
    return code === undefined
      ? getSourceFile(file, version, ...rest)
      : ts.createSourceFile(file, code, version, false, ts.ScriptKind.TSX);
  };
  // A snippet may show a component without saying who uses it.
  options.noUnusedLocals = false;
  const program = ts.createProgram([...snippets.keys()], options, host);
  const problems = ts.formatDiagnostics(ts.getPreEmitDiagnostics(program), {
    getCanonicalFileName: (file) => file,
    getCurrentDirectory: () => folder,
    getNewLine: () => '\n',
  });
  expect(problems).toBe('');
}, 60_000);
