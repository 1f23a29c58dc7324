use super::Amount;

/// What a client may spend, and what it has spent.
pub(crate) struct Purse {
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

    /// Takes a price out, before it is paid: calls at the same time can't spend the same money.
    ///
    /// # Errors
    /// Why it must not be paid.
    pub(crate) fn take(&mut self, price: &str) -> Result<Amount, &'static str> {
        let price = Amount::parse(price).ok_or("the price is no decimal number")?;
        if price > self.max_per_call {
            return Err("the price is above the payer's maxPerCall");
        }
        match self.spent.checked_add(price) {
            Some(spent) if spent <= self.max_total => {
                self.spent = spent;
                Ok(price)
            }
            _ => Err("with the price, the payer's maxTotal would be passed"),
        }
    }

    /// Puts back what was not paid.
    pub(crate) fn put_back(&mut self, price: Amount) {
        self.spent = self.spent - price;
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
        assert!(purse.take("1.000000000000000001").is_err());
        let price = purse.take("1").unwrap();
        assert!(purse.take("1.0").is_ok());
        assert!(purse.take("0.500001").is_err());
        assert!(purse.take("0.5").is_ok());
        assert!(purse.take("0.000001").is_err());
        purse.put_back(price);
        assert!(purse.take("1").is_ok());
        assert!(purse.take("one").is_err());
    }

    proptest! {
        #[test]
        fn no_more_is_ever_spent_than_the_total(prices in prop::collection::vec((0..200_u32, any::<bool>()), 0..50)) {
            let mut purse = Purse::new(amount("1.50"), amount("10"));
            let mut spent = 0;
            for (cents, fails) in prices {
                if let Ok(price) = purse.take(&format!("{}.{:02}", cents / 100, cents % 100)) {
                    prop_assert!(cents <= 150);
                    spent += cents;
                    prop_assert!(spent <= 1000);
                    if fails {
                        purse.put_back(price);
                        spent -= cents;
                    }
                } else {
                    prop_assert!(cents > 150 || spent + cents > 1000);
                }
            }
        }
    }
}
