//! Reads all keys that the token can see: those of each project of each tenant.

use std::collections::HashMap;

use connectrpc::{ConnectError, client::CallOptions};
use http::{HeaderName, HeaderValue, header::AUTHORIZATION};
use keyside_iam::{
    common::ListOperationsRequest,
    iam::{
        AuthPublicKey, Container, ListAuthPublicKeysRequest, ListProjectsRequest,
        ListServiceAccountsRequest, ListTenantsRequest,
    },
};

use super::Clients;

const PAGE_SIZE: i64 = 500;

/// A key and what belongs to it.
pub struct Found {
    pub key: AuthPublicKey,
    pub project: Container,
    /// The name of its service account, if it's there.
    pub account_name: Option<String>,
}

/// Calls the API with a token.
pub struct Reader<'a> {
    pub clients: &'a Clients,
    pub authorization: HeaderValue,
}

/// All pages of a list: `$call` gets a page token, and `$items` names the list's field.
macro_rules! all {
    ($items:ident, |$page_token:ident| $call:expr) => {{
        let (mut all, mut $page_token) = (Vec::new(), String::new());
        loop {
            let page = $call.await?.into_owned();
            all.extend(page.$items);
            if page.next_page_token.is_empty() {
                break all;
            }
            $page_token = page.next_page_token;
        }
    }};
}

impl Reader<'_> {
    /// All keys.
    ///
    /// # Errors
    /// Returns the API's error.
    pub async fn keys(&self) -> Result<Vec<Found>, ConnectError> {
        let tenants = all!(items, |page_token| {
            let request = ListTenantsRequest {
                page_size: PAGE_SIZE,
                page_token,
                ..Default::default()
            };
            let client = &self.clients.tenants;
            client.list_with_options(request, self.options())
        });
        let mut found = Vec::new();
        for tenant in tenants {
            let projects = all!(items, |page_token| {
                let request = ListProjectsRequest {
                    parent_id: tenant.metadata.id.clone(),
                    page_size: PAGE_SIZE,
                    page_token,
                    ..Default::default()
                };
                let client = &self.clients.projects;
                client.list_with_options(request, self.options())
            });
            for project in projects {
                self.keys_of(&project, &mut found).await?;
            }
        }
        Ok(found)
    }

    async fn keys_of(
        &self,
        project: &Container,
        found: &mut Vec<Found>,
    ) -> Result<(), ConnectError> {
        let id = &project.metadata.id;
        let accounts = all!(items, |page_token| {
            let request = ListServiceAccountsRequest {
                parent_id: id.clone(),
                page_size: PAGE_SIZE,
                page_token,
                ..Default::default()
            };
            let client = &self.clients.service_accounts;
            client.list_with_options(request, self.options())
        });
        let names: HashMap<_, _> = accounts
            .into_iter()
            .map(|account| (account.metadata.id.clone(), account.metadata.name.clone()))
            .collect();
        let keys = all!(items, |page_token| {
            let request = ListAuthPublicKeysRequest {
                parent_id: id.clone(),
                page_size: PAGE_SIZE,
                page_token,
                ..Default::default()
            };
            let client = &self.clients.auth_public_keys;
            client.list_with_options(request, self.options())
        });
        for key in keys {
            let account_id = key.spec.account.service_account_id();
            found.push(Found {
                account_name: account_id.and_then(|id| names.get(id).cloned()),
                project: project.clone(),
                key,
            });
        }
        Ok(())
    }

    /// Who began the first operation on the key. Not everybody may see it, and the API may have forgotten it.
    pub async fn created_by(&self, key_id: &str) -> Option<String> {
        let request = ListOperationsRequest {
            resource_id: key_id.to_owned(),
            page_size: PAGE_SIZE,
            ..Default::default()
        };
        let client = &self.clients.operations;
        let answer = client.list_with_options(request, self.options()).await;
        let operations = answer.ok()?.into_owned().operations;
        let first = operations
            .into_iter()
            .min_by_key(|operation| operation.created_at.seconds)?;
        Some(first.created_by).filter(|by| !by.is_empty())
    }

    fn options(&self) -> CallOptions {
        let headers: Vec<(HeaderName, HeaderValue)> =
            vec![(AUTHORIZATION, self.authorization.clone())];
        CallOptions::default()
            .with_timeout(std::time::Duration::from_secs(20))
            .with_headers(headers)
    }
}
