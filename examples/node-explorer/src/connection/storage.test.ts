import { beforeEach, expect, it, vi } from 'vitest';
import type { Connection } from './connection.ts';
import { forget, remember, remembered } from './storage.ts';

const ONE: Connection = { baseUrl: 'http://a', nodeId: '42', tenantId: '', authMode: 'jwt', timeoutMs: 5000 };

let stored: Map<string, string>;
beforeEach(() => {
  stored = new Map();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
  });
});

it('remembers the newest first, each once, and nothing but the fields', () => {
  remember(ONE);
  remember({ ...ONE, nodeId: '43' });
  remember({ ...ONE, timeoutMs: 1, ...{ credential: 'secret' } });
  expect(remembered().map(({ nodeId, timeoutMs }) => [nodeId, timeoutMs])).toEqual([
    ['42', 1],
    ['43', 5000],
  ]);
  expect([...stored.values()].join()).not.toContain('secret');
  forget(ONE);
  expect(remembered().map(({ nodeId }) => nodeId)).toEqual(['43']);
});

it.each(['http://user:secret@a', 'http://a?key=secret', 'http://a#secret'])('does not remember %s', (baseUrl) => {
  remember({ ...ONE, baseUrl });
  expect(remembered()).toEqual([]);
  expect([...stored.values()].join()).not.toContain('secret');
});

it.each(['{', '{}', '[1, null, {}]', '[{"baseUrl": 1, "nodeId": "a"}]'])('gets along with %s', (text) => {
  stored.set('ancp-explorer.connections', text);
  expect(remembered()).toEqual([]);
});
