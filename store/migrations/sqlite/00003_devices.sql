-- Wall screens, the codes that sign them in, and API tokens as they are used. No program before this one has kept a token.

-- +goose Up

-- A device is a user who is a screen: without a password, never more than a user. notes are an admin's, of devices only.
ALTER TABLE users ADD COLUMN kind TEXT NOT NULL DEFAULT 'person'
    CHECK (kind = 'person' OR (kind = 'device' AND role = 'user' AND password_hash = ''));
ALTER TABLE users ADD COLUMN notes TEXT NOT NULL DEFAULT '';
CREATE INDEX users_by_kind ON users (kind, sort_name, id);

-- The one code that will sign a device in next, as a keyed hash. Using it removes it.
CREATE TABLE device_codes (
    user_id    TEXT NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    hash       BLOB NOT NULL UNIQUE,
    expires_at BIGINT NOT NULL
);

-- Long-lived tokens for programs. role is a ceiling: the token may never do more than its user may. parent_id is the token by which this
-- one was made, and with which it goes.
DROP TABLE api_tokens;
CREATE TABLE api_tokens (
    id         TEXT NOT NULL PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    parent_id  TEXT REFERENCES api_tokens (id) ON DELETE CASCADE,
    name       TEXT NOT NULL,
    hash       BLOB NOT NULL UNIQUE,
    role       TEXT NOT NULL CHECK (role IN ('user', 'moderator', 'admin')),
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    seen_at    BIGINT NOT NULL,
    remote     TEXT NOT NULL,
    sort_name  TEXT NOT NULL,
    search     TEXT NOT NULL
);
CREATE INDEX api_tokens_by_user ON api_tokens (user_id, created_at);
CREATE INDEX api_tokens_by_parent ON api_tokens (parent_id);
CREATE INDEX api_tokens_by_expiry ON api_tokens (expires_at);

-- +goose Down
DROP TABLE api_tokens;
CREATE TABLE api_tokens (
    id         TEXT NOT NULL PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name       TEXT NOT NULL,
    hash       BLOB NOT NULL UNIQUE,
    role       TEXT NOT NULL CHECK (role IN ('user', 'moderator', 'admin')),
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    seen_at    BIGINT NOT NULL,
    remote     TEXT NOT NULL
);
CREATE INDEX api_tokens_by_user ON api_tokens (user_id, created_at);
DROP TABLE device_codes;
DELETE FROM users WHERE kind = 'device';
DROP INDEX users_by_kind;
ALTER TABLE users DROP COLUMN kind;
ALTER TABLE users DROP COLUMN notes;
