use alloc::string::String;

use bytestring::ByteString;

use super::Amount;
use crate::json::Json;
use crate::text::number;

/// What a payer is told of a 402's details: what was read of them, written anew.
///
/// A node's own text never reaches a payer. One that names a price twice is read in one way here and in another by
/// who parses it next, and a cap would hold for the one price while the other is paid.
pub(crate) struct Terms {
    pub(crate) price: Amount,
    /// Where the tokens go.
    pub(crate) payee: Option<ByteString>,
    pub(crate) json: Json,
}

impl Terms {
    /// Reads the details of a 402 that answers a call of this action.
    ///
    /// # Errors
    /// Why it must not be paid.
    #[inline(never)]
    pub(crate) fn read(details: &Json, action: &str) -> Result<Self, &'static str> {
        let text = |name| details.get(name).and_then(|value| value.text());
        if text("action").is_some_and(|named| named != action) {
            return Err("the node names the price of another action");
        }
        let price_usdc = text("priceUsdc").unwrap_or_default();
        let price = Amount::parse(&price_usdc).ok_or("the price is no decimal number")?;
        let payee = text("evmAddress");
        let address = payee.as_deref().map_or_else(Json::null, Json::string);
        let tokens = details.get("acceptedTokens");
        let tokens = tokens.map(|tokens| tokens.elements()).unwrap_or_default();
        let tokens = tokens.iter().filter_map(token);
        let count = |name| Json::integer(integer(details, name).unwrap_or_default());
        let json = object(&[
            ("action", Json::string(action)),
            ("priceUsdc", Json::string(&price_usdc)),
            ("evmAddress", address),
            ("acceptedTokens", array(tokens)),
            ("requiredConfirmations", count("requiredConfirmations")),
            ("receiptValiditySec", count("receiptValiditySec")),
        ]);
        Ok(Self { price, payee, json })
    }
}

/// A token that is taken; nothing where it is not fully told.
fn token(token: &Json) -> Option<Json> {
    let text = |name| Some(Json::string(&token.get(name)?.text()?));
    let decimals = integer(token, "decimals").filter(|decimals| *decimals <= u8::MAX.into())?;
    Some(object(&[
        ("symbol", text("symbol")?),
        ("chainId", Json::integer(integer(token, "chainId")?)),
        ("contract", text("contract")?),
        ("decimals", Json::integer(decimals)),
    ]))
}

fn integer(object: &Json, name: &str) -> Option<u64> {
    number(object.get(name)?.as_str().as_bytes())
}

/// An object of fields whose names need no escapes.
pub(crate) fn object(fields: &[(&str, Json)]) -> Json {
    let mut json = String::from("{");
    for (at, (name, value)) in fields.iter().enumerate() {
        json.push_str(if at > 0 { ",\"" } else { "\"" });
        json.push_str(name);
        json.push_str("\":");
        json.push_str(value.as_str());
    }
    json.push('}');
    Json::from_scanned(json.into())
}

fn array(elements: impl Iterator<Item = Json>) -> Json {
    let mut json = String::from("[");
    for element in elements {
        if json.len() > 1 {
            json.push(',');
        }
        json.push_str(element.as_str());
    }
    json.push(']');
    Json::from_scanned(json.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(details: &'static str) -> Result<Terms, &'static str> {
        Terms::read(&Json::parse(details).unwrap(), "run")
    }

    #[test]
    fn a_payer_is_told_the_price_that_was_checked() {
        let terms = read(r#"{"priceUsdc":"0.01","priceUsdc":"1000000.00","x":{"a":1}}"#).unwrap();
        assert_eq!(Some(terms.price), Amount::parse("0.01"));
        assert_eq!(
            terms.json.as_str(),
            r#"{"action":"run","priceUsdc":"0.01","evmAddress":null,"acceptedTokens":[],"requiredConfirmations":0,"receiptValiditySec":0}"#
        );
    }

    #[test]
    fn terms_are_written_anew() {
        let whole = r#"{"action":"run","priceUsdc":"5.00","evmAddress":"0x\"1","acceptedTokens":[{"symbol":"USDC","chainId":8453,"contract":"0x2","decimals":6},{"symbol":"USDC","chainId":1,"contract":"0x3","decimals":18}],"requiredConfirmations":3,"receiptValiditySec":300}"#;
        let terms = read(whole).unwrap();
        assert_eq!(terms.json.as_str(), whole);
        assert_eq!(Json::parse(terms.json.as_str()).unwrap(), terms.json);
        assert_eq!(terms.payee.as_deref(), Some("0x\"1"));
        let odd = r#"{"priceUsdc":"5","evmAddress":7,"acceptedTokens":[null,{"symbol":"USDC"},{"symbol":"U","chainId":1.5,"contract":"c","decimals":6},{"symbol":"U","chainId":1,"contract":"c","decimals":256}],"requiredConfirmations":-1}"#;
        assert_eq!(
            read(odd).unwrap().json.as_str(),
            r#"{"action":"run","priceUsdc":"5","evmAddress":null,"acceptedTokens":[],"requiredConfirmations":0,"receiptValiditySec":0}"#
        );
    }

    #[test]
    fn what_has_no_price_for_the_action_is_not_paid() {
        for details in [
            "null",
            "[]",
            "{}",
            r#"{"priceUsdc":1}"#,
            r#"{"action":"other","priceUsdc":"1"}"#,
        ] {
            assert!(read(details).is_err(), "{details}");
        }
    }
}
