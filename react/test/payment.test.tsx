import { type AncpClientOptions, type AncpPayer, FakeAncpClient } from '@bizfirst/ancp-core';
import { fireEvent, render, screen, waitFor } from '@testing-library/react';
import { expect, it } from 'vitest';
import { AncpProvider, useAncpInvoke } from '../src/index.js';
import { OwnClient } from '../src/observers/own-client.js';

it('a call that must be paid shows its price', async () => {
  const fake = new FakeAncpClient();
  fake.setupResponse('run-payroll', 'done').setupPrice('run-payroll', '5.00');
  function Payroll() {
    const { invoke, data, error } = useAncpInvoke<undefined, string>('run-payroll');
    return (
      <>
        <button type="button" onClick={() => void invoke()}>
          run
        </button>
        <output>{error?.payment ? `costs ${error.payment.priceUsdc} USDC` : data}</output>
      </>
    );
  }
  render(
    <AncpProvider client={fake}>
      <Payroll />
    </AncpProvider>,
  );
  fireEvent.click(screen.getByText('run'));
  await waitFor(() => expect(screen.getByRole('status').textContent).toBe('costs 5.00 USDC'));
});

it('the payer of the newest render pays', async () => {
  const node: unknown = new FakeAncpClient().setupResponse('run').setupPrice('run', '1');
  const { fetch } = (node as { _node: { fetch: AncpClientOptions['fetch'] } })._node;
  const paidBy: string[] = [];
  const options = (name: string) => ({
    baseUrl: 'https://fake.invalid',
    nodeId: 42,
    fetch,
    payer: {
      async pay() {
        paidBy.push(name);
        return { txHash: '0x1', payer: '0x2' };
      },
      maxPerCall: '1',
      maxTotal: '1',
    } satisfies AncpPayer,
  });
  const own = new OwnClient(options('first'));
  const newest = options('second');
  expect(own.serves(newest)).toBe(true);
  expect(own.serves({ ...newest, payer: { ...newest.payer, maxTotal: '2' } })).toBe(false);
  own.options = newest;
  await own.client.invoke('run');
  expect(paidBy).toEqual(['second']);
});
