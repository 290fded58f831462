-- How cameras are doing, as the list is filtered and sorted by it, and their tags one by one.

-- +goose Up

ALTER TABLE cameras ADD COLUMN sweep BOOLEAN NOT NULL DEFAULT TRUE;
-- sort_state is the place of state in the order of trouble; 5 is unknown.
ALTER TABLE cameras ADD COLUMN sort_state BIGINT NOT NULL DEFAULT 5;
-- When somebody last looked how it is doing; of two gateways that would both look, one finds that the other just did.
ALTER TABLE cameras ADD COLUMN checked_at BIGINT NOT NULL DEFAULT 0;
-- Of which health the event log was told last, and since when it was so.
ALTER TABLE cameras ADD COLUMN told TEXT NOT NULL DEFAULT '';
ALTER TABLE cameras ADD COLUMN told_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX cameras_by_state ON cameras (sort_state, id);
CREATE INDEX cameras_by_check ON cameras (checked_at, id) WHERE sweep;

CREATE TABLE camera_tags (
    camera_id TEXT NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
    folded    TEXT NOT NULL,
    tag       TEXT NOT NULL,
    PRIMARY KEY (camera_id, folded)
);
CREATE INDEX camera_tags_by_tag ON camera_tags (folded, camera_id, tag);

-- tags_folded has a line for each of tags, in their order.
WITH RECURSIVE line (camera_id, place, folded, rest) AS (
    SELECT id, -1, '', substr(tags_folded, 2) FROM cameras WHERE tags <> '[]'
    UNION ALL
    SELECT camera_id, place + 1, substr(rest, 1, instr(rest, char(10)) - 1), substr(rest, instr(rest, char(10)) + 1)
        FROM line WHERE instr(rest, char(10)) > 0
)
INSERT INTO camera_tags (camera_id, folded, tag)
    SELECT l.camera_id, l.folded, j.value FROM line l JOIN cameras c ON c.id = l.camera_id JOIN json_each(c.tags) j ON j.key = l.place
        WHERE l.place >= 0
    ON CONFLICT DO NOTHING;
ALTER TABLE cameras DROP COLUMN tags_folded;

-- +goose Down
ALTER TABLE cameras ADD COLUMN tags_folded TEXT NOT NULL DEFAULT '';
DROP TABLE camera_tags;
DROP INDEX cameras_by_check;
DROP INDEX cameras_by_state;
ALTER TABLE cameras DROP COLUMN told_at;
ALTER TABLE cameras DROP COLUMN told;
ALTER TABLE cameras DROP COLUMN checked_at;
ALTER TABLE cameras DROP COLUMN sort_state;
ALTER TABLE cameras DROP COLUMN sweep;
