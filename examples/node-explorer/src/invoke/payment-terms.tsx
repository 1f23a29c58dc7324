import type { AncpError } from '@bizfirst/ancp-core';

/** What must be paid for an action, and how. */
interface Terms {
  readonly priceUsdc: string;
  readonly evmAddress: string | null;
  readonly acceptedTokens: readonly { readonly symbol: string; readonly chainId: number }[];
  readonly requiredConfirmations: number;
  readonly receiptValiditySec: number;
}

/** The terms that came with an error; undefined where it is about something else. */
export function termsOf({ code, details }: AncpError): Terms | undefined {
  const isPriced = code === 'payment_required' && typeof details === 'object' && details && 'priceUsdc' in details;
  return isPriced ? (details as Terms) : undefined;
}

/** Price and terms of an action that must be paid. */
export function PaymentTerms({ terms }: { readonly terms: Terms }) {
  const tokens = terms.acceptedTokens.map(({ symbol, chainId }) => `${symbol} on chain ${chainId}`);
  return (
    <dl className="terms" aria-label="Payment">
      <Term name="Price" value={`${terms.priceUsdc} USDC`} />
      <Term name="Pay to" value={terms.evmAddress ?? 'the node names no address'} isMono={terms.evmAddress !== null} />
      <Term name="Tokens" value={tokens.join(', ') || 'the node takes none'} />
      <Term name="Confirmations" value={String(terms.requiredConfirmations)} />
      <Term name="A receipt serves" value={`${terms.receiptValiditySec} s`} />
    </dl>
  );
}

function Term({ name, value, isMono = false }: { name: string; value: string; isMono?: boolean }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className={isMono ? 'mono' : undefined}>{value}</dd>
    </div>
  );
}
