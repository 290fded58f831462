package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/events"
)

// ofKind is one of the two tables of grants, with what is granted there.
type ofKind struct {
	grants, column, things string
}

var (
	ofCameras = ofKind{"camera_grants", "camera_id", "cameras"}
	ofGroups  = ofKind{"group_grants", "group_id", "camera_groups"}
)

// otherTerms is the condition that a grant that is given again is given on other terms.
func (k ofKind) otherTerms() string {
	return k.grants + `.expires_at IS DISTINCT FROM excluded.expires_at OR ` + k.grants + `.reason <> excluded.reason`
}

// onceMore is what follows an INSERT of grants some of which are there: they get the new terms under the condition. It gives user and thing.
func (k ofKind) onceMore(condition string) string {
	return ` ON CONFLICT (user_id, ` + k.column + `) DO UPDATE SET expires_at = excluded.expires_at, reason = excluded.reason,
		granted_at = excluded.granted_at, granted_by = excluded.granted_by WHERE ` + condition + ` RETURNING user_id, ` + k.column + `, 1`
}

// pairs are the grants that statements have given or taken, by who and what.
type pairs []struct{ user, thing string }

// read adds the pairs that a statement with RETURNING gives, and counts them; those whose third column is 0 are left out.
func (p *pairs) read(ctx context.Context, tx *sql.Tx, statement string, args ...any) error {
	return each(ctx, tx, statement, args, func(rows *sql.Rows) error {
		var user, thing string
		var counts int
		if err := rows.Scan(&user, &thing, &counts); err != nil {
			return err
		}
		if counts == 1 {
			*p = append(*p, struct{ user, thing string }{user, thing})
		}
		return nil
	})
}

// tell makes an event of each pair.
func (p pairs) tell(ctx context.Context, tx *sql.Tx, kind events.Kind, k ofKind, event camera.PairEvent) ([]events.Event, error) {
	if len(p) == 0 {
		return nil, nil
	}
	slices.SortFunc(p, func(a, b struct{ user, thing string }) int {
		return cmp.Or(cmp.Compare(a.user, b.user), cmp.Compare(a.thing, b.thing))
	})
	var all camera.Pairs
	users, things := map[string]bool{}, map[string]bool{}
	for _, one := range p {
		if !users[one.user] {
			users[one.user] = true
			all.Users = append(all.Users, auth.UserID(one.user))
		}
		if things[one.thing] {
			continue
		}
		things[one.thing] = true
		if k == ofCameras {
			all.Cameras = append(all.Cameras, camera.ID(one.thing))
		} else {
			all.Groups = append(all.Groups, camera.GroupID(one.thing))
		}
	}
	n, err := names(ctx, tx, all)
	if err != nil {
		return nil, err
	}
	told := make([]events.Event, 0, len(p))
	for _, one := range p {
		told = append(told, event(kind, n.users[auth.UserID(one.user)], n.cameras[camera.ID(one.thing)], n.groups[camera.GroupID(one.thing)]))
	}
	return told, nil
}

// named are the users, cameras and groups of many grants by their names.
type named struct {
	users   map[auth.UserID]auth.User
	cameras map[camera.ID]events.Subject
	groups  map[camera.GroupID]camera.Group
}

// names reads them; those that are gone are missing.
func names(ctx context.Context, tx *sql.Tx, p camera.Pairs) (named, error) {
	n := named{users: map[auth.UserID]auth.User{}, cameras: map[camera.ID]events.Subject{}, groups: map[camera.GroupID]camera.Group{}}
	for some := range slices.Chunk(p.Users, 1000) {
		var l listing
		if err := each(ctx, tx, `SELECT `+userColumns+` FROM users WHERE id IN (`+ids(&l, some)+`)`, l.args, func(rows *sql.Rows) error {
			u, err := scanUserRow(rows)
			n.users[u.ID] = u
			return err
		}); err != nil {
			return n, fmt.Errorf("reading the users of grants: %w", err)
		}
	}
	for some := range slices.Chunk(p.Cameras, 1000) {
		var l listing
		if err := each(ctx, tx, `SELECT id, number, name FROM cameras WHERE id IN (`+ids(&l, some)+`)`, l.args, func(rows *sql.Rows) error {
			var s events.Subject
			err := rows.Scan(&s.ID, &s.Number, &s.Name)
			n.cameras[camera.ID(s.ID)] = s
			return err
		}); err != nil {
			return n, fmt.Errorf("reading the cameras of grants: %w", err)
		}
	}
	for some := range slices.Chunk(p.Groups, 1000) {
		var l listing
		if err := each(ctx, tx, `SELECT id, name FROM camera_groups WHERE id IN (`+ids(&l, some)+`)`, l.args, func(rows *sql.Rows) error {
			var g camera.Group
			err := rows.Scan(&g.ID, &g.Name)
			n.groups[g.ID] = g
			return err
		}); err != nil {
			return n, fmt.Errorf("reading the groups of grants: %w", err)
		}
	}
	return n, nil
}

// each reads all rows of a query.
func each(ctx context.Context, tx *sql.Tx, query string, args []any, scan func(*sql.Rows) error) error {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // reading only
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// missing says who and what of the pairs is not there.
func (n named) missing(p camera.Pairs) error {
	for i, id := range p.Users {
		if _, ok := n.users[id]; !ok {
			return auth.ErrNoUser.At("users["+strconv.Itoa(i)+"]", auth.ErrNoUser.Code)
		}
	}
	for i, id := range p.Cameras {
		if _, ok := n.cameras[id]; !ok {
			return camera.ErrNotFound.At("cameras["+strconv.Itoa(i)+"]", camera.ErrNotFound.Code)
		}
	}
	for i, id := range p.Groups {
		if _, ok := n.groups[id]; !ok {
			return camera.ErrNoGroup.At("groups["+strconv.Itoa(i)+"]", camera.ErrNoGroup.Code)
		}
	}
	return nil
}

// GrantPairs gives many grants.
func (db *DB) GrantPairs(ctx context.Context, p camera.Pairs, v camera.Via, event camera.PairEvent) (camera.Grants, error) {
	var g camera.Grants
	told, err := db.changeMany(ctx, func(tx *sql.Tx) (told []events.Event, err error) {
		g = camera.Grants{}
		n, err := names(ctx, tx, p)
		if err != nil {
			return nil, err
		}
		if err := n.missing(p); err != nil {
			return nil, err
		}
		var end any
		if v.ExpiresAt != nil {
			end = toMillis(*v.ExpiresAt)
		}
		for _, k := range []ofKind{ofCameras, ofGroups} {
			things := k.of(p)
			if len(things) == 0 {
				continue
			}
			// The pairs are made by the database: so many users and so many cameras are fewer arguments than so many pairs. What stands in
			// a SELECT has no column to take its type from, hence the casts.
			var l listing
			text := `INSERT INTO ` + k.grants + ` (user_id, ` + k.column + `, expires_at, reason, granted_at, granted_by)
				SELECT u.id, t.id, CAST(` + l.arg(end) + ` AS BIGINT), CAST(` + l.arg(v.Reason) + ` AS TEXT),
					CAST(` + l.arg(toMillis(v.GrantedAt)) + ` AS BIGINT), CAST(` + l.arg(v.GrantedBy) + ` AS TEXT)
				FROM users u CROSS JOIN ` + k.things + ` t WHERE u.id IN (` + ids(&l, p.Users) + `) AND t.id IN (` + ids(&l, things) + `)` +
				k.onceMore(k.otherTerms())
			var given pairs
			if err := given.read(ctx, tx, text, l.args...); err != nil {
				return nil, fmt.Errorf("granting to many: %w", err)
			}
			g.Given += len(given)
			g.Unchanged += len(p.Users)*len(things) - len(given)
			more, err := given.tell(ctx, tx, events.GrantGiven, k, event)
			if err != nil {
				return nil, err
			}
			told = append(told, more...)
		}
		return told, nil
	})
	g.Told = told
	return g, err
}

// of gives the ids of what is granted in this table.
func (k ofKind) of(p camera.Pairs) (things []string) {
	if k == ofCameras {
		for _, id := range p.Cameras {
			things = append(things, string(id))
		}
		return things
	}
	for _, id := range p.Groups {
		things = append(things, string(id))
	}
	return things
}

// withdraw takes grants away and tells of those that were in force at the moment.
func (k ofKind) withdraw(ctx context.Context, tx *sql.Tx, l listing, at time.Time, event camera.PairEvent) ([]events.Event, error) {
	moment := l.arg(toMillis(at))
	var taken pairs
	err := taken.read(ctx, tx, `DELETE FROM `+k.grants+` AS g WHERE `+strings.Join(l.where, " AND ")+`
		RETURNING user_id, `+k.column+`, CASE WHEN `+livesOf("", moment)+` THEN 1 ELSE 0 END`, l.args...)
	if err != nil {
		return nil, fmt.Errorf("withdrawing from many: %w", err)
	}
	return taken.tell(ctx, tx, events.GrantWithdrawn, k, event)
}

// WithdrawPairs takes many grants away.
func (db *DB) WithdrawPairs(ctx context.Context, p camera.Pairs, at time.Time, event camera.PairEvent) (camera.Grants, error) {
	var g camera.Grants
	told, err := db.changeMany(ctx, func(tx *sql.Tx) (told []events.Event, err error) {
		for _, k := range []ofKind{ofCameras, ofGroups} {
			things := k.of(p)
			if len(things) == 0 {
				continue
			}
			var l listing
			l.and(`g.user_id IN (` + ids(&l, p.Users) + `)`)
			l.and(`g.` + k.column + ` IN (` + ids(&l, things) + `)`)
			more, err := k.withdraw(ctx, tx, l, at, event)
			if err != nil {
				return nil, err
			}
			told = append(told, more...)
		}
		return told, nil
	})
	g.Withdrawn, g.Told = len(told), told
	return g, err
}

// CopyGrants gives a user another one's grants.
func (db *DB) CopyGrants(ctx context.Context, to, from auth.UserID, how camera.Copying, v camera.Via, event camera.PairEvent) (camera.Grants, error) {
	var g camera.Grants
	told, err := db.changeMany(ctx, func(tx *sql.Tx) (told []events.Event, err error) {
		g = camera.Grants{}
		for _, k := range []ofKind{ofCameras, ofGroups} {
			// What the user has already: new terms where the other one's are to hold, or where it has ended.
			condition := k.grants + `.expires_at <= excluded.granted_at`
			if how == camera.CopyReplace {
				condition = k.otherTerms()
				var l listing
				l.and(`g.user_id = ` + l.arg(string(to)))
				l.and(`g.` + k.column + ` NOT IN (SELECT o.` + k.column + ` FROM ` + k.grants + ` o WHERE o.user_id = ` + l.arg(string(from)) +
					` AND ` + livesOf("o.", l.arg(toMillis(v.GrantedAt))) + `)`)
				more, err := k.withdraw(ctx, tx, l, v.GrantedAt, event)
				if err != nil {
					return nil, err
				}
				g.Withdrawn += len(more)
				told = append(told, more...)
			}
			var given pairs
			err := given.read(ctx, tx, `INSERT INTO `+k.grants+` (user_id, `+k.column+`, expires_at, reason, granted_at, granted_by)
				SELECT CAST($1 AS TEXT), g.`+k.column+`, g.expires_at, g.reason, CAST($3 AS BIGINT), CAST($4 AS TEXT)
				FROM `+k.grants+` g WHERE g.user_id = $2 AND `+lives("$3")+k.onceMore(condition),
				string(to), string(from), toMillis(v.GrantedAt), v.GrantedBy)
			if err != nil {
				return nil, fmt.Errorf("copying grants: %w", err)
			}
			g.Given += len(given)
			more, err := given.tell(ctx, tx, events.GrantGiven, k, event)
			if err != nil {
				return nil, err
			}
			told = append(told, more...)
		}
		return told, nil
	})
	g.Told = told
	return g, err
}
