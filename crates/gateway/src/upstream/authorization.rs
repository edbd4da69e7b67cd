//! The access token that a call carries to the API: its caller's, or the gateway's own for callers that are
//! signed in at the gateway or at a proxy before it.

use std::sync::Arc;

use connectrpc::RequestContext;
use http::{HeaderValue, header::AUTHORIZATION};

use super::own_token::OwnToken;
use crate::{
    error::IamError,
    identity::Identity,
    own_token::OwnTokenError,
    sign_in::{SignIn, token},
};

/// The gateway's own token, and who may use it.
pub struct Own {
    pub token: OwnToken,
    pub callers: Callers,
}

/// How callers who may use the gateway's token are known. There's one for each gateway.
#[allow(clippy::large_enum_variant)]
pub enum Callers {
    SignedInHere(Arc<SignIn>),
    SignedInAtProxy(Identity),
}

/// Where a call's token came from.
pub enum Authorization {
    /// There may be none.
    OfCaller(Option<HeaderValue>),
    Own(HeaderValue),
}

impl Authorization {
    pub fn value(&self) -> Option<&HeaderValue> {
        match self {
            Self::OfCaller(value) => value.as_ref(),
            Self::Own(value) => Some(value),
        }
    }
}

/// The token for a call.
///
/// # Errors
/// UNAUTHENTICATED if the proxy doesn't say who the caller is; UNAVAILABLE if there is no token.
pub async fn of(own: Option<&Own>, ctx: &RequestContext) -> Result<Authorization, IamError> {
    let is_signed_in = |sign_in: &SignIn| {
        token::bearer_token(ctx).is_ok_and(|token| sign_in.token_end_s(&token).is_some())
    };
    let is_known = match own.map(|own| &own.callers) {
        None => false,
        Some(Callers::SignedInHere(sign_in)) => is_signed_in(sign_in),
        Some(Callers::SignedInAtProxy(identity)) => {
            identity.person(ctx.headers()).await?;
            true
        }
    };
    if let (Some(own), true) = (own, is_known) {
        let value = own.token.authorization().await;
        // Another person may have signed in meanwhile, whose token isn't this session's.
        if let Callers::SignedInHere(sign_in) = &own.callers
            && !is_signed_in(sign_in)
        {
            return Err(IamError::BadToken);
        }
        return value.map(Authorization::Own).map_err(|error| match error {
            OwnTokenError::NobodySignedIn => IamError::NobodySignedIn,
            error => IamError::OwnToken(error),
        });
    }
    // Keeps the token out of HPACK's table.
    let value = ctx.headers().get(AUTHORIZATION).cloned().map(|mut value| {
        value.set_sensitive(true);
        value
    });
    Ok(Authorization::OfCaller(value))
}
