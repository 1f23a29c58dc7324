import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Keeps the declarations that the entries reach, and gives CommonJS its own: those of an ES module can't be required. */
export function publishTypes(entries) {
  const imports = /(['"])(\.{1,2}\/[^'"]*)\.js\1/g;
  const texts = new Map();
  const reach = (file) => {
    if (texts.has(file)) return;
    const text = readFileSync(file, 'utf8');
    texts.set(file, text);
    for (const [, , path] of text.matchAll(imports)) reach(join(dirname(file), `${path}.d.ts`));
  };
  for (const entry of entries) reach(join('dist/types', `${entry}.d.ts`));
  rmSync('dist/types', { recursive: true });
  for (const [file, text] of texts) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    writeFileSync(file.replace(/\.d\.ts$/, '.d.cts'), text.replace(imports, '$1$2.cjs$1'));
  }
}
