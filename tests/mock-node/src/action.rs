//! What a node tells about an action.

use ancp_core::Json;
use ancp_core::message::Pattern;

/// An action's name and description, as they stand in the discovery document. A name alone will do.
///
/// ```
/// use ancp_mock_node::Action;
/// let action = Action::new("run-payroll")
///     .description("Pays everybody")
///     .price_usdc("5.00");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) price_usdc: Option<String>,
    pub(crate) input_schema: Json,
    pub(crate) output_schema: Json,
    pub(crate) resumable: bool,
}

impl Action {
    /// An action without a description.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            description: None,
            price_usdc: None,
            input_schema: empty_schema(),
            output_schema: empty_schema(),
            resumable: true,
        }
    }

    /// Says what the action does.
    #[must_use]
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = Some(text.into());
        self
    }

    /// What a call costs, as a decimal number: calls are refused with `payment_required`.
    #[must_use]
    pub fn price_usdc(mut self, amount: impl Into<String>) -> Self {
        self.price_usdc = Some(amount.into());
        self
    }

    /// The JSON schema of the payload.
    #[must_use]
    pub fn input_schema(mut self, schema: Json) -> Self {
        self.input_schema = schema;
        self
    }

    /// The JSON schema of the result, or of a chunk.
    #[must_use]
    pub fn output_schema(mut self, schema: Json) -> Self {
        self.output_schema = schema;
        self
    }

    /// Whether a stream of this action can be resumed (the default).
    #[must_use]
    pub fn resumable(mut self, resumable: bool) -> Self {
        self.resumable = resumable;
        self
    }
}

impl From<&str> for Action {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl From<String> for Action {
    fn from(name: String) -> Self {
        Self::new(name)
    }
}

fn empty_schema() -> Json {
    // An object always parses.
    Json::parse("{}").unwrap_or_else(|_| Json::null())
}

/// An action together with the pattern that it is registered under.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Registered {
    pub(crate) action: Action,
    pub(crate) pattern: Pattern,
}
