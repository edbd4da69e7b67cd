//! The constants of `TokenExchangeService/Exchange` (RFC 8693, sections 2.1 and 3).

/// `grant_type`: a token exchange.
pub const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
/// `requested_token_type`: an access token.
pub const ACCESS_TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:access_token";
/// `subject_token_type`: a signed JWT.
pub const JWT_TYPE: &str = "urn:ietf:params:oauth:token-type:jwt";
/// The `aud` claim that the official SDKs set in the JWT.
pub const AUDIENCE: &str = "token-service.iam.new.nebiuscloud.net";
