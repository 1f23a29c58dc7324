import { textCodec as standard, type TextCodec } from './text.js';

/** Below this, the detour takes longer than it saves. */
const LONG = 1000;

/**
 * As soon as one character is not ASCII, V8 decodes UTF-8 byte by byte. Node.js transcodes it to UTF-16 with SIMD, which V8
 * only copies: both together take a quarter of the time.
 */
export function textCodec(): TextCodec {
  const { TextDecoder, TextEncoder } = standard();
  // Looked up when it is needed, as importing it takes a part of the time to the first request; older versions have no way to.
  let buffer: typeof import('node:buffer') | undefined;
  class Decoder extends TextDecoder {
    /** @param bytes Valid UTF-8, as all that Rust calls text. */
    override decode(bytes?: Uint8Array): string {
      if (!bytes || bytes.length < LONG) return super.decode(bytes);
      buffer ??= process.getBuiltinModule?.('node:buffer');
      return !buffer || buffer.isAscii(bytes)
        ? super.decode(bytes)
        : buffer.transcode(bytes, 'utf8', 'utf16le').toString('utf16le');
    }
  }
  return { TextDecoder: Decoder, TextEncoder };
}

/** As V8 keeps it, and so without decoding. */
export function fromLatin1({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString('latin1');
}
