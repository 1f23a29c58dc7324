//! Checks when a node is built: nobody may pay and not get what they paid for.

use std::fmt::Display;

use super::amount;
use super::chain::Chain;
use super::offer::Offer;
use super::terms::AcceptedToken;
use crate::action::Action;
use crate::builder::BuildError;

/// Places of a price where no token says how many there can be: those of ether, and some more.
const MOST_PLACES: u8 = 36;

pub(crate) fn check_offer(offer: &Offer, chains: &[Box<dyn Chain>]) -> Result<(), BuildError> {
    for (place, chain) in chains.iter().enumerate() {
        let mut earlier = chains.iter().take(place);
        if earlier.any(|other| other.id() == chain.id()) {
            return Err(BuildError::new(format!("chain {} twice", chain.id())));
        }
    }
    let tokens = &offer.terms.accepted_tokens;
    for (place, token) in tokens.iter().enumerate() {
        let refuse = |why: &str| {
            let what = format!("token {} on chain {}", token.symbol, token.chain_id);
            Err(BuildError::new(format!("{what}: {why}")))
        };
        if offer.payee.is_none() {
            return refuse("the profile needs an evmAddress (0x and 40 digits) to be paid at");
        }
        if !chains.iter().any(|chain| chain.id() == token.chain_id) {
            return refuse("without the chain's RPC URL no payment can be verified");
        }
        let same = |other: &AcceptedToken| {
            (other.chain_id, other.contract) == (token.chain_id, token.contract)
        };
        if tokens.iter().take(place).any(same) {
            return refuse("accepted twice");
        }
    }
    Ok(())
}

pub(crate) fn check_price(action: &Action, tokens: &[AcceptedToken]) -> Result<(), BuildError> {
    let Some(price) = &action.price_usdc else {
        return Ok(());
    };
    let refuse = |why: &dyn Display| {
        let what = format!("action `{}`: price `{price}`", action.name);
        Err(BuildError::new(format!("{what}: {why}")))
    };
    let places = tokens.iter().map(|token| token.decimals);
    for places in places.chain(tokens.is_empty().then_some(MOST_PLACES)) {
        match amount::to_units(price, places) {
            Ok(units) if units.is_zero() => return refuse(&"must be more than 0"),
            Ok(_) => {}
            Err(error) => return refuse(&error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use alloy_primitives::Address;

    use super::*;
    use crate::payment::{FakeChain, PaymentTerms};

    fn token(chain_id: u64, decimals: u8) -> AcceptedToken {
        AcceptedToken {
            symbol: "USDC".into(),
            chain_id,
            contract: Address::repeat_byte(1),
            decimals,
        }
    }

    fn offer(tokens: Vec<AcceptedToken>, payee: Option<Address>, chains: &[u64]) -> String {
        let terms = PaymentTerms {
            accepted_tokens: tokens,
            ..PaymentTerms::default()
        };
        let chains = chains
            .iter()
            .map(|id| Box::new(FakeChain::new(*id)) as Box<dyn Chain>);
        let chains: Vec<_> = chains.collect();
        let checked = check_offer(&Offer { payee, terms }, &chains);
        checked
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    }

    #[test]
    fn offers_that_nobody_could_take_up() {
        let payee = Some(Address::repeat_byte(2));
        assert_eq!(offer(vec![], None, &[]), "");
        assert_eq!(offer(vec![token(1, 6), token(2, 6)], payee, &[1, 2, 3]), "");
        for (tokens, payee, chains, expected) in [
            (vec![], None, vec![1, 1], "chain 1 twice"),
            (
                vec![token(1, 6)],
                None,
                vec![1],
                "token USDC on chain 1: the profile needs an evmAddress",
            ),
            (
                vec![token(1, 6)],
                payee,
                vec![2],
                "token USDC on chain 1: without the chain's RPC URL",
            ),
            (
                vec![token(1, 6), token(1, 6)],
                payee,
                vec![1],
                "token USDC on chain 1: accepted twice",
            ),
        ] {
            let error = offer(tokens, payee, &chains);
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[test]
    fn prices_that_nobody_could_pay() {
        let price = |price: &str, tokens: &[AcceptedToken]| {
            let checked = check_price(&Action::new("dear").price_usdc(price), tokens);
            checked
                .err()
                .map(|error| error.to_string())
                .unwrap_or_default()
        };
        assert_eq!(price("5.00", &[]), "");
        assert_eq!(price("0.000001", &[token(1, 6)]), "");
        for (amount, tokens, expected) in [
            (
                "free",
                vec![],
                "action `dear`: price `free`: not a decimal number",
            ),
            ("0.00", vec![], "must be more than 0"),
            (
                "0.0000001",
                vec![token(1, 18), token(2, 6)],
                "more decimal places than the token has",
            ),
        ] {
            let error = price(amount, &tokens);
            assert!(error.contains(expected), "{error}");
        }
    }
}
