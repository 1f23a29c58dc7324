import type { Headers } from './exchange.ts';

const REDACTED = '•••';
const SECRET_HEADERS = ['authorization', 'x-ancp-api-key', 'x-ancp-did-proof'];

/** Takes a credential out of a text, such as that of an action which echoes what it got. */
export function redactText(text: string, credential: string): string {
  if (!credential) return text;
  // In JSON, it may be written with escapes.
  const escaped = JSON.stringify(credential).slice(1, -1);
  return text.replaceAll(credential, REDACTED).replaceAll(escaped, REDACTED);
}

/** Headers with credentials taken out; of `Bearer …`, the scheme stays. */
export function redactHeaders(headers: Headers, credential: string): Headers {
  return headers.map(([name, value]) => {
    if (!SECRET_HEADERS.includes(name.toLowerCase())) return [name, redactText(value, credential)];
    const [scheme, ...rest] = value.split(' ');
    return [name, rest.length > 0 ? `${scheme} ${REDACTED}` : REDACTED];
  });
}
