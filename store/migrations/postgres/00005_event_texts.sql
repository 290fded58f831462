-- Event log: what an event is found by. Its names, numbers, address and note, folded, stand once for all events that have the same, under
-- a number made of the text itself: searching looks through few texts instead of all events. day is that of the newest event with the
-- text, in days since 1970: retention goes by it.

-- +goose Up
CREATE TABLE event_texts (
    id     BIGINT NOT NULL PRIMARY KEY,
    search TEXT COLLATE "C" NOT NULL,
    day    BIGINT NOT NULL
);
CREATE INDEX event_texts_by_day ON event_texts (day);

-- 0: not filled in yet, as with events of older programs.
ALTER TABLE events ADD COLUMN text_id BIGINT NOT NULL DEFAULT 0;
CREATE INDEX events_by_text ON events (text_id, id);
CREATE INDEX events_by_code ON events (code, id);

-- +goose Down
DROP INDEX events_by_code;
DROP INDEX events_by_text;
ALTER TABLE events DROP COLUMN text_id;
DROP TABLE event_texts;
