-- Version 2: groups and who is in them; every list is read by an index, in its order.

CREATE TABLE groups (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    parent_id TEXT NOT NULL REFERENCES containers (id),
    name TEXT NOT NULL,
    labels TEXT NOT NULL DEFAULT '{}',
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (parent_id, name)
) STRICT;
CREATE INDEX groups_by_parent ON groups (parent_id, seq);

CREATE TABLE group_memberships (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    -- The group.
    parent_id TEXT NOT NULL REFERENCES groups (id),
    name TEXT NOT NULL,
    labels TEXT NOT NULL,
    -- A service account or a tenant user account, of which there is no table.
    member_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (parent_id, member_id)
) STRICT;
CREATE INDEX group_memberships_by_parent ON group_memberships (parent_id, seq);
CREATE INDEX group_memberships_by_member ON group_memberships (member_id, seq);

CREATE INDEX containers_by_parent ON containers (parent_id, seq);
CREATE INDEX service_accounts_by_parent ON service_accounts (parent_id, seq);
