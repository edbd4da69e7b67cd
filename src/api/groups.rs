//! Calls on groups, which grant access.

use keyside_iam::{
    MessageField,
    common::{Operation, ResourceMetadata},
    iam::{
        CreateGroupMembershipRequest, GROUP_MEMBERSHIP_SERVICE_CREATE_SPEC,
        GROUP_MEMBERSHIP_SERVICE_LIST_MEMBER_OF_SPEC, GROUP_SERVICE_LIST_SPEC, Group,
        GroupMembershipSpec, ListGroupsRequest, ListGroupsResponse, ListMemberOfRequest,
        ListMemberOfResponse,
    },
};

use super::{Api, Problem, client::PAGE_SIZE};

impl Api {
    /// `GroupMembershipService/ListMemberOf`: the groups of a service account or a tenant user
    /// account.
    pub async fn groups_of(&self, subject_id: &str) -> Result<Vec<Group>, Problem> {
        let request = |page_token| ListMemberOfRequest {
            subject_id: subject_id.to_owned(),
            page_size: PAGE_SIZE,
            page_token,
            ..Default::default()
        };
        let page = |page: ListMemberOfResponse| (page.items, page.next_page_token);
        self.list_all(GROUP_MEMBERSHIP_SERVICE_LIST_MEMBER_OF_SPEC, request, page)
            .await
    }

    /// `GroupService/List` of a tenant.
    pub async fn groups(&self, tenant_id: &str) -> Result<Vec<Group>, Problem> {
        let request = |page_token| ListGroupsRequest {
            parent_id: tenant_id.to_owned(),
            page_size: PAGE_SIZE,
            page_token,
            ..Default::default()
        };
        let page = |page: ListGroupsResponse| (page.items, page.next_page_token);
        self.list_all(GROUP_SERVICE_LIST_SPEC, request, page).await
    }

    /// `GroupMembershipService/Create`.
    pub async fn join_group(
        &self,
        group_id: &str,
        member_id: &str,
        idempotency_key: &str,
    ) -> Result<Operation, Problem> {
        let request = CreateGroupMembershipRequest {
            metadata: MessageField::some(ResourceMetadata {
                parent_id: group_id.to_owned(),
                ..Default::default()
            }),
            spec: MessageField::some(GroupMembershipSpec {
                member_id: member_id.to_owned(),
                ..Default::default()
            }),
            ..Default::default()
        };
        let spec = GROUP_MEMBERSHIP_SERVICE_CREATE_SPEC;
        self.call(spec, &request, Some(idempotency_key)).await
    }
}
