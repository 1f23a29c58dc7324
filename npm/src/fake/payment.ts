import { AncpError } from '../error.js';
import type { PaymentInfo, PaymentReceipt, PaymentTerms, PayRequest } from '../payment.js';
import type { CapturedCall } from './message.js';

/** How a fake node is paid, unless the test says otherwise. */
const TERMS = {
  evmAddress: '0x000000000000000000000000000000000000fa4e',
  acceptedTokens: [
    { symbol: 'USDC', chainId: 31337, contract: '0x00000000000000000000000000000000000005dc', decimals: 6 },
  ],
  requiredConfirmations: 1,
  receiptValiditySec: 300,
} as const;

/** What the actions of a fake node cost, and the receipts that it has given. Every transaction buys one receipt. */
export class FakePrices {
  readonly #terms = new Map<string, PaymentTerms>();
  readonly #receipts = new Map<string, PaymentReceipt>();

  set(action: string, priceUsdc: string, terms: Partial<PaymentTerms>): void {
    this.#terms.set(action, { ...TERMS, ...terms, action, priceUsdc });
  }

  reset(): void {
    this.#terms.clear();
    this.#receipts.clear();
  }

  priceOf(action: string): string | null {
    return this.#terms.get(action)?.priceUsdc ?? null;
  }

  /** @throws AncpError Where the call has a price, and no receipt for it. */
  check({ action, receiptId }: CapturedCall): void {
    const terms = this.#terms.get(action);
    if (!terms) return;
    const receipt = receiptId === undefined ? undefined : this.#receipts.get(receiptId);
    if (receipt?.action === action) return;
    if (receiptId === undefined) throw required(`${action} must be paid`, terms);
    if (receipt) throw required('the receipt is of another action', { ...terms, reason: 'receipt_mismatch' });
    throw required('the receipt is not known', { ...terms, reason: 'receipt_unknown' });
  }

  info(): PaymentInfo {
    return { ...TERMS, prices: [...this.#terms.values()] };
  }

  pay({ action, txHash, payer }: PayRequest): PaymentReceipt {
    const terms = this.#terms.get(action);
    if (!terms) throw new AncpError(`${action} has no price`, { code: 'invalid_payload' });
    for (const receipt of this.#receipts.values()) {
      if (receipt.txHash === txHash) throw required('the transaction is used up', { reason: 'already_used' });
    }
    const expiresAt = new Date(Date.now() + terms.receiptValiditySec * 1000).toISOString();
    const receiptId = `receipt-${this.#receipts.size + 1}`;
    const receipt = { receiptId, action, txHash, payer, amountUsdc: terms.priceUsdc, expiresAt, signature: 'fake' };
    this.#receipts.set(receiptId, receipt);
    return receipt;
  }
}

function required(message: string, details: object): AncpError {
  return new AncpError(message, { code: 'payment_required', details });
}
