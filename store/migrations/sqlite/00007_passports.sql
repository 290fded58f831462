-- What probes find. It stands in cameras.passport, in one word in outcome ('none' where there is no passport), and camera_stills has the
-- picture, a JPEG of at most 100 KiB, which does not count without a passport.

-- +goose Up
ALTER TABLE cameras ADD COLUMN outcome TEXT NOT NULL DEFAULT 'none';
CREATE INDEX cameras_by_outcome ON cameras (outcome, id);

CREATE TABLE camera_stills (
    camera_id TEXT NOT NULL PRIMARY KEY REFERENCES cameras (id) ON DELETE CASCADE,
    picture   BLOB NOT NULL
);

-- +goose Down
DROP TABLE camera_stills;
DROP INDEX cameras_by_outcome;
ALTER TABLE cameras DROP COLUMN outcome;
UPDATE cameras SET passport = NULL;
