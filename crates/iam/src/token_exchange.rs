//! The constants of `TokenExchangeService/Exchange` (RFC 8693, sections 2.1 and 3).

/// `grant_type`: a token exchange.
pub const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
/// `requested_token_type`: an access token.
pub const ACCESS_TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:access_token";
/// `subject_token_type`: a signed JWT.
pub const JWT_TYPE: &str = "urn:ietf:params:oauth:token-type:jwt";
/// `subject_token_type` of an impersonation: the ID of a service account. An actor token says who asks.
pub const SUBJECT_IDENTIFIER_TYPE: &str = "urn:nebius:params:oauth:token-type:subject_identifier";
/// `subject_token_type` of Keyside's own gateway: a code from the address that `keyside serve` prints.
pub const SIGN_IN_CODE_TYPE: &str = "urn:keyside:params:oauth:token-type:sign-in-code";
/// The `aud` claim that the official SDKs set in the JWT.
pub const AUDIENCE: &str = "token-service.iam.new.nebiuscloud.net";
