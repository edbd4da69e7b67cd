//! One implementation, three protocols on one port.

use crate::support::{ADMIN_TOKEN, Client, Folders, WAYS, code, new_key};
use connectrpc::ErrorCode;
use keyside_iam::iam::{GetProfileRequest, oneof::get_profile_response::Profile};

#[tokio::test]
async fn every_protocol_reads_writes_and_carries_errors() {
    let gateway = Folders::new();
    let folders = gateway;
    let gateway = folders.start();
    for (protocol, codec) in WAYS {
        let client = Client::new(&gateway.address, Some(ADMIN_TOKEN), protocol, codec);
        let profile = client
            .profile()
            .get(GetProfileRequest::default())
            .await
            .unwrap();
        assert!(
            matches!(profile.into_owned().profile, Some(Profile::UserProfile(_))),
            "{protocol:?} {codec:?}"
        );
        let operation = client
            .keys()
            .create(new_key(&gateway))
            .await
            .unwrap()
            .into_owned();
        assert!(!operation.status.is_set(), "a change takes a moment");
        let id = client.finished(operation).await.resource_id;
        assert_eq!(client.key(&id).await.unwrap().status.key_size, 4096);
        let missing = client.key("publickey-e00nothing").await.unwrap_err();
        assert_eq!(missing.code, ErrorCode::NotFound, "{protocol:?} {codec:?}");
        assert!(missing.message.unwrap().contains("publickey-e00nothing"));

        let nobody = Client::new(&gateway.address, None, protocol, codec);
        assert_eq!(code(nobody.key(&id).await), ErrorCode::Unauthenticated);
        let stranger = Client::new(&gateway.address, Some("wrong"), protocol, codec);
        assert_eq!(code(stranger.key(&id).await), ErrorCode::Unauthenticated);
    }
}

#[tokio::test]
async fn answers_carry_a_request_id_that_the_log_names() {
    let folders = Folders::new();
    let gateway = folders.start();
    let answer = gateway
        .admin()
        .profile()
        .get(GetProfileRequest::default())
        .await
        .unwrap();
    let id = answer.headers()["x-request-id"]
        .to_str()
        .unwrap()
        .to_owned();
    gateway.wait_for_log(&id, 1);
}
