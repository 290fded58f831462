-- People: accounts, sign-ins, what happened, settings. Times are UTC milliseconds, ids UUIDv7. Folded and sort columns are made by
-- the program and compared byte by byte.

-- +goose Up

-- One row per number that only rises. Updating a row is also the lock under which it rises.
CREATE TABLE counters (
    name  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('rights_revision', 1), ('event_id', 0);

CREATE TABLE settings (
    key   TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value BYTEA NOT NULL
);

CREATE TABLE users (
    id                  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    version             BIGINT NOT NULL,
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL,
    login               TEXT COLLATE "C" NOT NULL,
    login_folded        TEXT COLLATE "C" NOT NULL UNIQUE,
    email               TEXT COLLATE "C" NOT NULL,
    email_folded        TEXT COLLATE "C" UNIQUE,
    first_name          TEXT COLLATE "C" NOT NULL,
    last_name           TEXT COLLATE "C" NOT NULL,
    middle_name         TEXT COLLATE "C" NOT NULL,
    phone               TEXT COLLATE "C" NOT NULL,
    role                TEXT COLLATE "C" NOT NULL CHECK (role IN ('user', 'moderator', 'admin')),
    banned              BOOLEAN NOT NULL,
    views_limit         BIGINT CHECK (views_limit BETWEEN 0 AND 64),
    language            TEXT COLLATE "C" NOT NULL,
    password_hash       TEXT COLLATE "C" NOT NULL,
    password_changed_at BIGINT NOT NULL,
    signed_in_at        BIGINT NOT NULL,
    sort_name           TEXT COLLATE "C" NOT NULL,
    sort_login          TEXT COLLATE "C" NOT NULL,
    search              TEXT COLLATE "C" NOT NULL
);
CREATE INDEX users_by_name ON users (sort_name, id);
CREATE INDEX users_by_login ON users (sort_login, id);
CREATE INDEX users_by_age ON users (created_at, id);
CREATE INDEX users_by_role ON users (role);

-- A session is one device's sign-in; its refresh tokens are one family.
CREATE TABLE sessions (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    user_id    TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at   BIGINT NOT NULL,
    end_code   TEXT COLLATE "C" NOT NULL,
    remote     TEXT COLLATE "C" NOT NULL,
    user_agent TEXT COLLATE "C" NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id, seen_at);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE refresh_tokens (
    hash       BYTEA NOT NULL PRIMARY KEY,
    session_id TEXT COLLATE "C" NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL
);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);
CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);

-- Long-lived tokens for programs. role is a ceiling: the token may never do more than its user may.
CREATE TABLE api_tokens (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    user_id    TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name       TEXT COLLATE "C" NOT NULL,
    hash       BYTEA NOT NULL UNIQUE,
    role       TEXT COLLATE "C" NOT NULL CHECK (role IN ('user', 'moderator', 'admin')),
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    seen_at    BIGINT NOT NULL,
    remote     TEXT COLLATE "C" NOT NULL
);
CREATE INDEX api_tokens_by_user ON api_tokens (user_id, created_at);

-- No foreign keys: an event outlives whom and what it tells of. Ids come from counters, so they grow in the order of commits and a
-- reader that follows them misses none.
CREATE TABLE events (
    id            BIGINT NOT NULL PRIMARY KEY,
    at            BIGINT NOT NULL,
    kind          TEXT COLLATE "C" NOT NULL,
    actor_id      TEXT COLLATE "C" NOT NULL,
    actor_login   TEXT COLLATE "C" NOT NULL,
    actor_name    TEXT COLLATE "C" NOT NULL,
    user_id       TEXT COLLATE "C" NOT NULL,
    user_login    TEXT COLLATE "C" NOT NULL,
    user_name     TEXT COLLATE "C" NOT NULL,
    camera_id     TEXT COLLATE "C" NOT NULL,
    camera_number BIGINT NOT NULL,
    camera_name   TEXT COLLATE "C" NOT NULL,
    view          TEXT COLLATE "C" NOT NULL,
    transport     TEXT COLLATE "C" NOT NULL,
    remote        TEXT COLLATE "C" NOT NULL,
    code          TEXT COLLATE "C" NOT NULL,
    lasted_ms     BIGINT NOT NULL,
    fields        TEXT COLLATE "C" NOT NULL,
    note          TEXT COLLATE "C" NOT NULL,
    times         BIGINT NOT NULL
);
CREATE INDEX events_by_time ON events (at, id);
CREATE INDEX events_by_kind ON events (kind, id);
CREATE INDEX events_by_actor ON events (actor_id, id);
CREATE INDEX events_by_user ON events (user_id, id);
CREATE INDEX events_by_camera ON events (camera_id, id);

-- +goose Down
DROP TABLE events;
DROP TABLE api_tokens;
DROP TABLE refresh_tokens;
DROP TABLE sessions;
DROP TABLE users;
DROP TABLE settings;
DROP TABLE counters;
