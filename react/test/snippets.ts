import { readFileSync } from 'node:fs';

const FILES = ['README.md', 'react/README.md'];

/** The React snippets of the documentation, as they stand there. */
export const SNIPPETS: readonly string[] = FILES.flatMap((file) => {
  const text = readFileSync(`${import.meta.dirname}/../../${file}`, 'utf8');
  return [...text.matchAll(/^```tsx\n(.*?)^```$/gms)].map(([, code]) => code as string);
});
