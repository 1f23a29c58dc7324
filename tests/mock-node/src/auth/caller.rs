//! Who calls, and what a caller may do.

use std::net::IpAddr;

use ancp_core::ErrorCode;
use ancp_core::message::Caller as CallerMeta;
use serde::Deserialize;

use crate::Failure;

/// What a caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// Request-reply and fire-and-forget.
    Invoke,
    /// Streams.
    Stream,
    /// Tasks.
    Task,
    /// All of it, and the tasks and streams of others.
    Admin,
}

impl Role {
    /// What a caller has whose credential names no roles.
    pub const USUAL: [Self; 3] = [Self::Invoke, Self::Stream, Self::Task];

    /// The role as it stands on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invoke => "invoke",
            Self::Stream => "stream",
            Self::Task => "task",
            Self::Admin => "admin",
        }
    }

    /// The role with this name on the wire.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let all = [Self::Invoke, Self::Stream, Self::Task, Self::Admin];
        all.into_iter().find(|role| role.as_str() == name)
    }
}

/// How a caller was authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuthMode {
    /// A JSON Web Token.
    Jwt,
    /// An API key.
    ApiKey,
    /// A DID proof.
    Did,
    /// Not at all.
    None,
}

impl AuthMode {
    /// The mode as it stands on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Jwt => "jwt",
            Self::ApiKey => "apiKey",
            Self::Did => "did",
            Self::None => "none",
        }
    }
}

/// Who calls, as the node established it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    mode: AuthMode,
    /// The subject; with [`AuthMode::None`] the remote address.
    subject: String,
    roles: Vec<Role>,
}

impl Caller {
    pub(crate) fn new(mode: AuthMode, subject: String, roles: Vec<Role>) -> Self {
        Self {
            mode,
            subject,
            roles,
        }
    }

    pub(crate) fn anonymous(remote: IpAddr) -> Self {
        Self {
            mode: AuthMode::None,
            subject: remote.to_string(),
            roles: Vec::new(),
        }
    }

    /// How the caller was authenticated.
    pub fn mode(&self) -> AuthMode {
        self.mode
    }

    /// Who the caller is; `None` on system actions.
    pub fn subject(&self) -> Option<&str> {
        (self.mode != AuthMode::None).then_some(&*self.subject)
    }

    /// Whether the caller has the role, or is an admin.
    pub fn has(&self, role: Role) -> bool {
        self.is_admin() || self.roles.contains(&role)
    }

    pub(crate) fn is_admin(&self) -> bool {
        self.roles.contains(&Role::Admin)
    }

    pub(crate) fn require(&self, role: Role) -> Result<(), Failure> {
        if self.has(role) {
            return Ok(());
        }
        let message = format!("the caller lacks the role `{}`", role.as_str());
        Err(Failure::new(ErrorCode::Forbidden, message))
    }

    /// What tells callers apart: whose ids, tasks and streams are whose.
    pub(crate) fn key(&self) -> CallerKey {
        CallerKey(format!("{}:{}", self.mode.as_str(), self.subject))
    }

    pub(crate) fn to_meta(&self) -> CallerMeta {
        CallerMeta {
            mode: self.mode.as_str().into(),
            subject: self.subject().map(Into::into),
        }
    }
}

/// What tells callers apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct CallerKey(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles() {
        let caller = |roles: &[Role]| Caller::new(AuthMode::Jwt, "ada".into(), roles.to_vec());
        assert!(caller(&[Role::Invoke]).require(Role::Invoke).is_ok());
        assert!(caller(&[Role::Invoke]).require(Role::Stream).is_err());
        assert!(caller(&[Role::Admin]).require(Role::Task).is_ok());
        let anonymous = Caller::anonymous(IpAddr::from([127, 0, 0, 1]));
        assert!(anonymous.require(Role::Invoke).is_err());
        assert_eq!(anonymous.subject(), None);
    }
}
