package settings_test

import (
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/internal/patch"
	"github.com/rtsp-viewer/rtsp-viewer/internal/pgtest"
	"github.com/rtsp-viewer/rtsp-viewer/settings"
	"github.com/rtsp-viewer/rtsp-viewer/store"
)

// each runs fn with two services on one database, as two gateways have it, on each engine.
func each(t *testing.T, fn func(t *testing.T, db *store.DB, here, there *settings.Service)) {
	for name, o := range map[string]store.Options{"sqlite": {Dir: t.TempDir()}, "postgres": {URL: pgtest.URL(t)}} {
		t.Run(name, func(t *testing.T) {
			o.Logger = slog.New(slog.DiscardHandler)
			db, err := store.Open(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { db.Close() })
			open := func() *settings.Service {
				s, err := settings.New(settings.Options{Store: db, Logger: o.Logger})
				if err != nil {
					t.Fatal(err)
				}
				return s
			}
			fn(t, db, open(), open())
		})
	}
}

func TestSettingsHoldEverywhere(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB, here, there *settings.Service) {
		ctx := t.Context()
		admin := auth.Principal{User: auth.User{ID: "a", Login: "admin"}, Remote: "10.0.0.7"}
		if s, err := here.Get(ctx); err != nil || s != (settings.Settings{EventsKeepDays: 365, SweepEvery: 300, Version: 1}) {
			t.Fatalf("at first: %+v, %v", s, err)
		}
		if every, err := there.SweepEvery(ctx); every != 5*time.Minute || err != nil {
			t.Errorf("at first the sweep is every %v, %v", every, err)
		}
		before, err := db.RightsRevision(ctx)
		if err != nil {
			t.Fatal(err)
		}
		one := int64(1)
		s, err := here.Change(ctx, admin, settings.Patch{EventsKeepDays: patch.Of(30), SweepEvery: patch.Of(0)}, &one)
		if err != nil || s != (settings.Settings{EventsKeepDays: 30, SweepEvery: 0, Version: 2}) {
			t.Fatalf("changed: %+v, %v", s, err)
		}
		if after, err := db.RightsRevision(ctx); after <= before || err != nil {
			t.Errorf("the revision went from %d to %d, %v: other processes hear nothing", before, after, err)
		}
		if every, err := here.SweepEvery(ctx); every != 0 || err != nil {
			t.Errorf("here the sweep is every %v, %v", every, err)
		}
		there.Recheck(ctx)
		if keep, err := there.KeepEvents(ctx); keep != 30*24*time.Hour || err != nil {
			t.Errorf("there events are kept %v, %v", keep, err)
		}

		// The second of two who read the same version is told.
		_, err = there.Change(ctx, admin, settings.Patch{SweepEvery: patch.Of(60)}, &one)
		if !errors.Is(err, auth.ErrChanged) || fault.From(err).Params["version"] != "2" {
			t.Errorf("over somebody else's change: %v", err)
		}
		// The same again is no change; null puts the default back.
		if s, err := there.Change(ctx, admin, settings.Patch{EventsKeepDays: patch.Of(30)}, nil); err != nil || s.Version != 2 {
			t.Errorf("the same again: %+v, %v", s, err)
		}
		if s, err := there.Change(ctx, admin, settings.Patch{SweepEvery: patch.Null[int]()}, nil); err != nil || s.SweepEvery != 300 || s.Version != 3 {
			t.Errorf("null: %+v, %v", s, err)
		}

		log, err := db.Events(ctx, events.Query{Kinds: []events.Kind{events.SettingsChanged}})
		if err != nil || len(log) != 2 || log[0].Actor.Login != "admin" || log[0].Remote != "10.0.0.7" ||
			!slices.Equal(log[0].Fields, []string{"events_keep_days", "sweep_every_s"}) || !slices.Equal(log[1].Fields, []string{"sweep_every_s"}) {
			t.Errorf("the log says %+v, %v", log, err)
		}
	})
}

func TestSettingsOutOfBoundsAreRefused(t *testing.T) {
	each(t, func(t *testing.T, _ *store.DB, here, _ *settings.Service) {
		for _, c := range []struct {
			p    settings.Patch
			want []fault.Field
		}{
			{settings.Patch{EventsKeepDays: patch.Of(29), SweepEvery: patch.Of(59)}, []fault.Field{{Path: "events_keep_days", Code: "too_small"}, {Path: "sweep_every_s", Code: "too_small"}}},
			{settings.Patch{EventsKeepDays: patch.Of(3651)}, []fault.Field{{Path: "events_keep_days", Code: "too_big"}}},
			{settings.Patch{SweepEvery: patch.Of(86401)}, []fault.Field{{Path: "sweep_every_s", Code: "too_big"}}},
			{settings.Patch{EventsKeepDays: patch.Of(0)}, []fault.Field{{Path: "events_keep_days", Code: "too_small"}}},
			{settings.Patch{SweepEvery: patch.Of(-1)}, []fault.Field{{Path: "sweep_every_s", Code: "too_small"}}},
		} {
			_, err := here.Change(t.Context(), auth.Principal{}, c.p, nil)
			if !errors.Is(err, settings.ErrInvalid) || !slices.Equal(fault.From(err).Fields, c.want) {
				t.Errorf("%+v: %v, %+v", c.p, err, fault.From(err).Fields)
			}
		}
		if s, err := here.Get(t.Context()); err != nil || s.Version != 1 {
			t.Errorf("after refusals: %+v, %v", s, err)
		}
	})
}

func TestNewRefusesMissingParts(t *testing.T) {
	if _, err := settings.New(settings.Options{Logger: slog.Default()}); err == nil {
		t.Error("no store, no refusal")
	}
}
