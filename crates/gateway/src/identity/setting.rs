//! The value of `--identity`, such as
//! `header=X-Pomerium-Jwt-Assertion,issuer=https://auth.example,audience=keys.example,jwks=https://auth.example/jwks.json`.

use std::{fmt, path::PathBuf, str::FromStr};

use http::{HeaderName, Uri};

use crate::parsers::is_this_machine;

/// Which signed JWTs say who a caller is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentitySetting {
    /// The header with the JWT. `authorization` has `Bearer ` before it.
    pub header: HeaderName,
    /// The only accepted `iss`.
    pub issuer: String,
    /// The only accepted `aud`.
    pub audience: String,
    /// Where the issuer's public keys are.
    pub jwks: Jwks,
}

/// The place of a JSON Web Key Set (RFC 7517, section 5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Jwks {
    File(PathBuf),
    Url(Uri),
}

impl fmt::Display for Jwks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Url(uri) => uri.fmt(f),
        }
    }
}

/// Why the setting is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentitySettingError {
    #[error("\"{0}\" isn't one of header=…, issuer=…, audience=… and jwks=…, separated by commas")]
    Part(String),
    #[error("{0}= is missing, empty or given twice")]
    Missing(&'static str),
    #[error("\"{0}\" can't be the name of a header")]
    Header(String),
    #[error("jwks={0} isn't an https:// address or a file; http:// works only on this machine")]
    Jwks(String),
}

impl FromStr for IdentitySetting {
    type Err = IdentitySettingError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const NAMES: [&str; 4] = ["header", "issuer", "audience", "jwks"];
        let mut values: [Option<&str>; 4] = [None; 4];
        for part in text.split(',').map(str::trim) {
            let unknown = || IdentitySettingError::Part(part.to_owned());
            let (name, value) = part.split_once('=').ok_or_else(unknown)?;
            let at = NAMES.iter().position(|known| *known == name);
            let at = at.ok_or_else(unknown)?;
            if values[at].replace(value).is_some() {
                return Err(IdentitySettingError::Missing(NAMES[at]));
            }
        }
        let value = |at: usize| {
            let value = values[at].filter(|value| !value.is_empty());
            value.ok_or(IdentitySettingError::Missing(NAMES[at]))
        };
        let header = value(0)?;
        Ok(Self {
            header: header
                .parse()
                .map_err(|_| IdentitySettingError::Header(header.to_owned()))?,
            issuer: value(1)?.to_owned(),
            audience: value(2)?.to_owned(),
            jwks: jwks(value(3)?)?,
        })
    }
}

fn jwks(text: &str) -> Result<Jwks, IdentitySettingError> {
    let refused = || IdentitySettingError::Jwks(text.to_owned());
    let Some((scheme, _)) = text.split_once("://") else {
        return Ok(Jwks::File(text.into()));
    };
    let uri: Uri = text.parse().map_err(|_| refused())?;
    let host = uri.host().ok_or_else(refused)?;
    // Whoever can change the answer can sign in as anybody.
    match scheme == "https" || scheme == "http" && is_this_machine(host) {
        true => Ok(Jwks::Url(uri)),
        false => Err(refused()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_has_all_four_parts_once() {
        let good =
            "header=X-Jwt,issuer=https://a.example/?x=1,audience=b,jwks=https://a.example/jwks";
        let setting: IdentitySetting = good.parse().unwrap();
        assert_eq!(setting.header, "x-jwt");
        assert_eq!(setting.issuer, "https://a.example/?x=1");
        assert_eq!(setting.audience, "b");
        assert_eq!(
            setting.jwks,
            Jwks::Url("https://a.example/jwks".parse().unwrap())
        );
        let file: IdentitySetting = "header=a,issuer=b,audience=c,jwks=/etc/keys.json"
            .parse()
            .unwrap();
        assert_eq!(file.jwks, Jwks::File("/etc/keys.json".into()));
        for bad in [
            "",
            "header=a,issuer=b,audience=c",
            "header=a,issuer=b,audience=,jwks=d",
            "header=a,issuer=b,audience=c,jwks=d,audience=e",
            "header=a b,issuer=b,audience=c,jwks=d",
            "header=a,issuer=b,audience=c,jwks=d,alg=none",
            "header=a,issuer=b,audience=c,jwks=http://keys.example/jwks",
            "header=a,issuer=b,audience=c,jwks=ftp://keys.example/jwks",
            "header=a,issuer=b,audience=c,jwks=https://",
        ] {
            assert!(bad.parse::<IdentitySetting>().is_err(), "{bad}");
        }
        assert!(
            "header=a,issuer=b,audience=c,jwks=http://127.0.0.1:1/j"
                .parse::<IdentitySetting>()
                .is_ok()
        );
    }
}
