import { isAscii, transcode } from 'node:buffer';
// Not the global ones, which Jest's jsdom hides.
import { TextDecoder, TextEncoder } from 'node:util';
import type { TextCodec } from './text.js';

/** Below this, the detour takes longer than it saves. */
const LONG = 1000;

/**
 * As soon as one character is not ASCII, V8 decodes UTF-8 byte by byte. Node.js transcodes it to UTF-16 with SIMD, which V8
 * only copies: both together take a quarter of the time.
 */
class Decoder extends TextDecoder {
  /** @param bytes Valid UTF-8, as all that Rust calls text. */
  override decode(bytes?: Uint8Array): string {
    return !bytes || bytes.length < LONG || isAscii(bytes)
      ? super.decode(bytes)
      : transcode(bytes, 'utf8', 'utf16le').toString('utf16le');
  }
}

export function textCodec(): TextCodec {
  return { TextDecoder: Decoder, TextEncoder };
}
