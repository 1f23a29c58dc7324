use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use bytestring::ByteString;

use super::CapturedCall;
use crate::json::Json;
use crate::json::write::integer;
use crate::message::timestamp;
use crate::{Error, ErrorCode, Result};

/// How a fake node is paid.
const TERMS: &str = r#""evmAddress":"0x000000000000000000000000000000000000fa4e","acceptedTokens":[{"symbol":"USDC","chainId":31337,"contract":"0x00000000000000000000000000000000000005dc","decimals":6}],"requiredConfirmations":1"#;
const VALIDITY_SEC: u64 = 300;

/// What the actions of a fake node cost, and the receipts that it has given. Every transaction buys one receipt.
#[derive(Default)]
pub(super) struct Prices {
    usdc: BTreeMap<String, String>,
    /// The action and the transaction of each receipt.
    receipts: Vec<(ByteString, ByteString)>,
}

impl Prices {
    pub(super) fn set(&mut self, action: &str, usdc: &str) {
        self.usdc.insert(action.into(), usdc.into());
    }

    /// As JSON: null where the action is free.
    pub(super) fn of(&self, action: &str) -> Json {
        let price = self.usdc.get(action);
        price.map_or_else(Json::null, |price| Json::string(price))
    }

    /// # Errors
    /// `payment_required` where the call has a price, and no receipt for it.
    pub(super) fn check(&self, call: &CapturedCall) -> Result<()> {
        if !self.usdc.contains_key(&*call.action) {
            return Ok(());
        }
        let mut receipts = self.receipts.iter().zip(1..);
        let reason = match &call.receipt_id {
            None => None,
            Some(id) => match receipts.find(|(_, number)| receipt_id(*number) == **id) {
                Some(((action, _), _)) if *action == call.action => return Ok(()),
                Some(_) => Some("receipt_mismatch"),
                None => Some("receipt_unknown"),
            },
        };
        let reason = reason.map(|reason| [r#","reason":""#, reason, "\""].concat());
        let details = [
            "{",
            &self.price(&call.action),
            ",",
            TERMS,
            reason.as_deref().unwrap_or_default(),
            "}",
        ];
        Err(required("the action must be paid", details.concat()))
    }

    /// The answer to `ancp.payment-info`.
    pub(super) fn info(&self) -> String {
        let prices: Vec<String> = self
            .usdc
            .keys()
            .map(|action| ["{", &self.price(action), "}"].concat())
            .collect();
        ["{", TERMS, r#","prices":["#, &prices.join(","), "]}"].concat()
    }

    /// The answer to `ancp.pay`.
    ///
    /// # Errors
    /// `invalid_payload` for an action without a price, `payment_required` for a transaction that is used up.
    pub(super) fn pay(&mut self, request: &Json, unix_millis: u64) -> Result<String> {
        let field = |name| request.get(name).and_then(|value| value.text());
        let action = field("action").unwrap_or_default();
        let tx_hash = field("txHash").unwrap_or_default();
        let Some(usdc) = self.usdc.get(&*action) else {
            return Err(Error::new(
                ErrorCode::InvalidPayload,
                "the action has no price",
            ));
        };
        if self.receipts.iter().any(|(_, used)| *used == tx_hash) {
            let details = r#"{"reason":"already_used"}"#;
            return Err(required("the transaction is used up", details.into()));
        }
        self.receipts.push((action.clone(), tx_hash.clone()));
        let expires_at = timestamp::from_unix_millis(unix_millis + VALIDITY_SEC * 1000);
        let payer = field("payer").unwrap_or_default();
        let fields = [
            ("receiptId", &*receipt_id(self.receipts.len())),
            ("action", &action),
            ("txHash", &tx_hash),
            ("payer", &payer),
            ("amountUsdc", usdc),
            ("expiresAt", &expires_at),
            ("signature", "fake"),
        ];
        let fields =
            fields.map(|(name, value)| ["\"", name, "\":", Json::string(value).as_str()].concat());
        Ok(["{", &fields.join(","), "}"].concat())
    }

    fn price(&self, action: &str) -> String {
        [
            r#""action":"#,
            Json::string(action).as_str(),
            r#","priceUsdc":"#,
            self.of(action).as_str(),
            r#","receiptValiditySec":"#,
            &integer(VALIDITY_SEC),
        ]
        .concat()
    }
}

fn receipt_id(number: usize) -> String {
    ["receipt-", &integer(number as u64)].concat()
}

fn required(message: &str, details: String) -> Error {
    let error = Error::new(ErrorCode::PaymentRequired, message);
    match Json::parse(details) {
        Ok(details) => error.with_details(details),
        Err(_) => error,
    }
}
