//! `TokenExchangeService`: exchanges a signed JWT for an access token. Needs no authorization.

use connectrpc::{Encodable, RequestContext, Response, ServiceRequest, ServiceResult};
use keyside_iam::{
    iam::{
        CreateTokenResponse, ExchangeTokenRequest, TokenExchangeService,
        auth_public_key_status::State,
    },
    token_exchange::{ACCESS_TOKEN_TYPE, GRANT_TYPE, JWT_TYPE},
};
use rsa::sha2::{Digest, Sha256};
use rusqlite::{Connection, Transaction};

use super::{EmbeddedIam, auth_public_keys, ids, public_key, time::Micros};
use crate::{
    error::IamError,
    parsers::{JwtError, UnverifiedJwt},
};

/// In seconds: 12 hours.
const LIFETIME_S: i64 = 12 * 60 * 60;

fn check_request(request: &ExchangeTokenRequest) -> Result<(), IamError> {
    for (field, given, expected) in [
        ("grant_type", &request.grant_type, GRANT_TYPE),
        (
            "requested_token_type",
            &request.requested_token_type,
            ACCESS_TOKEN_TYPE,
        ),
        ("subject_token_type", &request.subject_token_type, JWT_TYPE),
    ] {
        if given != expected {
            return Err(IamError::invalid(field, format!("must be {expected}")));
        }
    }
    if !request.actor_token.is_empty() {
        return Err(IamError::Unsupported("actor tokens"));
    }
    Ok(())
}

/// Verifies the JWT and returns the ID of its service account.
fn authenticate(db: &Connection, token: &str, now: Micros) -> Result<String, IamError> {
    let jwt = UnverifiedJwt::decode(token)?;
    let key = auth_public_keys::get(db, &jwt.key_id, now).map_err(|error| match error {
        IamError::NotFound { .. } => JwtError("the kid isn't the ID of an authorized key").into(),
        other => other,
    })?;
    let owner = auth_public_keys::service_account_id(&key.spec.account)?;
    jwt.verify(
        public_key::decode(&key.spec.data)?,
        owner,
        now.unix_seconds(),
    )?;
    // Checked last: only a caller with the private key learns the key's state.
    if key.status.state == State::EXPIRED {
        return Err(JwtError("the authorized key has expired").into());
    }
    if key.status.state != State::ACTIVE {
        return Err(JwtError("the authorized key is not active").into());
    }
    Ok(owner.to_owned())
}

/// Generates an access token and stores its hash. Deletes expired tokens.
fn issue_access_token(
    tx: &Transaction<'_>,
    service_account_id: &str,
    now: Micros,
) -> Result<String, IamError> {
    let token = ids::new_token()?;
    let hash: [u8; 32] = Sha256::digest(token.as_bytes()).into();
    tx.execute("DELETE FROM access_tokens WHERE expires_at <= ?1", (now,))?;
    tx.execute(
        "INSERT INTO access_tokens (hash, service_account_id, expires_at) VALUES (?1, ?2, ?3)",
        (hash, service_account_id, now.plus_seconds(LIFETIME_S)),
    )?;
    Ok(token.to_string())
}

impl TokenExchangeService for EmbeddedIam {
    async fn exchange<'a>(
        &'a self,
        _ctx: RequestContext,
        request: ServiceRequest<'_, ExchangeTokenRequest>,
    ) -> ServiceResult<impl Encodable<CreateTokenResponse> + Send + use<'a>> {
        let request = request.to_owned_message();
        check_request(&request)?;
        let access_token = self
            .store
            .write(move |tx| {
                let now = Micros::now();
                let service_account_id = authenticate(tx, &request.subject_token, now)?;
                issue_access_token(tx, &service_account_id, now)
            })
            .await?;
        Response::ok(CreateTokenResponse {
            access_token,
            issued_token_type: ACCESS_TOKEN_TYPE.to_owned(),
            token_type: "Bearer".to_owned(),
            expires_in: LIFETIME_S,
            ..Default::default()
        })
    }
}
