//! What the node sells, and the transactions that vectors pay with.

use std::collections::BTreeMap;

use ancp_mock_node::{
    AcceptedToken, Action, ActionContext, Address, B256, FakeChain, Json, NodeBuilder,
    PaymentTerms, U256,
};

const USDC: Address = Address::repeat_byte(0xcc);
const NODE: Address = Address::repeat_byte(0xee);
const PAYER: Address = Address::repeat_byte(0xaa);

/// A chain that the node takes USDC on, and one that it knows and takes nothing on.
pub(crate) struct Shop {
    chain: FakeChain,
    elsewhere: FakeChain,
    transactions: BTreeMap<&'static str, B256>,
}

impl Shop {
    pub(crate) fn new() -> Self {
        let (chain, elsewhere) = (FakeChain::new(8453), FakeChain::new(1));
        let stranger = Address::repeat_byte(0x99);
        let price = U256::from(5_000_000);
        let less = U256::from(4_999_999);
        let mut transactions = BTreeMap::from([
            ("paid", chain.transfer(USDC, PAYER, NODE, price)),
            ("more", chain.transfer(USDC, PAYER, NODE, price + less)),
            ("too-little", chain.transfer(USDC, PAYER, NODE, less)),
            ("other-token", chain.transfer(stranger, PAYER, NODE, price)),
            ("other-payee", chain.transfer(USDC, PAYER, stranger, price)),
            ("other-payer", chain.transfer(USDC, stranger, NODE, price)),
            ("reverted", chain.reverted()),
            ("elsewhere", elsewhere.transfer(USDC, PAYER, NODE, price)),
        ]);
        chain.mine(1);
        elsewhere.mine(3);
        let young = chain.transfer(USDC, PAYER, NODE, price);
        chain.mine(2);
        let waiting = chain.transfer(USDC, PAYER, NODE, price);
        transactions.extend([("young", young), ("waiting", waiting)]);
        Self {
            chain,
            elsewhere,
            transactions,
        }
    }

    /// Lets the node sell `priced` and `dear`.
    pub(crate) fn open(&self, builder: NodeBuilder) -> NodeBuilder {
        let usdc = AcceptedToken {
            symbol: "USDC".into(),
            chain_id: 8453,
            contract: USDC,
            decimals: 6,
        };
        let priced = |name: &str, price: &str| Action::new(name).price_usdc(price);
        builder
            .evm_address(NODE)
            .chain(self.chain.clone())
            .chain(self.elsewhere.clone())
            .payment_terms(PaymentTerms {
                accepted_tokens: vec![usdc],
                ..PaymentTerms::default()
            })
            .on_invoke(priced("priced", "5.00"), echo)
            .on_invoke(priced("dear", "7.50"), echo)
    }

    /// Replaces `{{tx:name}}` by the transaction's hash.
    pub(crate) fn fill(&self, text: &str) -> String {
        self.transactions
            .iter()
            .fold(text.to_owned(), |text, (name, hash)| {
                text.replace(&format!("{{{{tx:{name}}}}}"), &hash.to_string())
            })
    }
}

async fn echo(context: ActionContext) -> Result<Json, ancp_mock_node::Failure> {
    Ok(context.payload)
}
