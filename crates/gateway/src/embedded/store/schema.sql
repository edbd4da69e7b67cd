-- Version 1 of the embedded IAM's database. Times are microseconds since 1970, UTC.
-- `seq` orders lists and carries their paging.

CREATE TABLE containers (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    -- The tenant of a project; empty for a tenant.
    parent_id TEXT NOT NULL,
    name TEXT NOT NULL,
    region TEXT NOT NULL,
    labels TEXT NOT NULL DEFAULT '{}',
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE service_accounts (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    parent_id TEXT NOT NULL REFERENCES containers (id),
    name TEXT NOT NULL,
    labels TEXT NOT NULL,
    description TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (parent_id, name)
) STRICT;

CREATE TABLE auth_public_keys (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    parent_id TEXT NOT NULL REFERENCES containers (id),
    service_account_id TEXT NOT NULL REFERENCES service_accounts (id),
    name TEXT NOT NULL,
    labels TEXT NOT NULL,
    description TEXT NOT NULL,
    -- The public key as PEM (SPKI).
    data TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    bits INTEGER NOT NULL,
    -- NULL: never.
    expires_at INTEGER,
    active INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX auth_public_keys_by_account ON auth_public_keys (service_account_id, seq);
CREATE INDEX auth_public_keys_by_parent ON auth_public_keys (parent_id, seq);

CREATE TABLE operations (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL,
    resource_id TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    finished_at INTEGER NOT NULL,
    -- With x-idempotency-key: the caller's key, and the SHA-256 of what was asked with it.
    idempotency_key TEXT,
    request_hash BLOB,
    UNIQUE (created_by, idempotency_key)
) STRICT;
CREATE INDEX operations_by_resource ON operations (resource_id, seq);

-- Tokens given out by the token exchange, as SHA-256 only.
CREATE TABLE access_tokens (
    hash BLOB PRIMARY KEY,
    service_account_id TEXT NOT NULL REFERENCES service_accounts (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
) STRICT;
