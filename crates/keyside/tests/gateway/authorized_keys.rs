//! The rules of authorized keys: what a create accepts, what can change, what a list returns.

use std::time::Duration;

use crate::support::{Client, Folders, code, key, make_key, new_key, now_s, public_pem};
use connectrpc::{
    ConnectError,
    ErrorCode::{Aborted, FailedPrecondition, InvalidArgument, NotFound, PermissionDenied},
};
use keyside_iam::{
    MessageField, Timestamp,
    common::{ListOperationsRequest, ResourceMetadata},
    iam::{auth_public_key_status::State, *},
};

fn by_id<T>(id: &str, make: impl Fn(String) -> T) -> T {
    make(id.to_owned())
}

#[tokio::test]
async fn a_created_key_is_active_and_shows_what_was_sent() {
    let folders = Folders::new();
    let gateway = folders.start();
    let admin = gateway.admin();
    let mut request = new_key(&gateway);
    request.spec.get_or_insert_default().expires_at =
        MessageField::some(Timestamp::from_unix_secs(now_s() + 3600));
    let id = admin.create_key(request.clone()).await.unwrap();
    assert!(id.starts_with("publickey-e00"));
    let key = admin.key(&id).await.unwrap();
    assert_eq!(key.spec, request.spec);
    assert_eq!(key.metadata.parent_id, gateway.project_id);
    assert!(key.metadata.created_at.is_set());
    assert_eq!(key.status.state, State::ACTIVE);
    assert_eq!(key.status.key_size, 4096);
    assert_eq!(
        admin.keys_of(&gateway.service_account_id).await.unwrap(),
        [key]
    );
}

#[tokio::test]
async fn bad_creates_are_refused_with_the_apis_codes_and_create_nothing() {
    let folders = Folders::new();
    let gateway = folders.start();
    let admin = gateway.admin();
    let good = new_key(&gateway);
    let other_project_account = "serviceaccount-e00unknown";
    type Change<'a> = (&'a str, Box<dyn Fn(&mut CreateAuthPublicKeyRequest)>);
    let short = public_pem(&make_key(2048));
    let not_a_key = public_pem(key()).replace('M', "N");
    let invalid: Vec<Change<'_>> = vec![
        (
            "2048 bits",
            Box::new(move |r| r.spec.get_or_insert_default().data = short.clone()),
        ),
        (
            "no key",
            Box::new(|r| r.spec.get_or_insert_default().data.clear()),
        ),
        (
            "damaged key",
            Box::new(move |r| r.spec.get_or_insert_default().data = not_a_key.clone()),
        ),
        (
            "id",
            Box::new(|r| r.metadata.get_or_insert_default().id = "publickey-e00mine".to_owned()),
        ),
        (
            "created_at",
            Box::new(|r| r.metadata.get_or_insert_default().created_at = Timestamp::now().into()),
        ),
        (
            "updated_at",
            Box::new(|r| r.metadata.get_or_insert_default().updated_at = Timestamp::now().into()),
        ),
        (
            "version",
            Box::new(|r| r.metadata.get_or_insert_default().resource_version = 1),
        ),
        (
            "no parent",
            Box::new(|r| r.metadata.get_or_insert_default().parent_id.clear()),
        ),
        (
            "long name",
            Box::new(|r| r.metadata.get_or_insert_default().name = "n".repeat(1025)),
        ),
        (
            "no account",
            Box::new(|r| r.spec.get_or_insert_default().account = MessageField::none()),
        ),
        (
            "user account",
            Box::new(|r| {
                r.spec
                    .get_or_insert_default()
                    .account
                    .get_or_insert_default()
                    .r#type = account::UserAccount::default().into();
            }),
        ),
        (
            "expiry in the past",
            Box::new(|r| {
                r.spec.get_or_insert_default().expires_at =
                    Timestamp::from_unix_secs(now_s() - 1).into()
            }),
        ),
        (
            "expiry beyond all years",
            Box::new(|r| {
                r.spec.get_or_insert_default().expires_at = Timestamp {
                    seconds: -1,
                    ..Default::default()
                }
                .into();
            }),
        ),
    ];
    for (name, change) in invalid {
        let mut request = good.clone();
        change(&mut request);
        // JSON itself cannot carry a time before year 1, so the binary codec is used.
        let client = crate::support::Client::new(
            &gateway.address,
            Some(crate::support::ADMIN_TOKEN),
            connectrpc::Protocol::Grpc,
            connectrpc::CodecFormat::Proto,
        );
        assert_eq!(
            code(client.create_key(request).await),
            InvalidArgument,
            "{name}"
        );
    }
    let mut request = good.clone();
    request.spec.get_or_insert_default().account =
        Account::of_service_account(other_project_account).into();
    assert_eq!(code(admin.create_key(request).await), NotFound);
    let mut request = good.clone();
    request.metadata.get_or_insert_default().parent_id = "project-e00unknown".to_owned();
    assert_eq!(code(admin.create_key(request).await), NotFound);
    assert!(
        admin
            .keys_of(&gateway.service_account_id)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn an_idempotency_key_creates_a_key_once() {
    let folders = Folders::new();
    let gateway = folders.start();
    let once = gateway.admin().with_idempotency_key("key-1");
    let first = once.create_key(new_key(&gateway)).await.unwrap();
    let second = once.create_key(new_key(&gateway)).await.unwrap();
    assert_eq!(first, second);
    assert_eq!(
        once.keys_of(&gateway.service_account_id)
            .await
            .unwrap()
            .len(),
        1
    );
    let mut other = new_key(&gateway);
    other.spec.get_or_insert_default().description = "another request".to_owned();
    assert_eq!(code(once.create_key(other).await), InvalidArgument);
    let again = gateway.admin().with_idempotency_key("key-2");
    assert_ne!(again.create_key(new_key(&gateway)).await.unwrap(), first);
}

#[tokio::test]
async fn an_update_keeps_fields_that_it_leaves_empty_unless_it_resets_them() {
    let folders = Folders::new();
    let gateway = folders.start();
    let admin = gateway.admin();
    let mut request = new_key(&gateway);
    let metadata = request.metadata.get_or_insert_default();
    metadata.labels.insert("team".to_owned(), "web".to_owned());
    let id = admin.create_key(request).await.unwrap();
    let update = |client: Client| {
        let id = id.clone();
        async move {
            let request = UpdateAuthPublicKeyRequest {
                metadata: MessageField::some(ResourceMetadata {
                    id: id.clone(),
                    ..Default::default()
                }),
                ..Default::default()
            };
            client.keys().update(request).await?;
            let key = client.key(&id).await?;
            Ok::<_, ConnectError>((key.spec.description.clone(), key.metadata.labels.len()))
        }
    };
    let kept = ("for a test".to_owned(), 1);
    assert_eq!(update(admin.clone()).await.unwrap(), kept);
    // What is reset is part of the request: another mask with the same key is another request.
    let once = admin.with_idempotency_key("key-1");
    assert_eq!(update(once.clone()).await.unwrap(), kept);
    assert_eq!(update(once.clone()).await.unwrap(), kept);
    let with_mask = once.with_header("x-resetmask", "spec.description");
    assert_eq!(code(update(with_mask).await), InvalidArgument);
    let resetting = |mask: &str| admin.with_header("x-resetmask", mask);
    assert_eq!(
        update(resetting("spec.description")).await.unwrap(),
        (String::new(), 1)
    );
    assert_eq!(
        update(resetting("metadata.(name,labels)")).await.unwrap(),
        (String::new(), 0)
    );
    assert_eq!(code(update(resetting("spec.(")).await), InvalidArgument);
}

#[tokio::test]
async fn only_the_description_can_be_updated() {
    let folders = Folders::new();
    let gateway = folders.start();
    let admin = gateway.admin();
    let id = admin.create_key(new_key(&gateway)).await.unwrap();
    let stored = admin.key(&id).await.unwrap();
    let update = |key: AuthPublicKey| {
        let client = admin.keys();
        async move {
            client
                .update(UpdateAuthPublicKeyRequest {
                    metadata: key.metadata,
                    spec: key.spec,
                    ..Default::default()
                })
                .await
                .map(|answer| answer.into_owned())
        }
    };
    let mut changed = stored.clone();
    changed.spec.get_or_insert_default().description = "another".to_owned();
    update(changed.clone()).await.unwrap();
    assert_eq!(admin.key(&id).await.unwrap().spec.description, "another");
    assert_eq!(
        code(update(changed).await),
        Aborted,
        "read before the change"
    );

    let mut data = admin.key(&id).await.unwrap();
    data.spec.get_or_insert_default().data = public_pem(&make_key(4096));
    assert_eq!(code(update(data).await), InvalidArgument);
    let mut expiry = admin.key(&id).await.unwrap();
    expiry.spec.get_or_insert_default().expires_at = Timestamp::from_unix_secs(now_s() + 60).into();
    assert_eq!(code(update(expiry).await), InvalidArgument);
    let mut owner = admin.key(&id).await.unwrap();
    owner.spec.get_or_insert_default().account =
        Account::of_service_account("serviceaccount-e00other").into();
    assert_eq!(code(update(owner).await), InvalidArgument);
    let mut parent = admin.key(&id).await.unwrap();
    parent.metadata.get_or_insert_default().parent_id = "project-e00other".to_owned();
    assert_eq!(code(update(parent).await), InvalidArgument);
}

#[tokio::test]
async fn states_change_by_activate_deactivate_expiry_and_delete() {
    let folders = Folders::new();
    let gateway = folders.start();
    let admin = gateway.admin();
    let id = admin.create_key(new_key(&gateway)).await.unwrap();
    let activate = || {
        by_id(&id, |id| ActivateAuthPublicKeyRequest {
            id,
            ..Default::default()
        })
    };
    let deactivate = by_id(&id, |id| DeactivateAuthPublicKeyRequest {
        id,
        ..Default::default()
    });
    admin.keys().deactivate(deactivate).await.unwrap();
    assert_eq!(admin.key(&id).await.unwrap().status.state, State::INACTIVE);
    admin.keys().activate(activate()).await.unwrap();
    assert_eq!(admin.key(&id).await.unwrap().status.state, State::ACTIVE);
    let done = admin
        .operations()
        .list(ListOperationsRequest {
            resource_id: id.clone(),
            ..Default::default()
        })
        .await
        .unwrap()
        .into_owned();
    assert_eq!(done.operations.len(), 3);

    let delete = || {
        by_id(&id, |id| DeleteAuthPublicKeyRequest {
            id,
            ..Default::default()
        })
    };
    admin.keys().delete(delete()).await.unwrap();
    assert_eq!(code(admin.key(&id).await), NotFound);
    assert_eq!(
        code(admin.keys().delete(delete()).await.map(|a| a.into_owned())),
        NotFound
    );

    let mut short = new_key(&gateway);
    short.spec.get_or_insert_default().expires_at = Timestamp::from_unix_secs(now_s() + 2).into();
    let id = admin.create_key(short).await.unwrap();
    assert_eq!(admin.key(&id).await.unwrap().status.state, State::ACTIVE);
    tokio::time::sleep(Duration::from_millis(2100)).await;
    assert_eq!(admin.key(&id).await.unwrap().status.state, State::EXPIRED);
    let activate = by_id(&id, |id| ActivateAuthPublicKeyRequest {
        id,
        ..Default::default()
    });
    let refused = admin
        .keys()
        .activate(activate)
        .await
        .map(|a| a.into_owned());
    assert_eq!(code(refused), FailedPrecondition);
}

#[tokio::test]
async fn lists_are_paged_to_their_end_without_gap_or_repetition() {
    let folders = Folders::new();
    let gateway = folders.start();
    let admin = gateway.admin();
    let mut made = Vec::new();
    for _ in 0..23 {
        made.push(admin.create_key(new_key(&gateway)).await.unwrap());
    }
    let list = |page_size, page_token: String| {
        let request = ListAuthPublicKeysByAccountRequest {
            account: Account::of_service_account(gateway.service_account_id.clone()).into(),
            page_size,
            page_token,
            ..Default::default()
        };
        let client = admin.keys();
        async move {
            client
                .list_by_account(request)
                .await
                .map(|a| a.into_owned())
        }
    };
    for (page_size, sizes) in [(0, vec![10, 10, 3]), (23, vec![23]), (22, vec![22, 1])] {
        let (mut seen, mut pages, mut token) = (Vec::new(), Vec::new(), String::new());
        loop {
            let page = list(page_size, token).await.unwrap();
            pages.push(page.items.len());
            seen.extend(page.items.into_iter().map(|key| key.metadata.id.clone()));
            token = page.next_page_token;
            if token.is_empty() {
                break;
            }
        }
        assert_eq!((pages, &seen), (sizes, &made));
    }
    assert_eq!(code(list(-1, String::new()).await), InvalidArgument);
    assert_eq!(
        code(list(0, "not a token".to_owned()).await),
        InvalidArgument
    );
    let by_project = ListAuthPublicKeysRequest {
        parent_id: gateway.project_id.clone(),
        page_size: 100,
        ..Default::default()
    };
    assert_eq!(
        admin
            .keys()
            .list(by_project)
            .await
            .unwrap()
            .into_owned()
            .items
            .len(),
        23
    );
}

#[tokio::test]
async fn a_service_account_sees_itself_and_changes_nothing() {
    let folders = Folders::new();
    let gateway = folders.start();
    let admin = gateway.admin();
    let id = admin.create_key(new_key(&gateway)).await.unwrap();
    let own = gateway.service_account_id.clone();
    let other = admin
        .create_account(&gateway.project_id, "other")
        .await
        .unwrap();
    let jwt = crate::support::jwt(key(), &id, &crate::support::claims(&own));
    let token = gateway
        .client(None)
        .exchange(jwt)
        .await
        .unwrap()
        .access_token;
    let account = gateway.client(Some(&token));
    assert_eq!(account.keys_of(&own).await.unwrap().len(), 1);
    assert_eq!(account.key(&id).await.unwrap().metadata.id, id);
    assert_eq!(code(account.keys_of(&other).await), PermissionDenied);
    assert_eq!(
        code(account.create_key(new_key(&gateway)).await),
        PermissionDenied
    );
    assert_eq!(
        code(account.create_account(&gateway.project_id, "x").await),
        PermissionDenied
    );
    let delete = by_id(&id, |id| DeleteAuthPublicKeyRequest {
        id,
        ..Default::default()
    });
    let refused = account.keys().delete(delete).await.map(|a| a.into_owned());
    assert_eq!(code(refused), PermissionDenied);
}
