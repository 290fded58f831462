-- What was taken over from the predecessor, row by row, so that taking it over again doubles nothing and brings nothing back that was
-- deleted or withdrawn here. id is ours; of a pair (a grant, a favourite) it is empty.

-- +goose Up
CREATE TABLE origins (
    kind   TEXT COLLATE "C" NOT NULL,
    origin TEXT COLLATE "C" NOT NULL,
    id     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (kind, origin)
);

-- +goose Down
DROP TABLE origins;
