import type { PaymentTerms } from '@bizfirst/ancp-core';

/** Price and terms of an action that must be paid. */
export function Payment({ terms }: { readonly terms: PaymentTerms }) {
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
