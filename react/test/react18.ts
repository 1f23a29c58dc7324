// What is not read by Vite asks Node.js for React: it gets the older one, too.

import Module from 'node:module';

const folder = `${import.meta.dirname}/../../tests/react18`;
const loader = Module as unknown as {
  _resolveFilename(request: string, parent: unknown, isMain: boolean, options?: { paths: string[] }): string;
};
const original = loader._resolveFilename;

loader._resolveFilename = (request, parent, isMain, options) =>
  original(request, parent, isMain, /^(react|react-dom)($|\/)/.test(request) ? { paths: [folder] } : options);
