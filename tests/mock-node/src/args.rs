//! The program's arguments.

use std::path::PathBuf;

use ancp_mock_node::{
    ConfigError, DidConfig, DidOptions, JwtConfig, JwtOptions, LimitOverrides, Role, TestIssuer,
    TokenAlgorithm,
};
use clap::{Parser, ValueEnum};

/// A complete ANCP node for tests. The first line on standard output is one JSON object:
/// { baseUrl, nodeId, tenantId, apiKey }, with --print-token also token. Logs go to standard error (RUST_LOG).
#[derive(Parser)]
#[command(version)]
pub(crate) struct Args {
    /// Port to listen at; 0 is a free one [default: 7420]
    #[arg(long)]
    pub(crate) port: Option<u16>,
    /// Address to listen at [default: 127.0.0.1]
    #[arg(long)]
    pub(crate) host: Option<String>,
    /// A path that everything is below, such as /api
    #[arg(long)]
    pub(crate) base_path: Option<String>,
    /// How clients name the server, where that is not its address: DID proofs must be made for it
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// The API key with the roles invoke, stream and task, or sha256: and its hash
    /// [default: a random one]
    #[arg(long, conflicts_with = "config")]
    pub(crate) api_key: Option<String>,
    #[command(flatten)]
    pub(crate) jwt: JwtArgs,
    /// Accepts DID proofs of these methods [default methods: key,web]
    #[arg(
        long,
        value_name = "METHODS",
        num_args = 0..=1,
        value_delimiter = ',',
        default_missing_value = "key,web",
        conflicts_with = "config"
    )]
    pub(crate) did: Option<Vec<String>>,
    /// TOML file with several nodes
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Offers the control API: /_faults and /_calls
    #[arg(long)]
    pub(crate) faults: bool,
    /// Serves a built Node Explorer at / [default folder: examples/node-explorer/dist]
    #[arg(
        long,
        value_name = "DIR",
        num_args = 0..=1,
        default_missing_value = "examples/node-explorer/dist"
    )]
    pub(crate) explorer: Option<PathBuf>,
    /// Stops when standard input is closed, so that nothing is left when the parent process dies
    #[arg(long)]
    pub(crate) exit_with_stdin: bool,
    #[command(flatten)]
    pub(crate) limits: LimitOverrides,
}

/// Which JWTs are accepted, and which one is printed.
#[derive(clap::Args)]
pub(crate) struct JwtArgs {
    /// Accepts JWTs, by the public keys of a file (PEM or JWKS) or the https URL of a JWKS
    #[arg(
        long,
        value_name = "FILE",
        group = "jwt_keys",
        conflicts_with = "config"
    )]
    jwt_key: Option<String>,
    /// Accepts only JWTs with this iss
    #[arg(long, value_name = "ISS", requires = "jwt_keys")]
    jwt_issuer: Option<String>,
    /// Accepts only JWTs with this aud
    #[arg(long, value_name = "AUD", requires = "jwt_keys")]
    jwt_audience: Option<String>,
    /// Accepts JWTs of a key of its own, and adds one as `token` to the first line
    #[arg(long, group = "jwt_keys", conflicts_with = "config")]
    pub(crate) print_token: bool,
    /// The printed token's sub [default: tester]
    #[arg(long, value_name = "SUB", requires = "print_token")]
    token_subject: Option<String>,
    /// The printed token's roles [default: invoke,stream,task]
    #[arg(
        long,
        value_name = "ROLES",
        requires = "print_token",
        value_delimiter = ','
    )]
    token_roles: Option<Vec<RoleArg>>,
    /// How many seconds the printed token is valid; a negative number makes it an expired one
    /// [default: 3600]
    #[arg(
        long,
        value_name = "SECONDS",
        requires = "print_token",
        allow_negative_numbers = true
    )]
    token_ttl: Option<i64>,
}

#[derive(Clone, Copy, ValueEnum)]
enum RoleArg {
    Invoke,
    Stream,
    Task,
    Admin,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Invoke => Self::Invoke,
            RoleArg::Stream => Self::Stream,
            RoleArg::Task => Self::Task,
            RoleArg::Admin => Self::Admin,
        }
    }
}

impl JwtArgs {
    /// What is accepted.
    pub(crate) fn options(&self) -> Result<Option<JwtOptions>, ConfigError> {
        let Some(key) = &self.jwt_key else {
            return Ok(None);
        };
        let config = JwtConfig {
            key: key.clone(),
            issuer: self.jwt_issuer.clone(),
            audience: self.jwt_audience.clone(),
            default_roles: Role::USUAL.to_vec(),
        };
        config.build().map(Some)
    }

    /// What is accepted with `--print-token`, and the token.
    pub(crate) fn issue(&self) -> (JwtOptions, String) {
        let mut issuer = TestIssuer::new(TokenAlgorithm::EdDsa);
        if let Some(name) = &self.jwt_issuer {
            issuer = issuer.issuer(name);
        }
        if let Some(audience) = &self.jwt_audience {
            issuer = issuer.audience(audience);
        }
        let subject = self.token_subject.as_deref().unwrap_or("tester");
        let roles = match &self.token_roles {
            Some(roles) => roles.iter().copied().map(Role::from).collect(),
            None => Role::USUAL.to_vec(),
        };
        let token = issuer.token(subject).roles(roles);
        let token = token.valid_for(self.token_ttl.unwrap_or(3600));
        (issuer.options(), token.sign())
    }
}

impl Args {
    /// Which DID proofs are accepted.
    pub(crate) fn did_options(&self) -> Result<Option<DidOptions>, ConfigError> {
        let Some(methods) = &self.did else {
            return Ok(None);
        };
        let config = DidConfig {
            methods: methods.clone(),
            default_roles: Role::USUAL.to_vec(),
            callers: Vec::new(),
        };
        config.build().map(Some)
    }
}
