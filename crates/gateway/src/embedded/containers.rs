//! `TenantService` and `ProjectService`.

use connectrpc::{Encodable, RequestContext, ServiceRequest, ServiceResult};
use keyside_iam::{
    MessageField,
    iam::{
        Container, ContainerSpec, ContainerStatus, GetProjectRequest, GetTenantRequest,
        ListProjectsRequest, ListProjectsResponse, ListTenantsRequest, ListTenantsResponse,
        ProjectService, TenantService,
    },
};
use rusqlite::{Connection, OptionalExtension, Row};

use super::{
    EmbeddedIam, metadata,
    paging::{List, Page},
};
use crate::error::IamError;

fn from_row(row: &Row<'_>) -> rusqlite::Result<Container> {
    let region: String = row.get("region")?;
    Ok(Container {
        metadata: MessageField::some(metadata::from_row(row)?),
        spec: MessageField::some(ContainerSpec {
            region: region.clone(),
            ..Default::default()
        }),
        status: MessageField::some(ContainerStatus {
            region,
            ..Default::default()
        }),
        ..Default::default()
    })
}

fn find(
    db: &Connection,
    id: &str,
    kind: &'static str,
    has_kind: impl Fn(&Container) -> bool,
) -> Result<Container, IamError> {
    db.query_row("SELECT * FROM containers WHERE id = ?1", (id,), from_row)
        .optional()?
        .filter(has_kind)
        .ok_or_else(|| IamError::NotFound {
            kind,
            id: id.to_owned(),
        })
}

fn get_tenant(db: &Connection, id: &str) -> Result<Container, IamError> {
    find(db, id, "tenant", |found| {
        found.metadata.parent_id.is_empty()
    })
}

/// Reads the project `id`.
///
/// # Errors
/// NOT_FOUND if there is no such project.
pub fn get_project(db: &Connection, id: &str) -> Result<Container, IamError> {
    find(db, id, "project", |found| {
        !found.metadata.parent_id.is_empty()
    })
}

/// Reads the tenant or project `id`.
///
/// # Errors
/// NOT_FOUND if there is neither.
pub fn get_any(db: &Connection, id: &str) -> Result<Container, IamError> {
    find(db, id, "tenant or project", |_| true)
}

fn list(
    db: &Connection,
    parent_id: &str,
    page: &Page,
) -> Result<(Vec<Container>, String), IamError> {
    page.read(db, List::Containers, parent_id, from_row)
}

impl TenantService for EmbeddedIam {
    async fn get<'a>(
        &'a self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetTenantRequest>,
    ) -> ServiceResult<impl Encodable<Container> + Send + use<'a>> {
        let id = request.id.to_owned();
        self.read(&ctx, move |db, call| {
            call.require_reader()?;
            get_tenant(db, &id)
        })
        .await
    }

    async fn list<'a>(
        &'a self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ListTenantsRequest>,
    ) -> ServiceResult<impl Encodable<ListTenantsResponse> + Send + use<'a>> {
        let request = request.to_owned_message();
        self.read(&ctx, move |db, call| {
            call.require_reader()?;
            let page = Page::new(request.page_size, &request.page_token, &request.filter)?;
            let (items, next_page_token) = list(db, "", &page)?;
            Ok(ListTenantsResponse {
                items,
                next_page_token,
                ..Default::default()
            })
        })
        .await
    }
}

impl ProjectService for EmbeddedIam {
    async fn get<'a>(
        &'a self,
        ctx: RequestContext,
        request: ServiceRequest<'_, GetProjectRequest>,
    ) -> ServiceResult<impl Encodable<Container> + Send + use<'a>> {
        let id = request.id.to_owned();
        self.read(&ctx, move |db, call| {
            call.require_reader()?;
            get_project(db, &id)
        })
        .await
    }

    async fn list<'a>(
        &'a self,
        ctx: RequestContext,
        request: ServiceRequest<'_, ListProjectsRequest>,
    ) -> ServiceResult<impl Encodable<ListProjectsResponse> + Send + use<'a>> {
        let request = request.to_owned_message();
        self.read(&ctx, move |db, call| {
            call.require_reader()?;
            let page = Page::new(request.page_size, &request.page_token, &request.filter)?;
            get_tenant(db, &request.parent_id)?;
            let (items, next_page_token) = list(db, &request.parent_id, &page)?;
            Ok(ListProjectsResponse {
                items,
                next_page_token,
                ..Default::default()
            })
        })
        .await
    }
}
