//! What a transaction pays, by its ERC-20 `Transfer` logs.

use alloy_primitives::{Address, Log, U256};
use alloy_sol_types::SolEvent;

use super::amount;
use super::refusal::Refusal;
use super::terms::AcceptedToken;

mod erc20 {
    #![allow(missing_docs, unreachable_pub)]
    alloy_sol_types::sol! {
        event Transfer(address indexed from, address indexed to, uint256 value);
    }
}
pub(crate) use erc20::Transfer;

/// Who has to pay whom how much.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Due<'a> {
    pub(crate) payer: Address,
    pub(crate) payee: Address,
    /// A decimal number.
    pub(crate) price: &'a str,
}

impl Due<'_> {
    /// The amount paid, as a decimal number: the sum of what one transaction transferred from the
    /// payer to the payee in one of the accepted tokens.
    ///
    /// Where it is not enough, the refusal is that of the token that came nearest.
    pub(crate) fn paid_by<'t>(
        &self,
        logs: &[Log],
        accepted: impl Iterator<Item = &'t AcceptedToken>,
    ) -> Result<String, Refusal> {
        let transfers: Vec<Log<Transfer>> = logs
            .iter()
            .filter_map(|log| Transfer::decode_log_validate(log).ok())
            .collect();
        let mut nearest = Refusal::WrongToken;
        for token in accepted {
            match self.paid_in(token, &transfers) {
                Ok(amount) => return Ok(amount),
                Err(refusal) if nearness(&refusal) > nearness(&nearest) => nearest = refusal,
                Err(_) => {}
            }
        }
        Err(nearest)
    }

    fn paid_in(
        &self,
        token: &AcceptedToken,
        transfers: &[Log<Transfer>],
    ) -> Result<String, Refusal> {
        let of_token = transfers.iter().filter(|log| log.address == token.contract);
        let mut of_token = of_token.map(|log| &log.data).peekable();
        of_token.peek().ok_or(Refusal::WrongToken)?;
        let mut to_payee = of_token.filter(|log| log.to == self.payee).peekable();
        to_payee.peek().ok_or(Refusal::WrongRecipient)?;
        // What the node moves to itself pays nothing.
        let mut ours = to_payee
            .filter(|log| log.from == self.payer && log.from != self.payee)
            .peekable();
        ours.peek().ok_or(Refusal::WrongPayer)?;
        let paid = ours.fold(U256::ZERO, |sum, log| sum.saturating_add(log.value));
        let amount = amount::to_decimal(paid, token.decimals);
        match amount::to_units(self.price, token.decimals) {
            Ok(price) if paid >= price => Ok(amount),
            // A price that the token can't express is refused when the node is built.
            _ => Err(Refusal::InsufficientAmount {
                paid: amount,
                price: self.price.to_owned(),
            }),
        }
    }
}

fn nearness(refusal: &Refusal) -> u8 {
    match refusal {
        Refusal::InsufficientAmount { .. } => 3,
        Refusal::WrongPayer => 2,
        Refusal::WrongRecipient => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use alloy_primitives::{B256, Bytes, LogData};
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const USDC: Address = Address::repeat_byte(0xcc);
    const DAI: Address = Address::repeat_byte(0xda);
    const NODE: Address = Address::repeat_byte(0xee);
    const ADA: Address = Address::repeat_byte(0xaa);
    const BOB: Address = Address::repeat_byte(0xbb);

    fn token(contract: Address, decimals: u8) -> AcceptedToken {
        AcceptedToken {
            symbol: "T".into(),
            chain_id: 1,
            contract,
            decimals,
        }
    }

    fn log(token: Address, from: Address, to: Address, units: u64) -> Log {
        let value = U256::from(units);
        let data = Transfer { from, to, value }.encode_log_data();
        Log {
            address: token,
            data,
        }
    }

    fn paid(logs: &[Log]) -> Result<String, Refusal> {
        let due = Due {
            payer: ADA,
            payee: NODE,
            price: "5.00",
        };
        due.paid_by(logs, [token(USDC, 6), token(DAI, 3)].iter())
    }

    #[test]
    fn the_nearest_refusal_is_told() {
        let insufficient = |paid: &str| Refusal::InsufficientAmount {
            paid: paid.into(),
            price: "5.00".into(),
        };
        let other_token = log(BOB, ADA, NODE, 5_000_000);
        let other_payee = log(USDC, ADA, BOB, 5_000_000);
        let other_payer = log(USDC, BOB, NODE, 5_000_000);
        let to_itself = log(USDC, NODE, NODE, 5_000_000);
        let too_little = log(USDC, ADA, NODE, 4_999_999);
        for (logs, expected) in [
            (vec![], Refusal::WrongToken),
            (vec![&other_token], Refusal::WrongToken),
            (vec![&other_payee, &other_token], Refusal::WrongRecipient),
            (vec![&other_payer, &other_payee], Refusal::WrongPayer),
            (vec![&to_itself], Refusal::WrongPayer),
            (vec![&too_little, &other_payer], insufficient("4.999999")),
        ] {
            let logs: Vec<Log> = logs.into_iter().cloned().collect();
            assert_eq!(paid(&logs), Err(expected), "{logs:?}");
        }
    }

    #[test]
    fn transfers_of_one_token_add_up() {
        let half = log(USDC, ADA, NODE, 2_500_000);
        assert_eq!(paid(&[half.clone(), half.clone()]).unwrap(), "5.00");
        // Half in each of two tokens is too little of both.
        let other_half = log(DAI, ADA, NODE, 2_500);
        assert!(paid(&[half, other_half]).is_err());
        // The other token counts by its own decimals.
        assert_eq!(paid(&[log(DAI, ADA, NODE, 6_000)]).unwrap(), "6.00");
        let all = log(USDC, ADA, NODE, 0).data;
        let most = Log {
            address: USDC,
            data: LogData::new_unchecked(all.topics().to_vec(), U256::MAX.to_be_bytes_vec().into()),
        };
        assert!(paid(&[most.clone(), most]).is_ok());
    }

    #[test]
    fn payer_of_the_node_itself_pays_nothing() {
        let due = Due {
            payer: NODE,
            payee: NODE,
            price: "5.00",
        };
        let to_itself = log(USDC, NODE, NODE, 5_000_000);
        let refusal = due.paid_by(&[to_itself], [token(USDC, 6)].iter());
        assert_eq!(refusal, Err(Refusal::WrongPayer));
    }

    #[test]
    fn other_events_do_not_count() {
        let good = log(USDC, ADA, NODE, 5_000_000);
        let mut approval = good.clone();
        approval.data.topics_mut()[0] = B256::repeat_byte(1);
        // ERC-721 has the same signature, with the id as a fourth topic.
        let mut of_nft = good.data.topics().to_vec();
        of_nft.push(B256::with_last_byte(9));
        let nft = Log {
            address: USDC,
            data: LogData::new_unchecked(of_nft, Bytes::new()),
        };
        let mut short = good.clone();
        short.data.data = short.data.data.slice(..31);
        // An address has 20 bytes; the rest of its topic must be zero.
        let mut dirty = good;
        dirty.data.topics_mut()[1].0[0] = 1;
        for log in [approval, nft, short, dirty] {
            assert_eq!(paid(&[log]), Err(Refusal::WrongToken));
        }
    }

    proptest! {
        /// Only what is really a transfer of enough from the payer to the node pays.
        #[test]
        fn any_log_is_judged(
            topics in vec(any::<[u8; 32]>(), 0..6),
            data in vec(any::<u8>(), 0..100),
            like_a_transfer: bool,
        ) {
            let mut topics: Vec<B256> = topics.into_iter().map(B256::from).collect();
            if like_a_transfer && let Some(first) = topics.first_mut() {
                *first = Transfer::SIGNATURE_HASH;
            }
            let data = LogData::new_unchecked(topics, data.into());
            let refused = paid(&[Log { address: USDC, data }]);
            prop_assert!(refused.is_err());
        }
    }
}
