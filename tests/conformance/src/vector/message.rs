use serde::Deserialize;
use serde_json::{Map, Value};

/// A text, and what a reader makes of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MessageVector {
    /// Its name, unique in its file.
    pub name: String,
    /// The rule, with the section of the contract.
    pub why: String,
    /// The text itself in the envelope encoding. `{{nest:N}}` stands for N arrays in each other.
    #[serde(default)]
    pub envelope: Option<String>,
    /// The text itself in the flat encoding.
    #[serde(default)]
    pub flat: Option<String>,
    /// Where there is neither: changes to the contract's example, by JSON pointers into its flat encoding. It is then
    /// read in both encodings.
    #[serde(default)]
    pub set: Map<String, Value>,
    /// What is taken out of the example, after `set`.
    #[serde(default)]
    pub remove: Vec<String>,
    /// What comes of it.
    pub outcome: MessageOutcome,
}

/// What a reader makes of a text.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MessageOutcome {
    /// It is refused with this code.
    pub error: Option<String>,
    /// It is read. These parts of its flat encoding, by JSON pointers, are as given.
    #[serde(default)]
    pub read: Map<String, Value>,
    /// It is read, and this is the text of its payload.
    pub payload_text: Option<String>,
    /// It is not written again: the other encoding nests deeper.
    #[serde(default)]
    pub one_way: bool,
}
