-- A database of version 1, written by the program of that version: one key, two service accounts.
PRAGMA foreign_keys = OFF;
BEGIN TRANSACTION;
CREATE TABLE access_tokens (
    hash BLOB PRIMARY KEY,
    service_account_id TEXT NOT NULL REFERENCES service_accounts (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
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
INSERT INTO "auth_public_keys" VALUES(1,'publickey-e006einj2rx587ekws6','project-e00ayezpf3im5qmnu7x','serviceaccount-e007hh4itw7u3279s2s','old','{}','from before','-----BEGIN PUBLIC KEY-----
MIICIjANBgkqhkiG9w0BAQEFAAOCAg8AMIICCgKCAgEAvoCgipAaWCKrH50tCIgg
wU/qGpxxzq8zB5s43EwjkazYmPxxi+bCEuGLZYHZp7BAMERzg2YfPpiqnLF6W1ZC
MofaOy2ZVeJM8Cb6fFFw7zV3oZrWvt2HddoNMNvC/tpEXEv+9VPJytU5F4rGUSq8
NHWVfO+Bc6n0YGQiOsGxQWLli66HKBPocwfEVLZD+8N7vbz/MLW8Hjj7nV2Yih9R
d2wI6sbBrvZ3cXmhbyxfP1ECllmp3APdEZ5hlDOoY4MJV9Jb8j+0wultLk7ss5nE
JBZnIqHo1Pe1go6eHfGzHFWWyNzgRgJh86jJ0Tt5VUB6wHugU2KwtnvJiwTdUJgj
KYT2tm+cIwqDAuIXCIqOH5QjLc12zPD0CEd2OfWCpVvCvipAf+tRfyQgt3wFBp35
q+Ao4fNtvg/ACPvo5mVfN5+m1hii3QUpbt3TEVP+qPJSgMzDkjBfgqSbFpNGt46s
8QYhlv5TodgnbCLhB9hnv56JslTsseqB87iEN1n1UeMLpPxoYXAE+XuK6PWG9Byl
4/puET1+SkhyFXmuAGFsH6NdAb5rPZPo6i7CZZ7Fm18YbCjznJprSn5JUsLNF1uL
+5B2vb1ehItbBELYf8VBhSwHtZWw7nO6TbW+9tHoHEaNN7wYb9PS7W2IQ/PeSoGM
nx0uGBT7pTkFM2SDVxf2X8UCAwEAAQ==
-----END PUBLIC KEY-----
','D8:29:D7:91:67:5D:79:10:F3:FA:7B:E5:6B:8D:20:2F:95:2C:90:F0:B6:F0:74:D8:87:B8:6F:24:34:4B:30:A9',4096,NULL,1,1,1795696131121247,1795696131121247);
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
INSERT INTO "containers" VALUES(1,'tenant-e00nw63xqw64erhfsy4','','local-tenant','local','{}',1,1795696127419567,1795696127419567);
INSERT INTO "containers" VALUES(2,'project-e00ayezpf3im5qmnu7x','tenant-e00nw63xqw64erhfsy4','default-project','local','{}',1,1795696127419567,1795696127419567);
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
INSERT INTO "operations" VALUES(1,'operation-e00r6qv2bd9ep9nyesv','Create authorized key','publickey-e006einj2rx587ekws6','tenantuseraccount-e00admin',1795696131121247,1795696131371247,'kAuthPublicKeyService/Create',X'FF130242FAB16F83B9B37F5C0959AE47F5426C45DEF72BB69AAB0ACF67A050A2');
INSERT INTO "operations" VALUES(2,'operation-e00k257e8v6r22dmie5','Create service account','serviceaccount-e00vi2xu9rezpyyeybi','tenantuseraccount-e00admin',1795696131133716,1795696131383716,'kServiceAccountService/Create',X'98A6EBBF2D09DF4CC846D31F6B497C082D0F436358C686E221D0FD5A5AC6C148');
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
INSERT INTO "service_accounts" VALUES(1,'serviceaccount-e007hh4itw7u3279s2s','project-e00ayezpf3im5qmnu7x','first-service-account','{}','Made at the first start',1,1795696127419567,1795696127419567);
INSERT INTO "service_accounts" VALUES(2,'serviceaccount-e00vi2xu9rezpyyeybi','project-e00ayezpf3im5qmnu7x','second','{}','',1,1795696131134144,1795696131134144);
CREATE INDEX auth_public_keys_by_account ON auth_public_keys (service_account_id, seq);
CREATE INDEX auth_public_keys_by_parent ON auth_public_keys (parent_id, seq);
CREATE INDEX operations_by_resource ON operations (resource_id, seq);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('containers',2);
INSERT INTO "sqlite_sequence" VALUES('service_accounts',2);
INSERT INTO "sqlite_sequence" VALUES('auth_public_keys',1);
INSERT INTO "sqlite_sequence" VALUES('operations',2);
COMMIT;
PRAGMA user_version = 1;
