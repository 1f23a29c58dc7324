// Where an import would find something to work with: the network, WebAssembly, timers, chance, the page.
const NAMES = [
  'fetch',
  'WebAssembly',
  'DecompressionStream',
  'crypto',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'performance',
  'window',
  'self',
  'document',
  'navigator',
  'location',
  'localStorage',
  'addEventListener',
];

/** Runs `load`, and throws if it has as much as looked at one of these. */
export async function poisoned(load) {
  const kept = NAMES.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]);
  const touched = [];
  for (const name of NAMES) {
    const get = () => {
      touched.push(new Error(`touched ${name}`).stack);
    };
    Object.defineProperty(globalThis, name, { configurable: true, get });
  }
  let loaded;
  try {
    loaded = await load();
  } finally {
    for (const [name, descriptor] of kept) {
      delete globalThis[name];
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
    }
  }
  if (touched.length > 0) throw new Error(touched.join('\n'));
  return loaded;
}
