/** Between text and UTF-8. */
export interface TextCodec {
  readonly TextDecoder: typeof globalThis.TextDecoder;
  readonly TextEncoder: typeof globalThis.TextEncoder;
}

/** The classes that every environment has but Jest's jsdom, which hides those of Node.js underneath. */
export function textCodec(): TextCodec {
  if (globalThis.TextDecoder) return globalThis;
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): TextCodec | undefined } };
  return process?.getBuiltinModule?.('node:util') ?? globalThis;
}

/** Text of which each character is a byte. */
export function fromLatin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
