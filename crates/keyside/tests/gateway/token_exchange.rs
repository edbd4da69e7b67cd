//! What the token exchange accepts and what it refuses.

use std::time::{Duration, Instant};

use crate::{
    groups::add_member,
    support::{
        Folders, Gateway, claims, code, impersonation, jwt, jwt_with_header, key, make_key,
        new_key, now_s,
    },
};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use connectrpc::ErrorCode::{
    FailedPrecondition, InvalidArgument, NotFound, PermissionDenied, Unauthenticated,
};
use keyside_iam::{
    Timestamp,
    iam::{
        DeactivateAuthPublicKeyRequest, ExchangeTokenRequest, GetProfileRequest,
        RevokeSessionRequest,
        oneof::{get_profile_response::Profile, revoke_session_request::Revoke},
    },
    token_exchange::{ACCESS_TOKEN_TYPE, JWT_TYPE},
};
use serde_json::json;

#[tokio::test]
async fn a_good_jwt_gives_a_token_that_works_as_the_service_account() {
    let folders = Folders::new();
    let gateway = folders.start();
    let kid = gateway.admin().create_key(new_key(&gateway)).await.unwrap();
    let anybody = gateway.client(None);
    let own = &gateway.service_account_id;
    let now = now_s();
    for claims in [
        claims(own),
        // The documented recipe: no audience, five minutes.
        json!({ "iss": own, "sub": own, "iat": now, "exp": now + 300 }),
        json!({ "iss": own, "sub": own, "exp": now + 60,
            "aud": ["x", "token-service.iam.new.nebiuscloud.net"] }),
    ] {
        let token = anybody.exchange(jwt(key(), &kid, &claims)).await.unwrap();
        assert_eq!(token.token_type, "Bearer");
        assert_eq!(token.expires_in, 12 * 60 * 60);
        let profile = gateway
            .client(Some(&token.access_token))
            .profile()
            .get(GetProfileRequest::default())
            .await
            .unwrap()
            .into_owned();
        match profile.profile {
            Some(Profile::ServiceAccountProfile(profile)) => {
                assert_eq!(profile.info.metadata.id, *own);
            }
            other => panic!("{other:?}"),
        }
        assert!(!crate::support::contains(
            &folders.data_bytes(),
            token.access_token.as_bytes()
        ));
    }
}

#[tokio::test]
async fn everything_else_is_refused() {
    let folders = Folders::new();
    let gateway = folders.start();
    let admin = gateway.admin();
    let kid = admin.create_key(new_key(&gateway)).await.unwrap();
    let other_account = admin
        .create_account(&gateway.project_id, "other")
        .await
        .unwrap();
    let own = gateway.service_account_id.clone();
    let good = claims(&own);
    let with = |name: &str, value: serde_json::Value| {
        let mut claims = good.clone();
        claims[name] = value;
        claims
    };
    let now = now_s();
    let b64 = |v: serde_json::Value| BASE64_URL_SAFE_NO_PAD.encode(v.to_string());
    let header = |alg: &str| json!({ "alg": alg, "kid": kid, "typ": "JWT" });
    let valid = jwt(key(), &kid, &good);
    let (signed, signature) = valid.rsplit_once('.').unwrap();
    let bad = [
        ("another key's signature", jwt(&make_key(4096), &kid, &good)),
        ("unknown kid", jwt(key(), "publickey-e00nothing", &good)),
        (
            "iss of another",
            jwt(key(), &kid, &with("iss", json!(other_account))),
        ),
        (
            "sub of another",
            jwt(key(), &kid, &with("sub", json!(other_account))),
        ),
        ("expired", jwt(key(), &kid, &with("exp", json!(now - 1)))),
        (
            "exp is text",
            jwt(key(), &kid, &with("exp", json!("later"))),
        ),
        (
            "from the future",
            jwt(key(), &kid, &with("iat", json!(now + 3600))),
        ),
        ("not yet", jwt(key(), &kid, &with("nbf", json!(now + 3600)))),
        (
            "other audience",
            jwt(key(), &kid, &with("aud", json!("elsewhere"))),
        ),
        (
            "alg none",
            format!("{}.{}.", b64(header("none")), b64(good.clone())),
        ),
        (
            "alg none, signed",
            jwt_with_header(key(), &header("none"), &good),
        ),
        ("HS256", jwt_with_header(key(), &header("HS256"), &good)),
        (
            "no kid",
            jwt_with_header(key(), &json!({ "alg": "RS256" }), &good),
        ),
        (
            "critical field",
            jwt_with_header(
                key(),
                &json!({ "alg": "RS256", "kid": kid, "crit": ["x"] }),
                &good,
            ),
        ),
        ("no claims", jwt(key(), &kid, &json!({}))),
        (
            "signature cut",
            format!("{signed}.{}", &signature[..signature.len() - 4]),
        ),
        ("signature gone", format!("{signed}.")),
        ("padding", format!("{valid}==")),
        ("two parts", signed.to_owned()),
        ("words", "not a jwt".to_owned()),
        ("empty", String::new()),
    ];
    let anybody = gateway.client(None);
    for (name, token) in bad {
        assert_eq!(
            code(anybody.exchange(token).await),
            Unauthenticated,
            "{name}"
        );
        // A right one ends the delay after wrong ones.
        anybody.exchange(valid.clone()).await.unwrap();
    }
    let wrong_grant = ExchangeTokenRequest {
        grant_type: "password".to_owned(),
        ..Default::default()
    };
    let refused = anybody
        .tokens()
        .exchange(wrong_grant)
        .await
        .map(|a| a.into_owned());
    assert_eq!(code(refused), InvalidArgument);
}

#[tokio::test]
async fn an_inactive_and_an_expired_key_give_no_token() {
    let folders = Folders::new();
    let gateway = folders.start();
    let admin = gateway.admin();
    let anybody = gateway.client(None);
    let good = claims(&gateway.service_account_id);
    let kid = admin.create_key(new_key(&gateway)).await.unwrap();
    admin
        .keys()
        .deactivate(DeactivateAuthPublicKeyRequest {
            id: kid.clone(),
            ..Default::default()
        })
        .await
        .unwrap();
    let error = anybody.exchange(jwt(key(), &kid, &good)).await.unwrap_err();
    assert_eq!(error.code, Unauthenticated);
    assert!(error.message.unwrap().contains("not active"));

    let mut short = new_key(&gateway);
    short.spec.get_or_insert_default().expires_at = Timestamp::from_unix_secs(now_s() + 2).into();
    let kid = admin.create_key(short).await.unwrap();
    tokio::time::sleep(Duration::from_millis(2100)).await;
    let error = anybody.exchange(jwt(key(), &kid, &good)).await.unwrap_err();
    assert!(error.message.unwrap().contains("expired"));
}

#[tokio::test]
async fn wrong_jwts_delay_the_next_ones_of_that_caller() {
    let folders = Folders::new();
    let gateway = folders.start();
    let anybody = gateway.client(None);
    let claims = claims(&gateway.service_account_id);
    let unknown = jwt(key(), "publickey-e00nothing", &claims);
    let mut last = Duration::ZERO;
    for _ in 0..8 {
        let start = Instant::now();
        let refused = anybody.exchange(unknown.clone()).await;
        last = start.elapsed();
        assert_eq!(code(refused), Unauthenticated);
    }
    // A lower bound, so a fast machine can't break it.
    assert!(last >= Duration::from_millis(400), "{last:?}");
}

/// An access token of the gateway's service account, and the ID of its key.
async fn own_token(gateway: &Gateway) -> (String, String) {
    let kid = gateway.admin().create_key(new_key(gateway)).await.unwrap();
    let proof = jwt(key(), &kid, &claims(&gateway.service_account_id));
    let token = gateway.client(None).exchange(proof).await.unwrap();
    (token.access_token, kid)
}

async fn works(gateway: &Gateway, token: &str) -> bool {
    let client = gateway.client(Some(token));
    let answer = client.profile().get(GetProfileRequest::default()).await;
    answer.is_ok()
}

#[tokio::test]
async fn revoked_tokens_no_longer_work_and_new_ones_do() {
    let folders = Folders::new();
    let gateway = folders.start();
    let admin = gateway.admin();
    let account = gateway.service_account_id.clone();
    let (token, kid) = own_token(&gateway).await;
    assert!(works(&gateway, &token).await);
    let of_account = |id: &str| RevokeSessionRequest {
        revoke: Some(Revoke::ServiceAccountId(id.to_owned())),
        ..Default::default()
    };
    admin.sessions().revoke(of_account(&account)).await.unwrap();
    assert!(!works(&gateway, &token).await);
    let proof = jwt(key(), &kid, &claims(&account));
    let token = admin.exchange(proof).await.unwrap().access_token;
    assert!(works(&gateway, &token).await);

    // An account may revoke its own tokens, but not those of others.
    let own = gateway.client(Some(&token));
    let other = admin.create_account(&gateway.project_id, "other").await;
    let refused = own.sessions().revoke(of_account(&other.unwrap())).await;
    assert_eq!(code(refused.map(|a| a.into_owned())), PermissionDenied);
    let mine = RevokeSessionRequest {
        revoke: Some(Revoke::AllMyActive(true)),
        ..Default::default()
    };
    own.sessions().revoke(mine.clone()).await.unwrap();
    assert!(!works(&gateway, &token).await);

    for (request, expected) in [
        (RevokeSessionRequest::default(), InvalidArgument),
        (of_account("serviceaccount-e00unknown"), NotFound),
        // The admin token is in a file.
        (mine, FailedPrecondition),
    ] {
        let refused = admin.sessions().revoke(request).await;
        assert_eq!(code(refused.map(|a| a.into_owned())), expected);
    }
    assert!(works(&gateway, crate::support::ADMIN_TOKEN).await);
}

#[tokio::test]
async fn only_an_admin_may_act_as_another_account() {
    let folders = Folders::new();
    let gateway = folders.start();
    let admin = gateway.admin();
    let account = gateway.service_account_id.clone();
    let (token, kid) = own_token(&gateway).await;
    let other = admin
        .create_account(&gateway.project_id, "other")
        .await
        .unwrap();
    let as_other = |actor: &str, kind: &str| impersonation(&other, actor, kind);
    let anybody = gateway.client(None);
    let exchange = async |request| {
        let answer = anybody.tokens().exchange(request).await;
        answer.map(|answer| answer.into_owned().access_token)
    };
    let proof = || jwt(key(), &kid, &claims(&account));
    for (actor, kind) in [(token.clone(), ACCESS_TOKEN_TYPE), (proof(), JWT_TYPE)] {
        assert_eq!(
            code(exchange(as_other(&actor, kind)).await),
            PermissionDenied
        );
    }
    add_member(&admin, "admins", &account).await.unwrap();
    for (actor, kind) in [
        (token.clone(), ACCESS_TOKEN_TYPE),
        (proof(), JWT_TYPE),
        (crate::support::ADMIN_TOKEN.to_owned(), ACCESS_TOKEN_TYPE),
    ] {
        let token = exchange(as_other(&actor, kind)).await.unwrap();
        let client = gateway.client(Some(&token));
        let profile = client.profile().get(GetProfileRequest::default()).await;
        match profile.unwrap().into_owned().profile {
            Some(Profile::ServiceAccountProfile(profile)) => {
                assert_eq!(profile.info.metadata.id, other);
            }
            answer => panic!("{answer:?}"),
        }
    }
    for (request, expected) in [
        (as_other("wrong", ACCESS_TOKEN_TYPE), Unauthenticated),
        (as_other("wrong", JWT_TYPE), Unauthenticated),
        (as_other(&token, "text"), InvalidArgument),
        (
            ExchangeTokenRequest {
                subject_token: "serviceaccount-e00unknown".to_owned(),
                ..as_other(&token, ACCESS_TOKEN_TYPE)
            },
            NotFound,
        ),
    ] {
        assert_eq!(code(exchange(request).await), expected);
    }
}

#[tokio::test]
async fn a_token_from_a_token_does_not_outlive_it() {
    let folders = Folders::new();
    let gateway = folders.start();
    let account = gateway.service_account_id.clone();
    let anybody = gateway.client(None);
    let renew = async |actor: &str| {
        let request = impersonation(&account, actor, ACCESS_TOKEN_TYPE);
        let answer = anybody.tokens().exchange(request).await.unwrap();
        answer.into_owned()
    };
    let (token, _) = own_token(&gateway).await;
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let first = renew(&token).await;
    assert!(first.expires_in < 12 * 60 * 60, "{}", first.expires_in);
    let second = renew(&first.access_token).await;
    assert!(second.expires_in <= first.expires_in);
    assert!(works(&gateway, &second.access_token).await);
    // The admin token has no end.
    let of_user = renew(crate::support::ADMIN_TOKEN).await;
    assert_eq!(of_user.expires_in, 12 * 60 * 60);
}
