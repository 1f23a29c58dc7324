/** A token that a node is paid in. */
export interface AcceptedToken {
  /** Such as `USDC`. */
  readonly symbol: string;
  /** The chain's number. */
  readonly chainId: number;
  /** The token contract's address. */
  readonly contract: string;
  /** How many decimal digits an amount of it has, as the node says. */
  readonly decimals: number;
}

/** What an action costs, and how a node is paid. */
export interface PaymentTerms {
  /** The action. */
  readonly action: string;
  /** Its price in USDC, a decimal string such as `5.00`. */
  readonly priceUsdc: string;
  /** Where the tokens go; null where the node takes none. */
  readonly evmAddress: string | null;
  /** The tokens that are taken: any one of them will do. */
  readonly acceptedTokens: readonly AcceptedToken[];
  /** How many blocks must follow the transaction's. */
  readonly requiredConfirmations: number;
  /** For how many seconds a receipt serves. */
  readonly receiptValiditySec: number;
}

/** A token transfer that was sent on chain. */
export interface Payment {
  /** The transaction's hash. */
  readonly txHash: string;
  /** The address that the tokens were sent from. */
  readonly payer: string;
}

/** What {@link AncpClient.pay} takes: a payment, and the action that it is for. */
export interface PayRequest extends Payment {
  /** The action. */
  readonly action: string;
}

/** What a payment has bought. Whoever holds its id can use it until it expires. */
export interface PaymentReceipt {
  /** What a call shows as `receiptId`. */
  readonly receiptId: string;
  /** The action that it serves. */
  readonly action: string;
  /** The transaction that bought it. */
  readonly txHash: string;
  /** Who paid. */
  readonly payer: string;
  /** What was paid in USDC, a decimal string. */
  readonly amountUsdc: string;
  /** Until when it serves, RFC 3339. */
  readonly expiresAt: string;
  /** The node's signature. */
  readonly signature: string;
}

/** What an action costs. */
export interface ActionPrice {
  /** The action. */
  readonly action: string;
  /** Its price in USDC, a decimal string. */
  readonly priceUsdc: string;
  /** For how many seconds a receipt serves. */
  readonly receiptValiditySec: number;
}

/** The answer to {@link AncpClient.getPaymentInfo}. */
export interface PaymentInfo {
  /** Where the tokens go; null where the node takes none. */
  readonly evmAddress: string | null;
  /** The tokens that are taken. */
  readonly acceptedTokens: readonly AcceptedToken[];
  /** How many blocks must follow a payment's. */
  readonly requiredConfirmations: number;
  /** What actions cost; others are free. */
  readonly prices: readonly ActionPrice[];
}

/**
 * Why a node refused a payment or a receipt:
 *
 * - `unknown_transaction`: it knows no such transaction;
 * - `unconfirmed`: too few blocks follow the transaction's yet (retryable);
 * - `reverted`: the transaction failed on chain;
 * - `wrong_chain`, `wrong_token`, `wrong_recipient`, `wrong_payer`: it is not the transfer that was asked for;
 * - `insufficient_amount`: the tokens are fewer than the price;
 * - `already_used`: the transaction has bought a receipt already;
 * - `receipt_unknown`, `receipt_mismatch`, `receipt_expired`: the call's receipt is unknown, of another action, or out
 *   of date.
 */
export type PaymentReason =
  | 'unknown_transaction'
  | 'unconfirmed'
  | 'reverted'
  | 'wrong_chain'
  | 'wrong_token'
  | 'wrong_recipient'
  | 'wrong_payer'
  | 'insufficient_amount'
  | 'already_used'
  | 'receipt_unknown'
  | 'receipt_mismatch'
  | 'receipt_expired'
  | (string & {});
