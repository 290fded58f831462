-- Cameras: what they are, their groups, who may watch them. As with people: times are UTC milliseconds, ids UUIDv7, folded and sort
-- columns are made by the program.

-- +goose Up

-- The highest number that any camera ever had.
INSERT INTO counters (name, value) VALUES ('camera_number', 0);

-- Every number that a camera ever had. Without a foreign key: a number is never given to another camera, also after deletion.
CREATE TABLE camera_numbers (
    number    BIGINT NOT NULL PRIMARY KEY,
    camera_id TEXT COLLATE "C" NOT NULL
);

-- The *_sealed columns are ciphertext under the key sealed_with, one for all of a row; NULL is an empty value. passport is what the last
-- probe found. state and the columns after it are what was last seen of the camera; they change without the version.
CREATE TABLE cameras (
    id                 TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    version            BIGINT NOT NULL,
    created_at         BIGINT NOT NULL,
    updated_at         BIGINT NOT NULL,
    number             BIGINT NOT NULL UNIQUE,
    name               TEXT COLLATE "C" NOT NULL,
    location           TEXT COLLATE "C" NOT NULL,
    tags               TEXT COLLATE "C" NOT NULL,
    notes              TEXT COLLATE "C" NOT NULL,
    transport          TEXT COLLATE "C" NOT NULL CHECK (transport IN ('auto', 'tcp', 'udp')),
    sealed_with        TEXT COLLATE "C" NOT NULL,
    address_sealed     BYTEA NOT NULL,
    sub_address_sealed BYTEA,
    username_sealed    BYTEA,
    password_sealed    BYTEA,
    passport           TEXT COLLATE "C",
    state              TEXT COLLATE "C" NOT NULL DEFAULT 'unknown',
    state_code         TEXT COLLATE "C" NOT NULL DEFAULT '',
    state_since        BIGINT NOT NULL DEFAULT 0,
    seen_at            BIGINT NOT NULL DEFAULT 0,
    sort_name          TEXT COLLATE "C" NOT NULL,
    sort_location      TEXT COLLATE "C" NOT NULL,
    tags_folded        TEXT COLLATE "C" NOT NULL,
    search             TEXT COLLATE "C" NOT NULL
);
CREATE INDEX cameras_by_name ON cameras (sort_name, id);
CREATE INDEX cameras_by_location ON cameras (sort_location, id);
CREATE INDEX cameras_by_age ON cameras (created_at, id);
CREATE INDEX cameras_by_change ON cameras (updated_at, id);
CREATE INDEX cameras_by_key ON cameras (sealed_with, id);

CREATE TABLE camera_groups (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    version     BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    name        TEXT COLLATE "C" NOT NULL,
    name_folded TEXT COLLATE "C" NOT NULL UNIQUE,
    notes       TEXT COLLATE "C" NOT NULL,
    sort_name   TEXT COLLATE "C" NOT NULL,
    search      TEXT COLLATE "C" NOT NULL
);
CREATE INDEX camera_groups_by_name ON camera_groups (sort_name, id);

CREATE TABLE group_cameras (
    group_id  TEXT COLLATE "C" NOT NULL REFERENCES camera_groups (id) ON DELETE CASCADE,
    camera_id TEXT COLLATE "C" NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, camera_id)
);
CREATE INDEX group_cameras_by_camera ON group_cameras (camera_id, group_id);

-- Grants. expires_at is NULL for those without an end; one that has ended counts as none and is kept until it is given anew. granted_by is
-- a name, since who gave a grant may be gone before it.
CREATE TABLE camera_grants (
    user_id    TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    camera_id  TEXT COLLATE "C" NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
    expires_at BIGINT,
    reason     TEXT COLLATE "C" NOT NULL,
    granted_at BIGINT NOT NULL,
    granted_by TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (user_id, camera_id)
);
CREATE INDEX camera_grants_by_camera ON camera_grants (camera_id, user_id);
CREATE INDEX camera_grants_by_expiry ON camera_grants (expires_at);

CREATE TABLE group_grants (
    user_id    TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    group_id   TEXT COLLATE "C" NOT NULL REFERENCES camera_groups (id) ON DELETE CASCADE,
    expires_at BIGINT,
    reason     TEXT COLLATE "C" NOT NULL,
    granted_at BIGINT NOT NULL,
    granted_by TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (user_id, group_id)
);
CREATE INDEX group_grants_by_group ON group_grants (group_id, user_id);
CREATE INDEX group_grants_by_expiry ON group_grants (expires_at);

CREATE TABLE favourites (
    user_id    TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    camera_id  TEXT COLLATE "C" NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, camera_id)
);
CREATE INDEX favourites_by_camera ON favourites (camera_id);

-- +goose Down
DROP TABLE favourites;
DROP TABLE group_grants;
DROP TABLE camera_grants;
DROP TABLE group_cameras;
DROP TABLE camera_groups;
DROP TABLE cameras;
DROP TABLE camera_numbers;
DELETE FROM counters WHERE name = 'camera_number';
