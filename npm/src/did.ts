/**
 * Keys of DIDs by WebCrypto: they sign, but can't be read.
 *
 * @packageDocumentation
 */

import { AncpError } from './error.js';
import type { DidSigner } from './options.js';

export type { DidSigner, SignerMessage } from './options.js';

/** A key of WebCrypto: any `CryptoKey` is one. */
export interface WebCryptoKey {
  readonly type: string;
  readonly algorithm: { readonly name: string };
  readonly usages: readonly string[];
  readonly extractable: boolean;
}

/** A pair of keys of WebCrypto: any `CryptoKeyPair` is one. */
export interface WebCryptoKeyPair {
  readonly privateKey: WebCryptoKey;
  readonly publicKey: WebCryptoKey;
}

/** A DID and its key. */
export interface DidKey extends DidSigner {
  /** The keys. They can be kept in IndexedDB, as they are, for {@link didKeyFrom}. */
  readonly keyPair: WebCryptoKeyPair;
}

/**
 * Makes a key and its `did:key`. The private key stays with WebCrypto: no script can read it, not even one that an
 * attacker has brought into the page, though such a script can sign for as long as it runs.
 *
 * @example
 * ```ts
 * import { AncpClient } from '@bizfirst/ancp-core';
 * import { createDidKey } from '@bizfirst/ancp-core/did';
 *
 * const key = await createDidKey();
 * console.log(key.did); // did:key:z6Mk…
 * const client = new AncpClient({ baseUrl: 'https://api.example.com', nodeId: 42, auth: { did: key } });
 * ```
 *
 * @throws AncpError `invalid_options` where WebCrypto is not there, or has no Ed25519.
 */
export async function createDidKey(): Promise<DidKey> {
  let keyPair: WebCryptoKeyPair;
  try {
    keyPair = (await subtle().generateKey('Ed25519', false, ['sign', 'verify'])) as CryptoKeyPair;
  } catch (cause) {
    throw unsupported(cause);
  }
  return didKeyFrom(keyPair);
}

/**
 * The key that a pair of WebCrypto stands for, such as one kept in IndexedDB, by default under its `did:key`.
 *
 * @param keyPair An Ed25519 pair whose private key may sign.
 * @param names Another DID, whose document lists the key, and the key's id there: `{did}#{fragment}`.
 *
 * @example
 * ```ts
 * import { createDidKey, didKeyFrom } from '@bizfirst/ancp-core/did';
 *
 * const { keyPair } = await createDidKey();
 * const shop = await didKeyFrom(keyPair, {
 *   did: 'did:web:shop.example.com',
 *   keyId: 'did:web:shop.example.com#key-1',
 * });
 * ```
 *
 * @throws AncpError `invalid_options` where the keys are of another kind, or the private one may not sign.
 */
export async function didKeyFrom(
  keyPair: WebCryptoKeyPair,
  names?: { readonly did: string; readonly keyId: string },
): Promise<DidKey> {
  const { privateKey, publicKey } = keyPair;
  if (privateKey?.algorithm?.name !== 'Ed25519' || !privateKey.usages.includes('sign')) {
    throw invalid('the private key must be one for Ed25519 with the usage `sign`');
  }
  const crypto = subtle();
  let bytes: ArrayBuffer;
  try {
    bytes = await crypto.exportKey('raw', publicKey as CryptoKey);
  } catch (cause) {
    throw invalid('the public key must be one for Ed25519 and extractable', cause);
  }
  const multibase = `z${base58(ED25519_PUB, new Uint8Array(bytes))}`;
  const did = `did:key:${multibase}`;
  return {
    ...(names ? { did: names.did, keyId: names.keyId } : { did, keyId: `${did}#${multibase}` }),
    keyPair,
    sign: (message) => crypto.sign('Ed25519', privateKey as CryptoKey, message),
  };
}

/** The multicodec number of an Ed25519 public key, as the varint that stands before it. */
const ED25519_PUB = [0xed, 0x01];

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** Base58 as Bitcoin writes it, of bytes that do not begin with a zero. */
function base58(...parts: Iterable<number>[]): string {
  let number = 0n;
  for (const part of parts) for (const byte of part) number = number * 256n + BigInt(byte);
  let text = '';
  for (; number > 0n; number /= 58n) text = ALPHABET[Number(number % 58n)] + text;
  return text;
}

function subtle(): SubtleCrypto {
  const found = globalThis.crypto?.subtle;
  if (!found) throw unsupported(undefined);
  return found;
}

function unsupported(cause: unknown): AncpError {
  return cause instanceof AncpError
    ? cause
    : invalid(
        'there is no Ed25519 in WebCrypto here: it takes a page of HTTPS or localhost, and Chrome 137, Firefox 129, Safari 17, Node.js 20 or newer. Elsewhere pass a signer of your own as `auth: { did: { did, keyId, sign } }`',
        cause,
      );
}

function invalid(message: string, cause?: unknown): AncpError {
  return new AncpError(message, cause === undefined ? { code: 'invalid_options' } : { code: 'invalid_options', cause });
}
