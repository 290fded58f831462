package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
	"github.com/rtsp-viewer/rtsp-viewer/store"
)

// onlyStore is what --only says for the records alone.
const onlyStore = "store"

// What the records are measured with.
const (
	storeCameras = 10_000
	storeUsers   = 1_000
	storeGroups  = 200
	storeGrants  = 100_000
	storeTimes   = 100 // repetitions of each question
)

// storeFigure is how long something took: the median, and what nineteen of twenty keep.
type storeFigure struct {
	name        string
	median, p95 time.Duration
}

// storeResult is what was measured with one engine.
type storeResult struct {
	engine  string
	filled  time.Duration
	figures []storeFigure
	broken  error
}

// tell prints the figures.
func (r storeResult) tell(w io.Writer) {
	fmt.Fprintf(w, "\nstore: %s, %d cameras, %d users, %d groups, %d grants, filled in %v\n",
		r.engine, storeCameras, storeUsers, storeGroups, storeGrants, r.filled.Round(100*time.Millisecond))
	for _, f := range r.figures {
		fmt.Fprintf(w, "  %-44s median %9v   p95 %9v\n", f.name, f.median.Round(10*time.Microsecond), f.p95.Round(10*time.Microsecond))
	}
	if r.broken != nil {
		fmt.Fprintf(w, "  could not be measured: %v\n", r.broken)
	}
}

// measureStores measures the records on both engines.
func measureStores(ctx context.Context, w io.Writer) error {
	var faults []error
	for _, engine := range engines {
		r := storeResult{engine: engine}
		r.broken = r.measure(ctx)
		r.tell(w)
		if r.broken != nil {
			faults = append(faults, fmt.Errorf("store on %s: %w", engine, r.broken))
		}
	}
	return errors.Join(faults...)
}

func (r *storeResult) measure(ctx context.Context) error {
	return onRecords(ctx, r.engine, func(db *store.DB, cameras *camera.Service) error {
		began := time.Now()
		y, err := fillStore(ctx, db, cameras)
		if err != nil {
			return err
		}
		r.filled = time.Since(began)
		return r.ask(ctx, cameras, y)
	})
}

// stock is what the records were filled with.
type stock struct {
	by      auth.Principal
	users   []auth.User
	cameras []camera.ID
	groups  []camera.GroupID
}

// fillStore fills the records by the ways that the program itself has.
func fillStore(ctx context.Context, db *store.DB, cameras *camera.Service) (stock, error) {
	var y stock
	now := time.Now().UTC().Truncate(time.Millisecond)
	for i := range storeUsers {
		u := auth.User{
			ID: auth.UserID(fmt.Sprintf("u%05d", i)), Kind: auth.KindPerson, Login: fmt.Sprintf("operator%d", i), LastName: fmt.Sprintf("Операторов %d", i),
			Role: auth.RoleUser, Version: 1, CreatedAt: now, UpdatedAt: now,
		}
		if err := db.CreateUser(ctx, auth.Account{User: u, PasswordHash: "none"}); err != nil {
			return y, err
		}
		y.users = append(y.users, u)
	}
	y.by = auth.Principal{User: y.users[0]}
	for i := range storeGroups {
		g, err := cameras.CreateGroup(ctx, y.by, camera.NewGroup{Name: fmt.Sprintf("Группа %d", i)})
		if err != nil {
			return y, err
		}
		y.groups = append(y.groups, g.ID)
	}
	for i := range storeCameras {
		c, err := cameras.Create(ctx, y.by, camera.NewCamera{
			Name: fmt.Sprintf("Камера %d", i), Location: fmt.Sprintf("Цех %d", i%50), Tags: []string{fmt.Sprintf("тег %d", i%40)},
			Address: fmt.Sprintf("rtsp://10.%d.%d.%d/1", i>>16, i>>8&255, i&255), Username: "viewer", Password: camera.NewPassword("password"),
		})
		if err != nil {
			return y, err
		}
		y.cameras = append(y.cameras, c.ID)
	}
	for i, some := range slices.Collect(slices.Chunk(y.cameras, storeCameras/storeGroups)) {
		if _, err := cameras.ChangeMany(ctx, y.by, some, camera.BulkChange{AddGroups: []camera.GroupID{y.groups[i%storeGroups]}}); err != nil {
			return y, err
		}
	}
	// A hundred cameras for each user, ten users at a time.
	each := storeGrants / storeUsers
	for i, some := range slices.Collect(slices.Chunk(y.users, 10)) {
		p := camera.Pairs{Groups: []camera.GroupID{y.groups[i%storeGroups], y.groups[(i+7)%storeGroups]}}
		for _, u := range some {
			p.Users = append(p.Users, u.ID)
		}
		for n := range each {
			p.Cameras = append(p.Cameras, y.cameras[(i*each+n*7)%storeCameras])
		}
		if _, _, err := cameras.GrantMany(ctx, y.by, p, camera.Terms{}); err != nil {
			return y, err
		}
		for _, id := range p.Cameras[:10] {
			if err := cameras.AddFavourite(ctx, some[0], id); err != nil {
				return y, err
			}
		}
	}
	return y, nil
}

// ask asks what screens and judgements ask, again and again.
func (r *storeResult) ask(ctx context.Context, cameras *camera.Service, y stock) error {
	u := y.users[len(y.users)/2]
	page := func(sort, q string) camera.ListQuery { return camera.ListQuery{Query: paging.Query{Sort: sort, Q: q}} }
	some := camera.Pairs{Cameras: y.cameras[:100]}
	for _, u := range y.users[:100] {
		some.Users = append(some.Users, u.ID)
	}
	turn := 0
	for _, q := range []struct {
		name  string
		times int
		do    func() error
	}{
		{"may watch: one camera", storeTimes, func() error { _, err := cameras.MayWatchMany(ctx, u, y.cameras[7]); return err }},
		{"cameras, first page by number", storeTimes, func() error { _, err := cameras.List(ctx, page("number", "")); return err }},
		{"cameras, first page by name", storeTimes, func() error { _, err := cameras.List(ctx, page("name", "")); return err }},
		{"cameras, first page by state", storeTimes, func() error { _, err := cameras.List(ctx, page("state", "")); return err }},
		{"cameras, searched", storeTimes, func() error { _, err := cameras.List(ctx, page("name", "камера 99")); return err }},
		{"cameras with a tag", storeTimes, func() error {
			_, err := cameras.List(ctx, camera.ListQuery{Tags: []string{"тег 7"}})
			return err
		}},
		{"tags", storeTimes, func() error { _, err := cameras.Tags(ctx, paging.Query{}); return err }},
		{"groups, first page", storeTimes, func() error { _, err := cameras.Groups(ctx, paging.Query{}); return err }},
		{"what a user may watch, first page", storeTimes, func() error { _, err := cameras.Watchable(ctx, u, camera.WatchQuery{}); return err }},
		{"a user's favourites", storeTimes, func() error { _, err := cameras.Favourites(ctx, u, camera.ListQuery{}); return err }},
		{"a user's cameras and ways, first page", storeTimes, func() error { _, err := cameras.UserCameras(ctx, u.ID, camera.ListQuery{}); return err }},
		{"a camera's users and ways, first page", storeTimes, func() error { _, err := cameras.CameraUsers(ctx, y.cameras[7], paging.Query{}); return err }},
		{"10,000 grants given anew", 5, func() error {
			turn++
			_, _, err := cameras.GrantMany(ctx, y.by, some, camera.Terms{Reason: fmt.Sprintf("turn %d", turn)})
			return err
		}},
	} {
		took := make([]time.Duration, q.times)
		for i := range took {
			began := time.Now()
			if err := q.do(); err != nil {
				return fmt.Errorf("%s: %w", strings.ToLower(q.name), err)
			}
			took[i] = time.Since(began)
		}
		slices.Sort(took)
		r.figures = append(r.figures, storeFigure{q.name, took[len(took)/2], took[len(took)*95/100]})
	}
	return nil
}
