-- What was taken over from the predecessor, row by row, so that taking it over again doubles nothing and brings nothing back that was
-- deleted or withdrawn here. id is ours; of a pair (a grant, a favourite) it is empty.

-- +goose Up
CREATE TABLE origins (
    kind   TEXT NOT NULL,
    origin TEXT NOT NULL,
    id     TEXT NOT NULL,
    PRIMARY KEY (kind, origin)
);

-- +goose Down
DROP TABLE origins;
