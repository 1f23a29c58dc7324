use serde::{Deserialize, Serialize};

use crate::json::Json;
use crate::payment::{Pay, Payer, Payment};
use crate::platform::{BoxFuture, MaybeSend, MaybeSync};
use crate::{Error, ErrorCode, Result};

/// What an action costs, and how a node is paid.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PaymentTerms {
    /// The action.
    pub action: String,
    /// Its price in USDC, a decimal string such as `5.00`.
    pub price_usdc: String,
    /// Where the tokens go; null where the node takes none.
    #[serde(default)]
    pub evm_address: Option<String>,
    /// The tokens that are taken: any one of them will do.
    #[serde(default)]
    pub accepted_tokens: Vec<AcceptedToken>,
    /// How many blocks must follow the transaction's.
    #[serde(default)]
    pub required_confirmations: u32,
    /// For how many seconds a receipt serves.
    #[serde(default)]
    pub receipt_validity_sec: u64,
}

/// A token that a node is paid in.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AcceptedToken {
    /// Such as `USDC`.
    pub symbol: String,
    /// The chain's number.
    pub chain_id: u64,
    /// The token contract's address.
    pub contract: String,
    /// How many decimal digits an amount of it has, as the node says.
    pub decimals: u8,
}

/// The answer to `payment_info`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PaymentInfo {
    /// Where the tokens go; null where the node takes none.
    #[serde(default)]
    pub evm_address: Option<String>,
    /// The tokens that are taken.
    #[serde(default)]
    pub accepted_tokens: Vec<AcceptedToken>,
    /// How many blocks must follow a payment's.
    #[serde(default)]
    pub required_confirmations: u32,
    /// What actions cost; others are free.
    #[serde(default)]
    pub prices: Vec<ActionPrice>,
}

/// What an action costs.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ActionPrice {
    /// The action.
    pub action: String,
    /// Its price in USDC, a decimal string.
    pub price_usdc: String,
    /// For how many seconds a receipt serves.
    #[serde(default)]
    pub receipt_validity_sec: u64,
}

/// The answer to `pay`: what a payment has bought. Whoever holds its id can use it until it expires.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Receipt {
    /// What a call shows: [`CallOptions::receipt_id`](crate::CallOptions::receipt_id).
    pub receipt_id: String,
    /// The action that it serves.
    pub action: String,
    /// The transaction that bought it.
    pub tx_hash: String,
    /// Who paid.
    pub payer: String,
    /// What was paid in USDC, a decimal string.
    pub amount_usdc: String,
    /// Until when it serves, RFC 3339.
    pub expires_at: String,
    /// The node's signature.
    #[serde(default)]
    pub signature: String,
}

/// The payload of `ancp.pay`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PayRequest<'a> {
    pub(super) action: &'a str,
    pub(super) tx_hash: &'a str,
    pub(super) payer: &'a str,
}

impl Error {
    /// Price and terms, where the call failed because it must be paid.
    ///
    /// ```no_run
    /// # async fn example(client: ancp_core::AncpClient) {
    /// # use serde_json::{Value, json};
    /// let call = client.invoke::<Value>("run-payroll", &json!({"month": "2026-03"}));
    /// if let Err(error) = call.await
    ///     && let Some(terms) = error.payment()
    /// {
    ///     println!("{} costs {} USDC", terms.action, terms.price_usdc);
    /// }
    /// # }
    /// ```
    pub fn payment(&self) -> Option<PaymentTerms> {
        let required = self.code() == &ErrorCode::PaymentRequired;
        self.details().filter(|_| required)?.to().ok()
    }
}

impl Payer {
    /// A payer that asks a function for each payment: it sends the token transfer that the terms ask for, and gives
    /// its hash and the address that it came from as soon as it is sent; waiting for confirmations is the client's.
    ///
    /// The function runs to its end also where the call that needs the payment has been given up: what it answers
    /// serves the next call. It is not told of that: where it asks a user, it sees to a time-out of its own. An error
    /// from it means that nothing was sent.
    ///
    /// ```
    /// use ancp_core::{AncpClient, Payer, Payment};
    /// # async fn transfer_usdc(to: &str, amount: &str) -> std::io::Result<String> { unimplemented!() }
    /// const WALLET: &str = "0x52908400098527886E0F7030069857D2E4169EE7";
    /// let payer = Payer::new(|terms| async move {
    ///     let to = terms.evm_address.ok_or_else(|| std::io::Error::other("nowhere to pay to"))?;
    ///     let tx_hash = transfer_usdc(&to, &terms.price_usdc).await?;
    ///     std::io::Result::Ok(Payment { tx_hash, payer: WALLET.into() })
    /// });
    /// let client = AncpClient::builder()
    ///     .base_url("https://api.example.com")
    ///     .node_id(42)
    ///     .payer(payer.max_per_call("5.00").max_total("50.00"))
    ///     .build()?;
    /// # Ok::<(), ancp_core::Error>(())
    /// ```
    pub fn new<F, Fut, E>(pay: F) -> Self
    where
        F: Fn(PaymentTerms) -> Fut + MaybeSend + MaybeSync + 'static,
        Fut: Future<Output = Result<Payment, E>> + MaybeSend + 'static,
        E: core::error::Error + Send + Sync + 'static,
    {
        Self::over(Function(pay))
    }
}

struct Function<F>(F);

impl<F, Fut, E> Pay for Function<F>
where
    F: Fn(PaymentTerms) -> Fut + MaybeSend + MaybeSync + 'static,
    Fut: Future<Output = Result<Payment, E>> + MaybeSend + 'static,
    E: core::error::Error + Send + Sync + 'static,
{
    fn pay(&self, terms: Json) -> (u32, BoxFuture<'static, Result<Payment>>) {
        let payment = terms.to().map(&self.0);
        let failed = |why| Error::new(ErrorCode::PaymentRequired, why);
        let answer = async move {
            match payment {
                Ok(payment) => payment
                    .await
                    .map_err(|error| failed("the payer failed").with_source(error)),
                Err(error) => Err(failed("the node's terms can't be read").with_source(error)),
            }
        };
        (0, Box::pin(answer))
    }
}
