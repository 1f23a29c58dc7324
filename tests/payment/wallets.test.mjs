// The client pays the mock node through a real EVM, with the wallets of docs/payment.md.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AncpClient } from '@bizfirst/ancp-core';
import { JsonRpcProvider, Wallet } from 'ethers';
import { createWalletClient, defineChain, http } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { snippet } from './snippets.mjs';
import { deployToken, startChain, startNode, until, usdc } from './support.mjs';

const CAPS = { maxPerCall: '5.00', maxTotal: '20.00' };

let chain;
let token;
let node;
let payer;
let payee;
const wallets = {};
const ends = [];

before(async () => {
  chain = await startChain();
  token = await deployToken(chain);
  [payer, , payee] = chain.accounts;
  const payment = {
    acceptedTokens: [token.accepted],
    chains: [{ chainId: chain.chainId, rpcUrl: chain.url }],
  };
  node = await startNode({ evmAddress: payee.address, prices: { 'get-order': '5.00', echo: '0.50' }, payment });

  const { payWithViem } = await snippet('viem');
  const viem = defineChain({
    id: chain.chainId,
    name: 'tests',
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [chain.url] } },
  });
  const account = privateKeyToAccount(payer.privateKey);
  const viemWallet = createWalletClient({ account, chain: viem, transport: http() });
  wallets.viem = (contract) => payWithViem(viemWallet, contract);

  const { payWithEthers } = await snippet('ethers');
  // Without the cache, a nonce is asked for anew for each transaction.
  const provider = new JsonRpcProvider(chain.url, undefined, { cacheTimeout: -1 });
  ends.push(() => provider.destroy());
  const ethersWallet = new Wallet(payer.privateKey, provider);
  wallets.ethers = (contract) => payWithEthers(ethersWallet, contract);
});

after(async () => {
  for (const end of ends) end();
  await Promise.all([node, chain].map((program) => program?.stop()));
});

/** A client that pays with a wallet, and counts. */
function paying(name, { contract = token.contract, ...caps } = {}) {
  const pay = wallets[name](contract);
  const payments = [];
  const { baseUrl, nodeId, apiKey } = node;
  const client = new AncpClient({
    baseUrl,
    nodeId,
    auth: { apiKey },
    payer: {
      async pay(terms, options) {
        const payment = await pay(terms, options);
        payments.push(payment);
        return payment;
      },
      ...CAPS,
      timeout: 60_000,
      ...caps,
    },
  });
  ends.push(() => client.close());
  return { client, payments };
}

/** What somebody holds of the token. */
async function balanceOf({ address }) {
  // balanceOf(address)
  const data = `0x70a08231${address.slice(2).toLowerCase().padStart(64, '0')}`;
  return BigInt(await chain.rpc('eth_call', { to: token.contract, data }, 'latest'));
}

for (const name of ['viem', 'ethers']) {
  test(`${name}: pays once for calls at once, and the receipt serves the next`, async () => {
    const { client, payments } = paying(name);
    const before = await balanceOf(payee);
    const calls = [1, 2, 3].map((n) => client.invoke('get-order', { orderId: `ORD-${n}` }));
    // The node waits for three confirmations, and the client for the node.
    await until(() => payments.length > 0, 'the payment');
    await chain.mine(2);
    const orders = await Promise.all(calls);
    assert.deepEqual(
      orders.map(({ orderId }) => orderId),
      ['ORD-1', 'ORD-2', 'ORD-3'],
    );
    await client.invoke('get-order', { orderId: 'ORD-4' });
    assert.equal(payments.length, 1);
    assert.equal(payments[0].payer.toLowerCase(), payer.address.toLowerCase());
    assert.equal((await balanceOf(payee)) - before, usdc(5));
  });

  test(`${name}: does not pay in a token that the node does not take`, async () => {
    const other = await deployToken(chain);
    const { client, payments } = paying(name, { contract: other.contract });
    const error = await client.invoke('get-order', { orderId: 'ORD-1' }).catch((error) => error);
    assert.equal(error.code, 'payment_required');
    assert.match(error.cause.message, /does not take this token/);
    assert.equal(error.payment.priceUsdc, '5.00');
    assert.equal(payments.length, 0);
  });

  test(`${name}: does not pay more than the cap`, async () => {
    const { client, payments } = paying(name, { maxPerCall: '4.99' });
    const before = await balanceOf(payee);
    await assert.rejects(client.invoke('get-order', { orderId: 'ORD-1' }), { code: 'payment_required' });
    assert.equal(payments.length, 0);
    assert.equal(await balanceOf(payee), before);
  });
}

test('a transaction that is not confirmed in time is redeemed by the next call', async () => {
  const { client, payments } = paying('viem', { timeout: 1500 });
  const error = await client.invoke('echo', 1).catch((error) => error);
  assert.equal(error.paymentReason, 'unconfirmed');
  assert.deepEqual(error.details, { reason: 'unconfirmed', action: 'echo', ...payments[0] });
  await chain.mine(2);
  assert.equal(await client.invoke('echo', 1), 1);
  assert.equal(payments.length, 1);
});

test('the transaction of an error is redeemed by hand', async () => {
  const { client, payments } = paying('ethers', { timeout: 1500 });
  const error = await client.invoke('echo', 1).catch((error) => error);
  await chain.mine(2);
  const { action, txHash, payer } = error.details;
  const { baseUrl, nodeId, apiKey } = node;
  const other = new AncpClient({ baseUrl, nodeId, auth: { apiKey } });
  ends.push(() => other.close());
  const { receiptId } = await other.pay({ action, txHash, payer });
  assert.equal(await other.invoke('echo', 2, { receiptId }), 2);
  assert.equal(payments.length, 1);
});

test('a transaction that was reverted buys nothing, and is in the error', async () => {
  // The fourth account has no tokens.
  const [, , , poor] = chain.accounts;
  wallets.poor = () => async (terms) => {
    const txHash = await token.transfer(poor, terms.evmAddress, usdc(5));
    await chain.mine(2);
    return { txHash, payer: poor.address };
  };
  const { client, payments } = paying('poor');
  const error = await client.invoke('get-order', { orderId: 'ORD-1' }).catch((error) => error);
  assert.deepEqual(error.details, { reason: 'reverted', action: 'get-order', ...payments[0] });
});
