import {
  type AncpAuth,
  type AncpClientOptions,
  type CredentialSource,
  type DidSigner,
  type DidSource,
  headerPairs,
  invalidOptions,
} from '../options.js';
import type { EngineCall } from './engine.js';

/**
 * Options in the form in which they cross into WebAssembly (`wasm/src/options.rs`): one a line, behind a letter that tells
 * which, without what is not set. Only what would break this form is checked here; all else is the engine's.
 */
class Lines {
  text = '';

  add(letter: string, name: string, value: unknown): this {
    return value === undefined || value === null ? this : this.line(name, `${letter}${value}`);
  }

  /** Milliseconds, or a count. */
  number(letter: string, name: string, value: number | null | undefined): this {
    if (value === undefined || value === null) return this;
    // A fraction must not become 0.
    const number = Math.ceil(Number(value));
    if (!(number >= 0)) throw invalidOptions(`${name}: must be a number that is not negative`);
    // A thousand years are for ever.
    return this.line(name, letter + Math.min(number, 3e13));
  }

  headers(pairs: Iterable<readonly [name: string, value: string]>): this {
    for (const [name, value] of pairs) this.line('headers', `h${name}`).line('headers', value);
    return this;
  }

  signer(number: number, { did, keyId }: DidSigner): this {
    for (const line of [number, did, keyId]) this.line('auth', line);
    return this;
  }

  line(option: string, line: unknown): this {
    const text = String(line);
    if (/[\r\n]/.test(text)) throw invalidOptions(`${option}: holds a line break`);
    this.text += `${text}\n`;
    return this;
  }
}

/** A client's options. */
export function clientLines(options: AncpClientOptions): string {
  const { nodeId, retry, payer } = options;
  if (typeof nodeId === 'number' && !(Number.isSafeInteger(nodeId) && nodeId >= 0)) {
    throw invalidOptions('nodeId: must be an integer from 0 to 2^53-1, or a name');
  }
  const lines = new Lines()
    .add('b', 'baseUrl', options.baseUrl)
    .add('n', 'nodeId', nodeId)
    .add('x', 'address', options.address)
    .add('t', 'tenantId', options.tenantId)
    .number('w', 'timeout', options.timeout)
    .number('l', 'livenessTimeout', options.livenessTimeout)
    .number('e', 'idleTimeout', options.idleTimeout)
    .headers(headerPairs(options.headers));
  if (retry === false) lines.line('retry', 'r0');
  else if (retry) {
    lines
      .number('r', 'maxRetries', retry.maxRetries)
      .number('i', 'baseDelayMs', retry.baseDelayMs)
      .number('m', 'maxDelayMs', retry.maxDelayMs);
  }
  for (const origin of options.credentialOrigins ?? []) lines.line('credentialOrigins', `o${origin}`);
  if (payer) {
    if (typeof payer.pay !== 'function') throw invalidOptions('payer: must have a function pay');
    lines
      .line('payer', 'p')
      .add('c', 'maxPerCall', payer.maxPerCall)
      .add('s', 'maxTotal', payer.maxTotal)
      .number('q', 'payer.timeout', payer.timeout);
  }
  const [mode, source] = credential(options.auth) ?? [];
  if (mode) {
    const letter = MODES[mode];
    if (typeof source === 'function') lines.line(mode, letter.toUpperCase());
    else if (mode !== 'did') lines.line(mode, `${letter}${source}`);
    else if (typeof source === 'object') lines.line(mode, letter).signer(0, source);
    else throw invalidOptions('auth: did must be a signer, { did, keyId, sign }, or give one');
  }
  return lines.text;
}

/** A call's options. */
export function callLines(call: EngineCall): string {
  return new Lines()
    .add('c', 'correlationId', call.correlationId)
    .add('r', 'receiptId', call.receiptId)
    .add('x', 'address', call.address)
    .number('w', 'timeout', call.timeout)
    .number('p', 'pollIntervalMs', call.pollIntervalMs)
    .number('l', 'timeoutMs', call.timeoutMs)
    .headers(call.headers).text;
}

/** A signer as the engine knows it: the number under which the host keeps it, and its names. */
export function signerLines(number: number, signer: DidSigner): string {
  return new Lines().signer(number, signer).text;
}

/** The letters of credentials; capitals stand for functions that give them. */
const MODES = { jwtToken: 'j', apiKey: 'a', did: 'd' } as const;

type Mode = keyof typeof MODES;

/** A credential's mode, and where it comes from. */
export function credential(auth: AncpAuth | undefined): [mode: Mode, source: CredentialSource | DidSource] | undefined {
  if (!auth) return undefined;
  const given: { readonly [M in Mode]?: CredentialSource | DidSource | null } = auth;
  for (const mode of Object.keys(MODES) as Mode[]) {
    const source = given[mode];
    if (source !== undefined && source !== null) return [mode, source];
  }
  // A variable of the environment that is not set must not send calls without a credential.
  throw invalidOptions('auth: must have apiKey, jwtToken or did');
}
