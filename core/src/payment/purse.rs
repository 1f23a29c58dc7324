use super::Amount;

/// What a client may spend, and what it has spent.
pub(crate) struct Purse {
    /// For all that one call of the user's makes it pay, at however many nodes.
    max_per_call: Amount,
    max_total: Amount,
    /// Including what is being paid right now.
    spent: Amount,
}

impl Purse {
    pub(crate) fn new(max_per_call: Amount, max_total: Amount) -> Self {
        Self {
            max_per_call,
            max_total,
            spent: Amount::default(),
        }
    }

    /// Takes a price out, before it is paid: calls at the same time can't spend the same money. `by_call` is what
    /// the call has spent before.
    ///
    /// # Errors
    /// Why it must not be paid.
    pub(crate) fn take(&mut self, price: Amount, by_call: &mut Amount) -> Result<(), &'static str> {
        if price > self.max_per_call {
            return Err("the price is above the payer's maxPerCall");
        }
        let of_call = by_call.checked_add(price);
        let Some(of_call) = of_call.filter(|spent| *spent <= self.max_per_call) else {
            return Err(
                "with what the call has paid at other nodes, the price is above the payer's maxPerCall",
            );
        };
        match self.spent.checked_add(price) {
            Some(spent) if spent <= self.max_total => {
                self.spent = spent;
                *by_call = of_call;
                Ok(())
            }
            _ => Err("with the price, the payer's maxTotal would be passed"),
        }
    }

    /// Puts back what was not paid.
    pub(crate) fn put_back(&mut self, price: Amount, by_call: &mut Amount) {
        self.spent = self.spent - price;
        *by_call = *by_call - price;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn amount(text: &str) -> Amount {
        Amount::parse(text).unwrap()
    }

    #[test]
    fn caps_are_exact() {
        let mut purse = Purse::new(amount("1.00"), amount("2.5"));
        let take =
            |purse: &mut Purse, price| purse.take(amount(price), &mut Amount::default()).is_ok();
        assert!(!take(&mut purse, "1.000000000000000001"));
        assert!(take(&mut purse, "1"));
        assert!(take(&mut purse, "1.0"));
        assert!(!take(&mut purse, "0.500001"));
        assert!(take(&mut purse, "0.5"));
        assert!(!take(&mut purse, "0.000001"));
        purse.put_back(amount("1"), &mut Amount::default());
        assert!(take(&mut purse, "1"));
    }

    #[test]
    fn a_call_that_pays_often_has_one_cap() {
        let mut purse = Purse::new(amount("1.00"), amount("10"));
        let mut call = Amount::default();
        assert!(purse.take(amount("0.6"), &mut call).is_ok());
        assert!(purse.take(amount("0.5"), &mut call).is_err());
        assert!(purse.take(amount("0.4"), &mut call).is_ok());
        assert!(purse.take(amount("0.000001"), &mut call).is_err());
        purse.put_back(amount("0.6"), &mut call);
        assert!(purse.take(amount("0.6"), &mut call).is_ok());
        assert_eq!(purse.spent, amount("1"));
        assert!(purse.take(amount("1"), &mut Amount::default()).is_ok());
    }

    proptest! {
        #[test]
        fn no_more_is_ever_spent_than_the_total(prices in prop::collection::vec((0..200_u32, any::<bool>()), 0..50)) {
            let mut purse = Purse::new(amount("1.50"), amount("10"));
            let mut spent = 0;
            for (cents, fails) in prices {
                let price = amount(&format!("{}.{:02}", cents / 100, cents % 100));
                let mut call = Amount::default();
                if purse.take(price, &mut call).is_ok() {
                    prop_assert!(cents <= 150);
                    spent += cents;
                    prop_assert!(spent <= 1000);
                    if fails {
                        purse.put_back(price, &mut call);
                        spent -= cents;
                    }
                } else {
                    prop_assert!(cents > 150 || spent + cents > 1000);
                }
            }
        }
    }
}
