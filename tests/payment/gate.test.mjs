// The mock node's payment gate on a real EVM, by plain HTTP.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { deployToken, mined, startChain, startNode, until, usdc } from './support.mjs';

const PRICE = usdc(5);
const UNKNOWN = `0x${'12'.repeat(32)}`;

let chain;
let elsewhere;
let token;
let node;
let payer;
let payee;
let stranger;

before(async () => {
  chain = await startChain();
  elsewhere = await startChain({ chainId: 31338 });
  token = await deployToken(chain);
  [payer, stranger, payee] = chain.accounts;
  node = await startNode({ evmAddress: payee.address, payment: terms() });
});

after(() => Promise.all([node, elsewhere, chain].map((program) => program?.stop())));

/** The token of `chain` is accepted; on `elsewhere` there is none. */
function terms() {
  const chains = [chain, elsewhere].map(({ chainId, url }) => ({ chainId, rpcUrl: url }));
  return { acceptedTokens: [token.accepted], chains };
}

const purchase = (txHash, by = payer) => ({ action: 'get-order', txHash, payer: by.address });

const pay = (txHash, { by, at = node } = {}) => at.invoke('ancp.pay', purchase(txHash, by));

const order = (receiptId, at = node) => at.invoke('get-order', { orderId: 'ORD-1' }, receiptId);

/** Pays, with the confirmations that it takes. */
async function transferred(units = PRICE) {
  const hash = await token.transfer(payer, payee.address, units);
  await chain.mine(2);
  return hash;
}

function assertRefused({ status, error }, reason) {
  assert.deepEqual(
    [status, error?.code, error?.details?.reason, error?.retryable],
    [402, 'payment_required', reason, reason === 'unconfirmed'],
  );
}

test('from the price to the result', async () => {
  const unpaid = await order();
  assertRefused(unpaid, undefined);
  const { details } = unpaid.error;
  assert.equal(details.priceUsdc, '5.00');
  assert.equal(details.evmAddress, payee.address, 'with its checksum');
  assert.equal(details.acceptedTokens[0].contract.toLowerCase(), token.contract.toLowerCase());
  const { result: info } = await node.invoke('ancp.payment-info', null);
  assert.deepEqual(info.prices, [{ action: 'get-order', priceUsdc: '5.00', receiptValiditySec: 300 }]);
  assert.deepEqual(info.acceptedTokens, details.acceptedTokens);

  // A wallet does what the terms say.
  const txHash = await token.transfer(payer, details.evmAddress, PRICE);
  assertRefused(await pay(txHash), 'unconfirmed');
  await chain.mine(details.requiredConfirmations - 1);
  const { status, result: receipt } = await pay(txHash);
  assert.equal(status, 200);
  assert.equal(receipt.txHash, txHash);
  assert.equal(receipt.payer, payer.address);
  assert.equal(receipt.amountUsdc, '5.00');
  assert.ok(Date.parse(receipt.expiresAt) > Date.now());

  for (let call = 0; call < 2; call += 1) {
    const paid = await order(receipt.receiptId);
    assert.deepEqual([paid.status, paid.result?.orderId], [200, 'ORD-1']);
  }
});

test('a transaction that waits for a block is unconfirmed', async () => {
  await chain.rpc('evm_setAutomine', false);
  try {
    const hash = await token.transfer(payer, payee.address, PRICE);
    assertRefused(await pay(hash), 'unconfirmed');
    await chain.mine(3);
    assert.equal((await pay(hash)).status, 200);
  } finally {
    await chain.rpc('evm_setAutomine', true);
  }
});

test('a transaction buys one receipt', async () => {
  const hash = await transferred();
  const answers = await Promise.all(Array.from({ length: 5 }, () => pay(hash)));
  const [bought, ...more] = answers.filter(({ status }) => status === 200);
  assert.ok(bought && more.length === 0);
  for (const answer of answers.filter((answer) => answer !== bought)) assertRefused(answer, 'already_used');
  assertRefused(await pay(`0x${hash.slice(2).toUpperCase()}`), 'already_used');
});

test('a repeated message is the same purchase', async () => {
  const message = node.message('ancp.pay', purchase(await transferred()));
  const first = await node.send(message);
  assert.equal(first.status, 200);
  assert.deepEqual(await node.send(message), first);
});

test('payments that are none', async () => {
  const otherToken = await deployToken(chain);
  const tooLittle = await token.transfer(payer, payee.address, PRICE - 1n);
  const otherPayee = await token.transfer(payer, stranger.address, PRICE);
  const otherPayer = await token.transfer(stranger, payee.address, PRICE);
  const worthless = await otherToken.transfer(payer, payee.address, PRICE);
  const ether = await chain.rpc('eth_sendTransaction', { from: payer.address, to: payee.address, value: '0x1' });
  // The fourth account has no tokens.
  const reverted = await token.transfer(chain.accounts[3], payee.address, PRICE);
  assert.equal((await mined(chain, reverted)).status, '0x0');
  const onAnotherChain = await (await deployToken(elsewhere)).transfer(payer, payee.address, PRICE);
  await chain.mine(2);
  for (const [reason, hash] of Object.entries({
    unknown_transaction: UNKNOWN,
    insufficient_amount: tooLittle,
    wrong_recipient: otherPayee,
    wrong_payer: otherPayer,
    wrong_token: worthless,
    reverted,
    wrong_chain: onAnotherChain,
  })) {
    assertRefused(await pay(hash), reason);
  }
  assertRefused(await pay(ether), 'wrong_token');
  // Whose it is, it serves.
  assert.equal((await pay(otherPayer, { by: stranger })).status, 200);
});

test('who pays counts, not who sends the transaction', async () => {
  await token.approve(payer, stranger.address, PRICE);
  const hash = await token.transferFrom(stranger, payer.address, payee.address, PRICE);
  await chain.mine(2);
  assertRefused(await pay(hash, { by: stranger }), 'wrong_payer');
  assert.equal((await pay(hash)).status, 200);
});

test('reorganised away', async () => {
  const { result: bought } = await pay(await transferred());
  const before = await chain.rpc('evm_snapshot');
  const hash = await token.transfer(payer, payee.address, PRICE);
  assertRefused(await pay(hash), 'unconfirmed');
  await chain.rpc('evm_revert', before);
  await chain.mine(5);
  assertRefused(await pay(hash), 'unknown_transaction');
  assert.equal((await order(bought.receiptId)).status, 200, 'a receipt stays good');
});

test('receipts are bound to their action, and expire', async () => {
  const brief = await startNode({
    evmAddress: payee.address,
    prices: { 'get-order': '5.00', echo: '1.00' },
    payment: { ...terms(), receiptValiditySec: 1 },
  });
  try {
    const { receiptId } = (await pay(await transferred(), { at: brief })).result;
    assertRefused(await brief.invoke('echo', 1, receiptId), 'receipt_mismatch');
    // Another node does not know it.
    assertRefused(await order(receiptId), 'receipt_unknown');
    const expired = await until(async () => {
      const answer = await order(receiptId, brief);
      return answer.status !== 200 && answer;
    }, 'the receipt to expire');
    assertRefused(expired, 'receipt_expired');
    assert.equal(expired.error.details.priceUsdc, '5.00');
  } finally {
    await brief.stop();
  }
});

// The last one: the other chain does not come back.
test('while a chain is down, nothing is said of what may be on it', async () => {
  const hash = await transferred();
  await elsewhere.stop();
  const { status, error } = await pay(UNKNOWN);
  assert.deepEqual([status, error.code, error.retryable], [503, 'unavailable', true]);
  assert.equal((await pay(hash)).status, 200, 'what is found is found');
});
