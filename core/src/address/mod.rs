//! How callers name nodes, and where those are reached.

mod endpoint;
mod node_address;
mod url;

pub use endpoint::Endpoint;
pub(crate) use endpoint::below;
pub use node_address::{AddressMode, NodeAddress};
pub use url::HttpUrl;
pub(crate) use url::{Origin, is_secure, normal, origin_of};
