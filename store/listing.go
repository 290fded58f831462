package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"github.com/rtsp-viewer/rtsp-viewer/internal/fold"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
)

// listing is a list under construction: where its rows come from, and the arguments. A page and its total are made from the same one.
type listing struct {
	name    string            // for cursors
	from    string            // what follows FROM
	id      string            // the column that makes the order total
	sorts   map[string]string // Sort's names to columns
	numbers map[string]bool   // the columns of sorts that are numbers
	first   string            // the order without a Sort
	where   []string
	args    []any
}

// arg adds an argument and gives its place.
func (l *listing) arg(value any) string {
	l.args = append(l.args, value)
	return "$" + strconv.Itoa(len(l.args))
}

// and adds a condition.
func (l *listing) and(condition string) { l.where = append(l.where, condition) }

// search adds the condition that each word of q stands somewhere in a column made by searchable.
func (l *listing) search(column, q string) {
	for _, word := range strings.Fields(fold.Text(q)) {
		l.and(column + " LIKE " + l.arg(likePattern(word)) + ` ESCAPE '\'`)
	}
}

// ids gives the places of ids, as they stand between the brackets of IN.
func ids[ID ~string](l *listing, ids []ID) string {
	places := make([]string, len(ids))
	for i, id := range ids {
		places[i] = l.arg(string(id))
	}
	return strings.Join(places, ", ")
}

// text gives the condition's part of the statement.
func (l *listing) text() string {
	if len(l.where) == 0 {
		return l.from
	}
	return l.from + " WHERE " + strings.Join(l.where, " AND ")
}

// pageOf reads one page. scan reads the columns into a T, and more columns behind them into more. ErrCursor, ErrSort.
func pageOf[T any](
	ctx context.Context, db *sql.DB, l listing, q paging.Query, columns string, scan func(rows *sql.Rows, more ...any) (T, error),
) (paging.Page[T], error) {
	var page paging.Page[T]
	column, descending, err := order(q.Sort, l.first, l.sorts)
	if err != nil {
		return page, err
	}
	list := l.name + " " + q.Sort
	after, err := keysOf(q.Cursor, list, 2)
	if err != nil {
		return page, err
	}
	if err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+l.text(), l.args...).Scan(&page.Total); err != nil {
		return page, fmt.Errorf("counting %s: %w", l.name, err)
	}
	way := forwards
	if descending {
		way = backwards
	}
	limit := q.Bounded()
	text, args, err := l.statement(columns, column, way, after, limit+1)
	if err != nil {
		return page, err
	}
	rows, err := db.QueryContext(ctx, text, args...)
	if err != nil {
		return page, fmt.Errorf("listing %s: %w", l.name, err)
	}
	defer rows.Close() //nolint:errcheck // reading only
	var key, id string
	for rows.Next() {
		if len(page.Items) == limit {
			page.NextCursor = cursor(list, key, id)
			break
		}
		item, err := scan(rows, &key, &id)
		if err != nil {
			return page, fmt.Errorf("listing %s: %w", l.name, err)
		}
		page.Items = append(page.Items, item)
	}
	if err := rows.Err(); err != nil {
		return page, fmt.Errorf("listing %s: %w", l.name, err)
	}
	return page, nil
}

// direction is which way a list runs: what follows a column in ORDER BY, and how the next row compares with the last.
type direction struct{ order, than string }

var (
	forwards  = direction{" ASC", ">"}
	backwards = direction{" DESC", "<"}
)

// statement gives the query of the rows after those keys of a cursor; none is the beginning. ErrCursor.
func (l listing) statement(columns, column string, d direction, after []string, limit int) (string, []any, error) {
	if after != nil {
		var key any = after[0]
		if l.numbers[column] {
			number, err := strconv.ParseInt(after[0], 10, 64)
			if err != nil {
				return "", nil, ErrCursor
			}
			key = number
		}
		l.and("(" + column + ", " + l.id + ") " + d.than + " (" + l.arg(key) + ", " + l.arg(after[1]) + ")")
	}
	return "SELECT " + columns + ", " + column + ", " + l.id + " FROM " + l.text() +
		" ORDER BY " + column + d.order + ", " + l.id + d.order + " LIMIT " + strconv.Itoa(limit), l.args, nil
}
