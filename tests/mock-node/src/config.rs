//! Several nodes from a TOML file.

use std::fmt;

use serde::Deserialize;

use crate::auth::{DidKey, DidOptions, DidWeb, JwtOptions, Role};
use crate::discovery::Profile;
use crate::limits::{LimitOverrides, Limits};
use crate::node::Node;
use crate::payment::PaymentConfig;
use crate::{BuildError, NodeBuilder, samples};

/// A server's nodes, as a TOML file has them. Names are written as in the wire contract.
///
/// ```
/// use ancp_mock_node::{Config, Limits};
/// let config = Config::parse(r#"
///     [[nodes]]
///     nodeId = 42
///     tenantId = 7
///     [[nodes.apiKeys]]
///     subject = "tests"
///     key = "bfk_secret123"
///     roles = ["invoke"]
/// "#)?;
/// let nodes = config.build(Limits::default())?;
/// assert_eq!(nodes.len(), 1);
/// # Ok::<(), ancp_mock_node::ConfigError>(())
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Config {
    /// The address to listen at.
    pub host: Option<String>,
    /// The port; 0 is a free one.
    pub port: Option<u16>,
    /// A path that everything is below.
    pub base_path: Option<String>,
    /// How clients name the server, where that is not its address: for the discovery document, and
    /// what DID proofs must be made for.
    pub base_url: Option<String>,
    /// The nodes. Their ids must differ, whatever their tenants: the paths know no tenant.
    pub nodes: Vec<NodeConfig>,
}

/// A node of a configuration file.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NodeConfig {
    /// The node's id.
    pub node_id: Id,
    /// The node's tenant.
    pub tenant_id: Id,
    /// What the node says of itself.
    #[serde(default)]
    pub profile: Profile,
    /// The API keys taken.
    #[serde(default)]
    pub api_keys: Vec<ApiKey>,
    /// The JWTs taken; none unless set.
    pub jwt: Option<JwtConfig>,
    /// The DID proofs taken; none unless set.
    pub did: Option<DidConfig>,
    /// The sample actions that the node has; all unless set.
    pub actions: Option<Vec<String>>,
    /// What actions cost in USDC.
    #[serde(default)]
    pub prices: std::collections::BTreeMap<String, String>,
    /// How the node is paid.
    #[serde(default)]
    pub payment: PaymentConfig,
    /// Whether streams can be resumed.
    #[serde(default = "yes")]
    pub stream_resume: bool,
    /// Whether tasks can be followed by events.
    #[serde(default = "yes")]
    pub task_events: bool,
    /// The node's limits, where they are not the usual ones.
    #[serde(default)]
    pub limits: LimitOverrides,
}

/// An id, as a number or as text.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Id {
    /// A number.
    Number(u64),
    /// A text.
    Text(String),
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

/// An API key of a configuration file.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApiKey {
    /// Whom the key stands for.
    pub subject: String,
    /// The key, or `sha256:` and its hash.
    pub key: String,
    /// What the caller may do.
    #[serde(default = "usual_roles")]
    pub roles: Vec<Role>,
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            subject,
            key: _,
            roles,
        } = self;
        let mut shown = f.debug_struct("ApiKey");
        shown.field("subject", subject).field("roles", roles);
        shown.finish_non_exhaustive()
    }
}

/// Which JWTs a node of a configuration file accepts.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JwtConfig {
    /// The public keys: a file with PEM or a JWKS, or the `https` URL of a JWKS.
    pub key: String,
    /// Whose tokens are taken (`iss`); anybody's unless set.
    pub issuer: Option<String>,
    /// For whom they must be (`aud`); not checked unless set.
    pub audience: Option<String>,
    /// What a caller may do whose token says nothing about it.
    #[serde(default = "usual_roles")]
    pub default_roles: Vec<Role>,
}

impl JwtConfig {
    /// Reads the keys' file, or prepares to ask the URL.
    pub fn build(&self) -> Result<JwtOptions, ConfigError> {
        let options = match self.key.starts_with("https://") {
            true => JwtOptions::key_url(&self.key),
            false => JwtOptions::key_file(&self.key),
        };
        let options = options.map_err(|error| ConfigError(format!("keys of JWTs: {error}")))?;
        let mut options = options.default_roles(self.default_roles.iter().copied());
        if let Some(issuer) = &self.issuer {
            options = options.issuer(issuer);
        }
        if let Some(audience) = &self.audience {
            options = options.audience(audience);
        }
        Ok(options)
    }
}

/// Which DID proofs a node of a configuration file accepts.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DidConfig {
    /// The DID methods: `key`, `web` or both.
    #[serde(default = "both_methods")]
    pub methods: Vec<String>,
    /// What callers may do that are not listed.
    #[serde(default = "usual_roles")]
    pub default_roles: Vec<Role>,
    /// What certain callers may do.
    #[serde(default)]
    pub callers: Vec<DidCaller>,
}

/// A caller with a DID of a configuration file.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DidCaller {
    /// The caller's DID.
    pub did: String,
    /// What the caller may do.
    #[serde(default = "usual_roles")]
    pub roles: Vec<Role>,
}

impl DidConfig {
    /// Sets up the methods' resolvers.
    pub fn build(&self) -> Result<DidOptions, ConfigError> {
        let mut options = DidOptions::none().default_roles(self.default_roles.iter().copied());
        for method in &self.methods {
            options = match method.as_str() {
                "key" => options.resolver("key", DidKey),
                "web" => {
                    let web = DidWeb::over_https();
                    let web = web.map_err(|error| ConfigError(format!("did:web: {error}")))?;
                    options.resolver("web", web)
                }
                _ => {
                    let message =
                        format!("there is no DID method `{method}`, only `key` and `web`");
                    return Err(ConfigError(message));
                }
            };
        }
        for DidCaller { did, roles } in &self.callers {
            options = options.caller(did, roles.iter().copied());
        }
        Ok(options)
    }
}

fn both_methods() -> Vec<String> {
    vec!["key".into(), "web".into()]
}

fn usual_roles() -> Vec<Role> {
    Role::USUAL.to_vec()
}

fn yes() -> bool {
    true
}

/// A configuration that can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError(String);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

impl From<BuildError> for ConfigError {
    fn from(error: BuildError) -> Self {
        Self(error.to_string())
    }
}

impl Config {
    /// Reads a file's text.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        // The message without the line itself, which may hold a key.
        let refused = |error: toml::de::Error| {
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.map_or(0, |before| before.lines().count().max(1));
            ConfigError(format!("line {line}: {}", error.message()))
        };
        toml::from_str(text).map_err(refused)
    }

    /// Builds the nodes; `limits` are the usual ones.
    pub fn build(&self, limits: Limits) -> Result<Vec<Node>, ConfigError> {
        let mut nodes: Vec<Node> = Vec::new();
        for config in &self.nodes {
            let node = config.build(limits)?;
            if nodes.iter().any(|other| other.id() == node.id()) {
                return Err(ConfigError(format!("two nodes have the id {}", node.id())));
            }
            // Each node knows only its own receipts: both would sell one for the same transaction.
            let payee = node.payment().payee();
            let same = |other: &Node| payee.is_some() && other.payment().payee() == payee;
            if let Some(other) = nodes.iter().find(|other| same(other)) {
                let (one, two) = (other.id(), node.id());
                let message = format!("nodes {one} and {two} are paid at the same evmAddress");
                return Err(ConfigError(message));
            }
            nodes.push(node);
        }
        if nodes.is_empty() {
            return Err(ConfigError("there are no nodes".into()));
        }
        Ok(nodes)
    }
}

impl NodeConfig {
    /// The first API key, unless it is hashed: what a program may tell whoever started it.
    pub fn plain_api_key(&self) -> Option<String> {
        let key = self.api_keys.first().map(|key| key.key.clone());
        key.filter(|key| !key.starts_with("sha256:"))
    }

    fn build(&self, limits: Limits) -> Result<Node, ConfigError> {
        let builder = NodeBuilder::new(&self.node_id, &self.tenant_id)
            .profile(self.profile.clone())
            .payment_terms(self.payment.terms())
            .stream_resume(self.stream_resume)
            .task_events(self.task_events)
            .limits(self.limits.over(limits));
        let mut builder = samples::register(builder);
        for chain in &self.payment.chains {
            builder = builder.chain(chain.open()?);
        }
        if let Some(actions) = &self.actions {
            builder.retain(actions)?;
        }
        for (action, price) in &self.prices {
            builder.price(action, price)?;
        }
        for ApiKey {
            subject,
            key,
            roles,
        } in &self.api_keys
        {
            builder = builder.api_key(subject, key, roles.iter().copied());
        }
        if let Some(jwt) = &self.jwt {
            builder = builder.jwt(jwt.build()?);
        }
        if let Some(did) = &self.did {
            builder = builder.did(did.build()?);
        }
        Ok(builder.build()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        let config = Config::parse(text);
        let built = config.and_then(|config| config.build(Limits::default()).map(drop));
        built.unwrap_err().to_string()
    }

    const ADDRESS: &str =
        "profile = { evmAddress = '0x833589fcd6edb6e08f4c7c32d4f71b54bda02913' }\n";
    const USDC: &str = "payment.acceptedTokens = [{ symbol = 'USDC', chainId = 1, \
        contract = '0x833589fcd6edb6e08f4c7c32d4f71b54bda02913', decimals = 6 }]\n";
    const CHAIN: &str = "payment.chains = [{ chainId = 1, rpcUrl = 'http://127.0.0.1:1/secret', rpcTimeoutMs = 50 }]\n";

    #[test]
    fn refused() {
        let node = "[[nodes]]\nnodeId = 42\ntenantId = 7\n";
        for (text, expected) in [
            ("", "missing field `nodes`"),
            ("nodes = []", "there are no nodes"),
            (&format!("{node}{node}"), "two nodes have the id 42"),
            (&format!("{node}typo = 1"), "unknown field `typo`"),
            (&format!("{node}actions = ['nope']"), "no action `nope`"),
            (
                &format!("{node}prices = {{ nope = '1' }}"),
                "not registered",
            ),
            (
                &format!("{node}limits = {{ maxBodyBytes = 'x' }}"),
                "line 4: invalid type",
            ),
            ("[[nodes]]\nnodeId = 'a b'\ntenantId = 7", "node id `a b`"),
            (
                &format!("{node}prices = {{ echo = 'much' }}"),
                "action `echo`: price `much`",
            ),
            (
                &format!("{node}{USDC}"),
                "token USDC on chain 1: the profile needs an evmAddress",
            ),
            (
                &format!("{node}{ADDRESS}{USDC}"),
                "token USDC on chain 1: without the chain's RPC URL",
            ),
            (
                &format!("{node}{ADDRESS}{}", USDC.replace("0x83", "83zz")),
                "line 5: ",
            ),
            (
                &format!(
                    "{node}{ADDRESS}{USDC}{CHAIN}[[nodes]]\nnodeId = 43\ntenantId = 7\n{}{USDC}{CHAIN}",
                    ADDRESS.replace("fcd6edb6e0", "FCD6EDB6E0")
                ),
                "nodes 42 and 43 are paid at the same evmAddress",
            ),
            (
                &format!("{node}jwt = {{ key = '/nonexistent' }}"),
                "keys of JWTs: /nonexistent",
            ),
            (
                &format!("{node}jwt = {{ key = 'https://' }}"),
                "not an https URL",
            ),
            (
                &format!("{node}did = {{ methods = ['key', 'ion'] }}"),
                "no DID method `ion`",
            ),
            (
                &format!("{node}apiKeys = [{{ subject = 's', key = 'sha256:1' }}]"),
                "API key of `s`",
            ),
        ] {
            let error = error(text);
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn errors_and_debug_show_no_key() {
        let text = "[[nodes]]\nnodeId = 42\ntenantId = 7\napiKeys = [{ subject = 's', key = 'secret', roles = ['x'] }]";
        assert!(!error(text).contains("secret"));
        let text = format!(
            "{}\n{ADDRESS}{USDC}{CHAIN}",
            text.replace("'x'", "'invoke'")
        );
        let config = Config::parse(&text).unwrap();
        assert!(config.build(Limits::default()).is_ok());
        assert!(!format!("{config:?}").contains("secret"));
    }
}
