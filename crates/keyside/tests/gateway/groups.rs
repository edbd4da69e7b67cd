//! Groups: their members, who can change them, and what the admins group allows.

use crate::support::{
    ADMIN_TOKEN, Client, Folders, Gateway, WAYS, claims, code, jwt, key, new_key,
};
use connectrpc::{
    CodecFormat, ConnectError,
    ErrorCode::{
        AlreadyExists, InvalidArgument, NotFound, PermissionDenied, Unauthenticated, Unimplemented,
    },
    Protocol,
};
use keyside_iam::{
    MessageField, Timestamp,
    common::{Operation, ResourceMetadata},
    iam::{group_status::State, oneof::get_profile_response::Profile, *},
};

const NAMES: [&str; 4] = ["auditors", "viewers", "editors", "admins"];

/// The person's tenant, and their ID in it.
async fn person(client: &Client) -> UserTenantInfo {
    let profile = client.profile().get(GetProfileRequest::default()).await;
    let Some(Profile::UserProfile(user)) = profile.unwrap().into_owned().profile else {
        panic!("not a person")
    };
    user.tenants[0].clone()
}

async fn group(client: &Client, name: &str) -> Group {
    let request = GetGroupByNameRequest {
        parent_id: person(client).await.tenant_id,
        name: name.to_owned(),
        ..Default::default()
    };
    let group = client.groups().get_by_name(request).await.unwrap();
    group.into_owned()
}

async fn group_id(client: &Client, name: &str) -> String {
    group(client, name).await.metadata.id.clone()
}

/// The number of all members, service accounts and people.
fn counts(group: &Group) -> [i32; 3] {
    let status = &group.status;
    [
        status.members_count,
        status.service_accounts_count,
        status.tenant_user_accounts_count,
    ]
}

fn new_membership(group_id: &str, member_id: &str) -> CreateGroupMembershipRequest {
    CreateGroupMembershipRequest {
        metadata: MessageField::some(ResourceMetadata {
            parent_id: group_id.to_owned(),
            ..Default::default()
        }),
        spec: MessageField::some(GroupMembershipSpec {
            member_id: member_id.to_owned(),
            ..Default::default()
        }),
        ..Default::default()
    }
}

async fn create(
    client: &Client,
    request: CreateGroupMembershipRequest,
) -> Result<Operation, ConnectError> {
    let answer = client.memberships().create(request).await;
    answer.map(|answer| answer.into_owned())
}

pub async fn add_member(
    client: &Client,
    group: &str,
    member_id: &str,
) -> Result<String, ConnectError> {
    let request = new_membership(&group_id(client, group).await, member_id);
    create(client, request).await.map(|done| done.resource_id)
}

async fn delete(client: &Client, id: &str) -> Result<Operation, ConnectError> {
    let request = DeleteGroupMembershipRequest {
        id: id.to_owned(),
        ..Default::default()
    };
    let answer = client.memberships().delete(request).await;
    answer.map(|answer| answer.into_owned())
}

async fn members(client: &Client, group_id: &str) -> Result<Vec<GroupMembership>, ConnectError> {
    let request = ListGroupMembershipsRequest {
        parent_id: group_id.to_owned(),
        ..Default::default()
    };
    let answer = client.memberships().list_members(request).await;
    answer.map(|answer| answer.into_owned().memberships)
}

/// The names of the groups that a member is in.
async fn groups_of(client: &Client, member_id: &str) -> Result<Vec<String>, ConnectError> {
    let request = ListMemberOfRequest {
        subject_id: member_id.to_owned(),
        ..Default::default()
    };
    let answer = client.memberships().list_member_of(request).await?;
    let groups = answer.into_owned().items.into_iter();
    Ok(groups.map(|group| group.metadata.name.clone()).collect())
}

/// Authenticates as the first service account with its own key.
async fn signed_in(gateway: &Gateway) -> Client {
    let id = gateway.admin().create_key(new_key(gateway)).await.unwrap();
    let proof = jwt(key(), &id, &claims(&gateway.service_account_id));
    let token = gateway.client(None).exchange(proof).await.unwrap();
    gateway.client(Some(&token.access_token))
}

#[tokio::test]
async fn a_new_tenant_has_four_groups_and_its_person_is_an_admin() {
    let folders = Folders::new();
    let gateway = folders.start();
    let admin = gateway.admin();
    let UserTenantInfo {
        tenant_id,
        tenant_user_account_id: me,
        ..
    } = person(&admin).await;
    let list = |parent_id: &str| {
        let request = ListGroupsRequest {
            parent_id: parent_id.to_owned(),
            ..Default::default()
        };
        let client = admin.groups();
        async move { client.list(request).await.map(|a| a.into_owned().items) }
    };
    let groups = list(&tenant_id).await.unwrap();
    let names: Vec<_> = groups.iter().map(|group| &*group.metadata.name).collect();
    assert_eq!(names, NAMES);
    for group in &groups {
        assert!(group.metadata.id.starts_with("group-e00"));
        assert_eq!(group.metadata.parent_id, tenant_id);
        assert_eq!(group.status.state, State::ACTIVE);
        let is_admins = group.metadata.name == "admins";
        assert_eq!(counts(group), if is_admins { [1, 0, 1] } else { [0; 3] });
        let request = GetGroupRequest {
            id: group.metadata.id.clone(),
            ..Default::default()
        };
        let same = admin.groups().get(request).await.unwrap().into_owned();
        assert_eq!(&same, group);
    }
    assert_eq!(groups_of(&admin, &me).await.unwrap(), ["admins"]);
    let of_account = groups_of(&admin, &gateway.service_account_id).await;
    assert_eq!(of_account.unwrap(), [""; 0]);
    // A project has no groups, and only containers can be listed.
    assert_eq!(list(&gateway.project_id).await.unwrap(), []);
    assert_eq!(code(list("tenant-e00unknown").await), NotFound);
    let unknown = GetGroupByNameRequest {
        parent_id: tenant_id,
        name: "owners".to_owned(),
        ..Default::default()
    };
    let unknown = admin.groups().get_by_name(unknown).await;
    assert_eq!(code(unknown.map(|a| a.into_owned())), NotFound);
}

#[tokio::test]
async fn every_protocol_adds_an_account_to_a_group_and_removes_it() {
    let folders = Folders::new();
    let gateway = folders.start();
    let account = &gateway.service_account_id;
    for (protocol, codec) in WAYS {
        let client = Client::new(&gateway.address, Some(ADMIN_TOKEN), protocol, codec);
        let editors = group_id(&client, "editors").await;
        let begun = create(&client, new_membership(&editors, account))
            .await
            .unwrap();
        assert!(!begun.status.is_set(), "a change takes a moment");
        let id = client.finished(begun).await.resource_id;
        assert!(id.starts_with("groupmembership-e00"), "{id}");
        let listed = members(&client, &editors).await.unwrap();
        let [membership] = listed.as_slice() else {
            panic!("{listed:?}")
        };
        assert_eq!(membership.metadata.id, id);
        assert_eq!(membership.metadata.parent_id, editors);
        assert!(membership.metadata.created_at.is_set());
        assert_eq!(&membership.spec.member_id, account);
        let member = &membership.status.group_member_metadata;
        assert_eq!(
            (&member.id, &*member.name),
            (account, "first-service-account")
        );
        assert_eq!(groups_of(&client, account).await.unwrap(), ["editors"]);
        assert_eq!(counts(&group(&client, "editors").await), [1, 1, 0]);
        let twice = create(&client, new_membership(&editors, account)).await;
        assert_eq!(code(twice), AlreadyExists, "{protocol:?} {codec:?}");

        client.finished(delete(&client, &id).await.unwrap()).await;
        assert_eq!(members(&client, &editors).await.unwrap(), []);
        assert_eq!(counts(&group(&client, "editors").await), [0; 3]);
        assert_eq!(code(delete(&client, &id).await), NotFound);
        let nobody = Client::new(&gateway.address, None, protocol, codec);
        assert_eq!(
            code(groups_of(&nobody, account).await),
            Unauthenticated,
            "{protocol:?} {codec:?}"
        );
    }
}

#[tokio::test]
async fn bad_memberships_are_refused_with_the_apis_codes_and_create_nothing() {
    type Change = fn(&mut ResourceMetadata);
    let folders = Folders::new();
    let gateway = folders.start();
    let admin = gateway.admin();
    let viewers = group_id(&admin, "viewers").await;
    let good = new_membership(&viewers, &gateway.service_account_id);
    let changes: [(&str, Change); 5] = [
        ("id", |given| given.id = "groupmembership-e00x".to_owned()),
        ("created_at", |given| {
            given.created_at = Timestamp::now().into();
        }),
        ("updated_at", |given| {
            given.updated_at = Timestamp::now().into();
        }),
        ("version", |given| given.resource_version = 1),
        ("no group", |given| given.parent_id.clear()),
    ];
    for (name, change) in changes {
        let mut request = good.clone();
        change(request.metadata.get_or_insert_default());
        assert_eq!(
            code(create(&admin, request).await),
            InvalidArgument,
            "{name}"
        );
    }
    let nobody = create(&admin, new_membership(&viewers, "")).await;
    assert_eq!(code(nobody), InvalidArgument);
    let for_a_while = CreateGroupMembershipRequest {
        revoke_after_hours: 1,
        ..good.clone()
    };
    assert_eq!(code(create(&admin, for_a_while).await), Unimplemented);
    for (group, member) in [
        ("group-e00unknown", &*gateway.service_account_id),
        (&gateway.project_id, &gateway.service_account_id),
        (&viewers, "serviceaccount-e00unknown"),
        (&viewers, &gateway.project_id),
        (&viewers, &viewers),
    ] {
        let refused = create(&admin, new_membership(group, member)).await;
        assert_eq!(code(refused), NotFound, "{member} in {group}");
    }
    assert_eq!(members(&admin, &viewers).await.unwrap(), []);
    assert_eq!(code(members(&admin, "group-e00unknown").await), NotFound);
    let of_nobody = groups_of(&admin, "serviceaccount-e00unknown").await;
    assert_eq!(code(of_nobody), NotFound);
}

#[tokio::test]
async fn an_idempotency_key_creates_a_membership_once() {
    let folders = Folders::new();
    let gateway = folders.start();
    let once = gateway.admin().with_idempotency_key("key-1");
    let account = &gateway.service_account_id;
    let first = add_member(&once, "viewers", account).await.unwrap();
    assert_eq!(add_member(&once, "viewers", account).await.unwrap(), first);
    let other = add_member(&once, "editors", account).await;
    assert_eq!(code(other), InvalidArgument);
    assert_eq!(groups_of(&once, account).await.unwrap(), ["viewers"]);
}

#[tokio::test]
async fn lists_of_members_and_of_groups_are_paged_to_their_end() {
    let folders = Folders::new();
    let gateway = folders.start();
    let admin = gateway.admin();
    let viewers = group_id(&admin, "viewers").await;
    let mut entered = Vec::new();
    for number in 0..5 {
        let name = format!("a-{number}");
        let account = admin.create_account(&gateway.project_id, &name).await;
        let account = account.unwrap();
        create(&admin, new_membership(&viewers, &account))
            .await
            .unwrap();
        entered.push(account);
    }
    let (mut seen, mut sizes, mut page_token) = (Vec::new(), Vec::new(), String::new());
    loop {
        let request = ListGroupMembershipsRequest {
            parent_id: viewers.clone(),
            page_size: 2,
            page_token,
            ..Default::default()
        };
        let page = admin.memberships().list_members(request).await.unwrap();
        let page = page.into_owned();
        sizes.push(page.memberships.len());
        let members = page.memberships.into_iter();
        seen.extend(members.map(|membership| membership.spec.member_id.clone()));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!((sizes, seen), (vec![2, 2, 1], entered.clone()));

    for name in ["admins", "auditors"] {
        add_member(&admin, name, &entered[0]).await.unwrap();
    }
    let (mut seen, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = ListMemberOfRequest {
            subject_id: entered[0].clone(),
            page_size: 1,
            page_token,
            ..Default::default()
        };
        let page = admin.memberships().list_member_of(request).await.unwrap();
        let page = page.into_owned();
        assert_eq!(page.items.len(), 1);
        seen.push(page.items[0].metadata.name.clone());
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(seen, ["viewers", "admins", "auditors"]);
}

#[tokio::test]
async fn a_deleted_account_is_in_no_group() {
    let folders = Folders::new();
    let gateway = folders.start();
    let admin = gateway.admin();
    let account = gateway.service_account_id.clone();
    for name in NAMES {
        add_member(&admin, name, &account).await.unwrap();
    }
    assert_eq!(counts(&group(&admin, "admins").await), [2, 1, 1]);
    let request = DeleteServiceAccountRequest {
        id: account.clone(),
        ..Default::default()
    };
    admin.accounts().delete(request).await.unwrap();
    for name in NAMES {
        let people = i32::from(name == "admins");
        assert_eq!(counts(&group(&admin, name).await), [people, 0, people]);
        let listed = members(&admin, &group_id(&admin, name).await).await;
        assert_eq!(listed.unwrap().len(), people as usize);
    }
    assert_eq!(code(groups_of(&admin, &account).await), NotFound);
}

#[tokio::test]
async fn a_service_account_may_do_more_as_an_admin_and_only_then() {
    let folders = Folders::new();
    let gateway = folders.start();
    let admin = gateway.admin();
    let account = signed_in(&gateway).await;
    let own = gateway.service_account_id.as_str();
    let ids = [
        group_id(&admin, "auditors").await,
        group_id(&admin, "viewers").await,
        group_id(&admin, "editors").await,
    ];
    let admins = group_id(&admin, "admins").await;
    // It can see its own groups; only the admins group allows more.
    assert_eq!(groups_of(&account, own).await.unwrap(), [""; 0]);
    for id in &ids {
        create(&admin, new_membership(id, own)).await.unwrap();
    }
    assert_eq!(groups_of(&account, own).await.unwrap(), NAMES[..3]);
    let person = person(&admin).await.tenant_user_account_id;
    assert_eq!(code(groups_of(&account, &person).await), PermissionDenied);
    assert_eq!(code(members(&account, &admins).await), PermissionDenied);
    let itself = create(&account, new_membership(&admins, own)).await;
    assert_eq!(code(itself), PermissionDenied, "nobody lets themselves in");
    let other = account.create_account(&gateway.project_id, "other").await;
    assert_eq!(code(other), PermissionDenied);

    let membership = create(&admin, new_membership(&admins, own)).await.unwrap();
    let other = account.create_account(&gateway.project_id, "other").await;
    create(&account, new_membership(&ids[0], &other.unwrap()))
        .await
        .unwrap();
    assert_eq!(members(&account, &admins).await.unwrap().len(), 2);

    delete(&admin, &membership.resource_id).await.unwrap();
    assert_eq!(code(members(&account, &admins).await), PermissionDenied);
    let third = account.create_account(&gateway.project_id, "third").await;
    assert_eq!(code(third), PermissionDenied);
}

#[tokio::test]
async fn a_person_removed_from_admins_can_read_but_not_change_until_the_next_start() {
    let folders = Folders::new();
    let gateway = folders.start();
    let admin = gateway.admin();
    let me = person(&admin).await.tenant_user_account_id;
    let admins = group_id(&admin, "admins").await;
    let membership = members(&admin, &admins).await.unwrap().remove(0);
    assert_eq!(membership.spec.member_id, me);
    delete(&admin, &membership.metadata.id).await.unwrap();

    assert_eq!(groups_of(&admin, &me).await.unwrap(), [""; 0]);
    assert_eq!(
        code(add_member(&admin, "admins", &me).await),
        PermissionDenied
    );
    let refused = admin.create_key(new_key(&gateway)).await;
    assert_eq!(code(refused), PermissionDenied);
    let refused = admin.create_account(&gateway.project_id, "more").await;
    assert_eq!(code(refused), PermissionDenied);
    let keys = admin.keys_of(&gateway.service_account_id).await;
    assert_eq!(keys.unwrap(), []);

    gateway.kill();
    let gateway = folders.start();
    let admin = gateway.admin();
    assert_eq!(groups_of(&admin, &me).await.unwrap(), ["admins"]);
    admin.create_key(new_key(&gateway)).await.unwrap();
}

#[tokio::test]
async fn a_database_of_version_1_gets_groups_and_keeps_its_data() {
    let folders = Folders::new();
    std::fs::create_dir(folders.data()).unwrap();
    let file = folders.data().join("iam.sqlite3");
    let old = rusqlite::Connection::open(&file).unwrap();
    old.execute_batch(include_str!("support/version-1.sql"))
        .unwrap();
    let rows = |db: &rusqlite::Connection| -> Vec<String> {
        let tables = [
            "auth_public_keys",
            "containers",
            "operations",
            "service_accounts",
        ];
        let of = |table| {
            let sql = format!("SELECT json_group_array(json_array(seq, id)) FROM {table}");
            db.query_row(&sql, (), |row| row.get(0)).unwrap()
        };
        tables.map(of).to_vec()
    };
    let before = rows(&old);
    old.close().unwrap();

    let gateway = folders.start();
    let admin = gateway.admin();
    assert_eq!(
        gateway.service_account_id,
        "serviceaccount-e007hh4itw7u3279s2s"
    );
    let keys = admin.keys_of(&gateway.service_account_id).await.unwrap();
    assert_eq!(keys[0].spec.description, "from before");
    assert_eq!(counts(&group(&admin, "admins").await), [1, 0, 1]);
    add_member(&admin, "editors", &gateway.service_account_id)
        .await
        .unwrap();
    gateway.kill();
    // The next start changes nothing more.
    let gateway = folders.start();
    let admin = gateway.admin();
    let of_account = groups_of(&admin, &gateway.service_account_id).await;
    assert_eq!(of_account.unwrap(), ["editors"]);
    gateway.kill();
    let now = rusqlite::Connection::open(&file).unwrap();
    let version: i64 = now
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    assert_eq!(version, 3);
    let groups: i64 = now
        .query_row("SELECT COUNT(*) FROM groups", (), |row| row.get(0))
        .unwrap();
    assert_eq!(groups, 4);
    now.execute(
        "DELETE FROM operations WHERE description = 'Create group membership'",
        (),
    )
    .unwrap();
    assert_eq!(rows(&now), before);
}

#[tokio::test]
async fn private_key_material_in_a_membership_is_refused() {
    let folders = Folders::new();
    let gateway = folders.start();
    let client = Client::new(
        &gateway.address,
        Some(ADMIN_TOKEN),
        Protocol::Grpc,
        CodecFormat::Proto,
    );
    let viewers = group_id(&client, "viewers").await;
    let request = new_membership(
        &viewers,
        "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC",
    );
    let refused = create(&client, request).await.unwrap_err();
    assert_eq!(refused.code, InvalidArgument);
    assert!(refused.message.unwrap().contains("private key material"));
}

#[tokio::test]
async fn the_audit_log_records_who_added_whom_to_which_group() {
    let folders = Folders::new();
    let path = folders.root.path().join("audit.jsonl");
    let mut command = folders.command();
    command.arg("--audit-log").arg(&path);
    let gateway = Gateway::start(command);
    let admin = gateway.admin();
    let viewers = group_id(&admin, "viewers").await;
    let account = &gateway.service_account_id;
    let membership = add_member(&admin, "viewers", account).await.unwrap();
    delete(&admin, &membership).await.unwrap();
    let by = person(&admin).await.tenant_user_account_id;
    let text = std::fs::read_to_string(&path).unwrap();
    let records: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let [entered, left] = records.as_slice() else {
        panic!("{text}")
    };
    assert_eq!(entered["action"], "GroupMembershipService/Create");
    assert_eq!(left["action"], "GroupMembershipService/Delete");
    assert_eq!(entered["within"], *viewers);
    assert_eq!(entered["member"], **account);
    for record in &records {
        assert_eq!(record["by"], *by);
        assert_eq!(record["target"], *membership);
        assert_eq!(record["outcome"], "ok");
    }
}
