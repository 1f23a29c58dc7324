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
 * Options in the form in which they cross into WebAssembly (`wasm/src/options.rs`): `name\nvalue\n…`, without what is
 * not set. Only what would break this form is checked here; all else is the engine's.
 */
class Lines {
  text = '';

  add(name: string, value: unknown): this {
    if (value === undefined || value === null) return this;
    return this.#push(name, name).#push(name, String(value));
  }

  /** The engine reads whole numbers only. */
  milliseconds(name: string, value: number | undefined): this {
    // A fraction must not become 0, and a thousand years are for ever.
    return value === undefined ? this : this.add(name, Math.min(Math.ceil(Number(value)), 3e13));
  }

  headers(pairs: Iterable<readonly [name: string, value: string]>): this {
    for (const [name, value] of pairs) {
      this.#push('headers', 'header').#push('headers', String(name)).#push('headers', String(value));
    }
    return this;
  }

  signer(number: number, did: string, keyId: string): this {
    return this.#push('auth', String(number)).#push('auth', String(did)).#push('auth', String(keyId));
  }

  #push(option: string, line: string): this {
    if (/[\r\n]/.test(line)) throw invalidOptions(`${option}: holds a line break`);
    this.text += `${line}\n`;
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
    .add('baseUrl', options.baseUrl)
    .add('nodeId', nodeId)
    .add('address', options.address)
    .add('tenantId', options.tenantId)
    .milliseconds('timeout', options.timeout)
    .milliseconds('livenessTimeout', options.livenessTimeout)
    .milliseconds('idleTimeout', options.idleTimeout)
    .headers(headerPairs(options.headers));
  if (retry === false) lines.add('maxRetries', 0);
  else if (retry) {
    lines
      .add('maxRetries', retry.maxRetries)
      .milliseconds('baseDelayMs', retry.baseDelayMs)
      .milliseconds('maxDelayMs', retry.maxDelayMs);
  }
  for (const origin of options.credentialOrigins ?? []) lines.add('credentialOrigin', origin);
  if (payer) {
    if (typeof payer.pay !== 'function') throw invalidOptions('payer: must have a function pay');
    lines
      .add('payer', '')
      .add('maxPerCall', payer.maxPerCall)
      .add('maxTotal', payer.maxTotal)
      .milliseconds('payerTimeout', payer.timeout);
  }
  const [mode, source] = credential(options.auth) ?? [];
  if (typeof source === 'function') lines.add(`${mode}Provider`, '');
  else if (typeof source === 'object') lines.add('did', '').signer(0, source.did, source.keyId);
  else if (mode === 'did') throw invalidOptions('auth: did must be a signer, { did, keyId, sign }, or give one');
  else if (mode) lines.add(mode, source);
  return lines.text;
}

/** A call's options. */
export function callLines(call: EngineCall): string {
  return new Lines()
    .add('correlationId', call.correlationId)
    .add('receiptId', call.receiptId)
    .add('address', call.address)
    .milliseconds('timeout', call.timeout)
    .milliseconds('pollIntervalMs', call.pollInterval)
    .milliseconds('timeoutMs', call.waitTimeout)
    .headers(call.headers).text;
}

/** A signer as the engine knows it: the number under which the host keeps it, and its names. */
export function signerLines(number: number, { did, keyId }: DidSigner): string {
  return new Lines().signer(number, did, keyId).text;
}

/** A credential's mode, and where it comes from. */
export function credential(
  auth: AncpAuth | undefined,
): [mode: string, source: CredentialSource | DidSource] | undefined {
  if (!auth) return undefined;
  const given = auth as { jwtToken?: CredentialSource; apiKey?: CredentialSource; did?: DidSource };
  for (const mode of ['jwtToken', 'apiKey', 'did'] as const) {
    const source = given[mode];
    if (source !== undefined && source !== null) return [mode, source];
  }
  // A variable of the environment that is not set must not send calls without a credential.
  throw invalidOptions('auth: must have apiKey, jwtToken or did');
}
