//! `TokenExchangeService`: exchanges a signed JWT for an access token of its service account, or an actor's
//! JWT or token for one of another account (impersonation). Needs no authorization.

use connectrpc::{Encodable, RequestContext, Response, ServiceRequest, ServiceResult};
use keyside_iam::{
    iam::{
        AuthPublicKey, CreateTokenResponse, ExchangeTokenRequest, TokenExchangeService,
        auth_public_key_status::State,
    },
    token_exchange::{
        ACCESS_TOKEN_TYPE, GRANT_TYPE, JWT_TYPE, SIGN_IN_CODE_TYPE, SUBJECT_IDENTIFIER_TYPE,
    },
};
use rusqlite::{Connection, Transaction};
use tokio::task::spawn_blocking;
use zeroize::Zeroizing;

use super::{
    EmbeddedIam, auth_public_keys, groups,
    principal::{self, Principal},
    public_key, service_accounts,
    time::Micros,
};
use crate::{
    error::IamError,
    parsers::{JwtError, UnverifiedJwt},
    sign_in::{SESSION_LIFETIME_S, token},
};

/// In seconds: 12 hours.
const LIFETIME_S: i64 = 12 * 60 * 60;

/// Who asks for a token, and for whom.
enum Proof {
    /// A service account's JWT, for the account itself.
    Jwt(String),
    /// A code from a printed address, for the user.
    SignInCode(String),
    /// An actor's JWT or access token, for the service account `subject`.
    Impersonation { subject: String, actor: Actor },
}

enum Actor {
    Jwt(String),
    AccessToken(Zeroizing<Vec<u8>>),
}

impl Proof {
    fn of(request: ExchangeTokenRequest) -> Result<Self, IamError> {
        for (field, given, expected) in [
            ("grant_type", &request.grant_type, GRANT_TYPE),
            (
                "requested_token_type",
                &request.requested_token_type,
                ACCESS_TOKEN_TYPE,
            ),
        ] {
            if given != expected {
                return Err(IamError::invalid(field, format!("must be {expected}")));
            }
        }
        match &*request.subject_token_type {
            JWT_TYPE if request.actor_token.is_empty() => Ok(Self::Jwt(request.subject_token)),
            SIGN_IN_CODE_TYPE => Ok(Self::SignInCode(request.subject_token)),
            JWT_TYPE => Err(IamError::invalid(
                "actor_token",
                format!("needs the subject_token_type {SUBJECT_IDENTIFIER_TYPE}"),
            )),
            SUBJECT_IDENTIFIER_TYPE => Ok(Self::Impersonation {
                subject: request.subject_token,
                actor: match &*request.actor_token_type {
                    JWT_TYPE => Actor::Jwt(request.actor_token),
                    ACCESS_TOKEN_TYPE => {
                        Actor::AccessToken(Zeroizing::new(request.actor_token.into_bytes()))
                    }
                    _ => {
                        return Err(IamError::invalid(
                            "actor_token_type",
                            format!("must be {JWT_TYPE} or {ACCESS_TOKEN_TYPE}"),
                        ));
                    }
                },
            }),
            _ => Err(IamError::invalid(
                "subject_token_type",
                format!("must be {JWT_TYPE} or {SUBJECT_IDENTIFIER_TYPE}"),
            )),
        }
    }
}

/// Reads the authorized key that a JWT names.
fn key_of(db: &Connection, jwt: &UnverifiedJwt, now: Micros) -> Result<AuthPublicKey, IamError> {
    auth_public_keys::get(db, &jwt.key_id, now).map_err(|error| match error {
        IamError::NotFound { .. } => JwtError("the kid isn't the ID of an authorized key").into(),
        other => other,
    })
}

/// Checks that the key is active.
fn check_state(key: &AuthPublicKey) -> Result<(), IamError> {
    if key.status.state == State::EXPIRED {
        return Err(JwtError("the authorized key has expired").into());
    }
    if key.status.state != State::ACTIVE {
        return Err(JwtError("the authorized key is not active").into());
    }
    Ok(())
}

/// A new access token, and for how many seconds it's valid.
struct Issued {
    token: String,
    expires_in_s: i64,
}

/// Generates an access token that expires at `latest_end` at the latest, and stores its hash. Deletes expired
/// tokens.
fn issue_access_token(
    tx: &Transaction<'_>,
    service_account_id: &str,
    now: Micros,
    latest_end: Micros,
) -> Result<Issued, IamError> {
    let token = token::new_token()?;
    let hash = token::hash(token.as_bytes());
    let expires_at = now.plus_seconds(LIFETIME_S).min(latest_end);
    tx.execute("DELETE FROM access_tokens WHERE expires_at <= ?1", (now,))?;
    tx.execute(
        "INSERT INTO access_tokens (hash, service_account_id, expires_at) VALUES (?1, ?2, ?3)",
        (hash, service_account_id, expires_at),
    )?;
    Ok(Issued {
        token: token.to_string(),
        expires_in_s: expires_at.seconds_since(now),
    })
}

/// Checks in the transaction that the JWT's key is still active. The key may have changed since the JWT's
/// signature was verified, and only a caller with the private key learns the key's state.
fn check_still_active(tx: &Transaction<'_>, jwt: &UnverifiedJwt) -> Result<(), IamError> {
    check_state(&key_of(tx, jwt, Micros::now())?)
}

/// Checks that the actor may act as the service account: admins may act as any, others as themselves.
fn check_impersonation(
    tx: &Transaction<'_>,
    actor: &Principal,
    subject: &str,
) -> Result<(), IamError> {
    if actor.id() != subject && !groups::is_admin(tx, actor.id())? {
        return Err(IamError::PermissionDenied(
            "only admins can act as another service account. Ask a tenant admin.",
        ));
    }
    service_accounts::get(tx, subject).map(drop)
}

impl EmbeddedIam {
    /// Verifies the proof and issues an access token.
    async fn exchange_proof(&self, proof: Proof) -> Result<Issued, IamError> {
        match proof {
            Proof::SignInCode(code) => Ok(Issued {
                token: self.sign_in.redeem(&code)?,
                expires_in_s: SESSION_LIFETIME_S,
            }),
            Proof::Jwt(token) => {
                let (jwt, owner) = self.verify(token).await?;
                self.store
                    .write(move |tx| {
                        check_still_active(tx, &jwt)?;
                        issue_access_token(tx, &owner, Micros::now(), Micros::MAX)
                    })
                    .await
            }
            Proof::Impersonation {
                subject,
                actor: Actor::Jwt(token),
            } => {
                let (jwt, owner) = self.verify(token).await?;
                self.store
                    .write(move |tx| {
                        check_still_active(tx, &jwt)?;
                        check_impersonation(tx, &Principal::ServiceAccount(owner), &subject)?;
                        issue_access_token(tx, &subject, Micros::now(), Micros::MAX)
                    })
                    .await
            }
            Proof::Impersonation {
                subject,
                actor: Actor::AccessToken(token),
            } => {
                let user_token_end = self.user_token_end(&token);
                let hash = token::hash(&token);
                self.store
                    .write(move |tx| {
                        let now = Micros::now();
                        let (actor, end) = match user_token_end {
                            Some(end) => (Principal::User, end),
                            // In the transaction, because the token may be revoked at any time.
                            None => principal::from_access_token(tx, &hash, now)?,
                        };
                        check_impersonation(tx, &actor, &subject)?;
                        // Otherwise, a stolen token could be renewed for ever.
                        issue_access_token(tx, &subject, now, end)
                    })
                    .await
            }
        }
    }

    /// Verifies a JWT; returns it with the ID of its service account. This takes time, so it doesn't keep the
    /// database from other calls.
    async fn verify(&self, token: String) -> Result<(UnverifiedJwt, String), IamError> {
        let now = Micros::now();
        let jwt = UnverifiedJwt::decode(&token)?;
        let (jwt, key) = self
            .store
            .read(move |db| key_of(db, &jwt, now).map(|key| (jwt, key)))
            .await?;
        let verify = move || {
            let owner = auth_public_keys::service_account_id(&key.spec.account)?;
            let public_key = public_key::decode(&key.spec.data)?;
            jwt.verify(public_key, owner, now.unix_seconds())?;
            Ok((jwt, owner.to_owned()))
        };
        spawn_blocking(verify)
            .await
            .unwrap_or(Err(IamError::Failed))
    }
}

impl TokenExchangeService for EmbeddedIam {
    async fn exchange<'a>(
        &'a self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ExchangeTokenRequest>,
    ) -> ServiceResult<impl Encodable<CreateTokenResponse> + Send + use<'a>> {
        let proof = Proof::of(request.to_owned_message())?;
        let issued = self
            .sign_in
            .with_failure_delay(&ctx, self.exchange_proof(proof))
            .await?;
        Response::ok(CreateTokenResponse {
            access_token: issued.token,
            issued_token_type: ACCESS_TOKEN_TYPE.to_owned(),
            token_type: "Bearer".to_owned(),
            expires_in: issued.expires_in_s,
            ..Default::default()
        })
    }
}
