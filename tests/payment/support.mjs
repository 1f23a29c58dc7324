// What tests of payment share: a local EVM chain, a token on it, and a mock node that is paid with it.

import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import solc from 'solc';

const MOCK_NODE = process.env.ANCP_MOCK_NODE;
if (!MOCK_NODE) throw new Error('ANCP_MOCK_NODE is not set: run `cargo xtask test payment`');

/** How long a program may take until it listens. */
const START_MS = 30_000;

/** How long a request may take. */
const REQUEST_MS = 30_000;

/** USDC has six decimals. */
export const usdc = (dollars) => BigInt(Math.round(dollars * 1e6));

/**
 * Starts a chain of its own on a free port: Anvil, whose dev accounts hold ether and are unlocked.
 *
 * `accounts` are `{ address, privateKey }`. Every transaction is mined at once in a block of its own, unless
 * `rpc('evm_setAutomine', false)` says otherwise.
 */
export async function startChain({ chainId = 31337 } = {}) {
  const arguments_ = ['--port', '0', '--chain-id', String(chainId)];
  const program = await start(anvil(), arguments_, (line) => /Listening on (\S+)/.exec(line)?.[1]);
  const url = `http://${program.found}`;
  const numbered = (pattern) => program.lines.map((line) => pattern.exec(line)?.[1]).filter(Boolean);
  const keys = numbered(/^\(\d+\) (0x[0-9a-f]{64})$/);
  const accounts = numbered(/^\(\d+\) (0x[0-9a-fA-F]{40}) /).map((address, n) => ({ address, privateKey: keys[n] }));

  async function rpc(method, ...params) {
    const { result, error } = await post(url, { jsonrpc: '2.0', id: 1, method, params }).then((response) =>
      response.json(),
    );
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  return {
    chainId,
    url,
    accounts,
    rpc,
    mine: (blocks) => rpc('anvil_mine', `0x${blocks.toString(16)}`),
    stop: program.stop,
  };
}

/** Deploys `Token.sol`; the first account owns all of it. */
export async function deployToken(chain) {
  const { bytecode, selectors } = await compileToken();
  const [owner] = chain.accounts;
  const deployed = await mined(chain, await chain.rpc('eth_sendTransaction', { from: owner.address, data: bytecode }));
  const contract = deployed.contractAddress;

  /** Calls a function of the contract. With gas given, the chain does not try the call first: it may be reverted. */
  async function send(from, signature, ...values) {
    const hash = await chain.rpc('eth_sendTransaction', {
      from: from.address,
      to: contract,
      gas: '0x30d40',
      data: selectors[signature] + values.map(word).join(''),
    });
    // Its block comes at once, but not before the answer; and blocks that are mined later must come after it.
    if (await chain.rpc('anvil_getAutomine')) await mined(chain, hash);
    return hash;
  }

  return {
    contract,
    /** How a node accepts it. */
    accepted: { symbol: 'USDC', chainId: chain.chainId, contract, decimals: 6 },
    transfer: (from, to, units) => send(from, 'transfer(address,uint256)', to, units),
    approve: (from, spender, units) => send(from, 'approve(address,uint256)', spender, units),
    transferFrom: (sender, from, to, units) => send(sender, 'transferFrom(address,address,uint256)', from, to, units),
  };
}

/** The receipt of a transaction, once it is in a block. */
export function mined(chain, hash) {
  return until(() => chain.rpc('eth_getTransactionReceipt', hash), `a block with ${hash}`);
}

/**
 * Starts a mock node that sells sample actions: `prices` by action, paid at `evmAddress`. `payment` overrides what
 * `[nodes.payment]` says of it otherwise. Gives `{ baseUrl, nodeId, apiKey, invoke, message, send, stop }`.
 */
export async function startNode({ evmAddress, prices = { 'get-order': '5.00' }, payment = {} }) {
  const folder = await mkdtemp(join(tmpdir(), 'ancp-payment-'));
  const file = join(folder, 'node.toml');
  const config = {
    nodeId: 42,
    tenantId: 7,
    prices,
    apiKeys: [{ subject: 'tests', key: 'payment-test-key' }],
    profile: { evmAddress },
    payment: { requiredConfirmations: 3, receiptValiditySec: 300, ...payment },
  };
  await writeFile(file, `nodes = [${toml(config)}]\n`);
  const program = await start(MOCK_NODE, ['--port', '0', '--config', file, '--exit-with-stdin'], (line) => line);
  const { baseUrl, nodeId, apiKey } = JSON.parse(program.found);

  /** A call of an action; sent twice, it is a repeat. */
  function message(action, payload, receiptId) {
    const ncp = { action, pattern: 'request-reply', nodeId, receiptId };
    return {
      id: randomUUID(),
      type: 'Query',
      timestamp: new Date().toISOString(),
      protocolVersion: '1.0',
      body: { data: { payload, metadata: { extensions: { ncp } } } },
    };
  }

  /** Sends a message by plain HTTP: `{ status, result, error }`. */
  async function send(message) {
    const response = await post(`${baseUrl}/ncp/nodes/${nodeId}/invoke`, message, { 'X-Ancp-Api-Key': apiKey });
    const { data } = (await response.json()).body;
    return { status: response.status, result: data.payload, error: data.metadata.extensions.ncp.error };
  }

  const invoke = (action, payload, receiptId) => send(message(action, payload, receiptId));

  async function stop() {
    await program.stop();
    await rm(folder, { recursive: true });
  }

  return { baseUrl, nodeId, apiKey, invoke, message, send, stop };
}

/** Asks again until the answer will do. */
export async function until(ask, what) {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const answer = await ask();
    if (answer) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`waited in vain for ${what}`);
}

/** Where Anvil's program is. It is a package for each platform. */
function anvil() {
  const platform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
  const program = process.platform === 'win32' ? 'anvil.exe' : 'anvil';
  try {
    return createRequire(import.meta.url).resolve(`@foundry-rs/anvil-${platform}/bin/${program}`);
  } catch {
    throw new Error(`there is no Anvil for ${platform} in node_modules: the tests of payment need a local EVM`);
  }
}

/** Starts a program and reads its output up to the line that `find` finds something in. */
async function start(program, arguments_, find) {
  // The tests' own failures must not be lost among what a node has to say.
  const env = { RUST_LOG: 'error', ...process.env };
  const child = spawn(program, arguments_, { stdio: ['pipe', 'pipe', 'inherit'], env });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  async function stop() {
    process.off('exit', kill);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }

  const lines = [];
  const output = createInterface(child.stdout);
  const timer = setTimeout(kill, START_MS);
  try {
    const found = await new Promise((resolve, reject) => {
      child.once('error', reject);
      // What follows is read, too, so that the program never waits for a reader.
      output.on('line', (line) => {
        const found = lines.length < 1000 && find(line);
        if (lines.length < 1000) lines.push(line);
        if (found) resolve(found);
      });
      output.once('close', () => reject(new Error(`${program} ended before it listened`)));
    });
    return { found, lines, stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function post(url, body, headers = {}) {
  return fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(REQUEST_MS),
  });
}

let compiled;

/** Compiles `Token.sol`, once. */
async function compileToken() {
  compiled ??= readFile(new URL('Token.sol', import.meta.url), 'utf8').then((content) => {
    const output = JSON.parse(
      solc.compile(
        JSON.stringify({
          language: 'Solidity',
          sources: { 'Token.sol': { content } },
          settings: { outputSelection: { '*': { '*': ['evm.bytecode.object', 'evm.methodIdentifiers'] } } },
        }),
      ),
    );
    if (output.errors?.length) throw new Error(output.errors.map((error) => error.formattedMessage).join('\n'));
    const { bytecode, methodIdentifiers } = output.contracts['Token.sol'].Token.evm;
    const selectors = Object.entries(methodIdentifiers).map(([signature, id]) => [signature, `0x${id}`]);
    return { bytecode: `0x${bytecode.object}`, selectors: Object.fromEntries(selectors) };
  });
  return compiled;
}

/** An address or a number as 32 bytes. */
function word(value) {
  const digits = typeof value === 'bigint' ? value.toString(16) : value.slice(2);
  return digits.toLowerCase().padStart(64, '0');
}

/** Plain data as TOML, in line. */
function toml(value) {
  if (Array.isArray(value)) return `[${value.map(toml).join(', ')}]`;
  if (typeof value !== 'object') return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, field]) => `${JSON.stringify(name)} = ${toml(field)}`);
  return `{ ${fields.join(', ')} }`;
}
