package api

import (
	"context"

	"github.com/rtsp-viewer/rtsp-viewer/internal/patch"
	"github.com/rtsp-viewer/rtsp-viewer/settings"
)

// Settings are what an admin may change of the gateway while it runs.
type Settings struct {
	EventsKeepDays int   `json:"events_keep_days" doc:"how long the event log is kept, in days; 30 to 3,650" example:"365"`
	SweepEvery     int   `json:"sweep_every_s" doc:"how often it is asked whether cameras that nobody watches are there, in seconds; 60 to 86,400, 0: never" example:"300"`
	Version        int64 `json:"version" readOnly:"true" doc:"as in ETag" example:"1"`
}

func showSettings(s settings.Settings) *object[Settings] {
	return &object[Settings]{
		ETag: etag(s.Version), Body: Settings{EventsKeepDays: s.EventsKeepDays, SweepEvery: s.SweepEvery, Version: s.Version},
	}
}

// SettingsPatch is what may be changed of them; null puts a default back.
type SettingsPatch struct {
	EventsKeepDays patch.Optional[int] `json:"events_keep_days,omitzero" doc:"30 to 3,650"`
	SweepEvery     patch.Optional[int] `json:"sweep_every_s,omitzero" doc:"60 to 86,400; 0: never"`
}

func (a *API) getSettings(ctx context.Context, _ *struct{}) (*object[Settings], error) {
	s, err := a.settings.Get(ctx)
	if err != nil {
		return nil, err
	}
	return showSettings(s), nil
}

func (a *API) patchSettings(ctx context.Context, in *struct {
	ChangeInput
	Body SettingsPatch
}) (*object[Settings], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	s, err := a.settings.Change(ctx, caller(ctx), settings.Patch(in.Body), version)
	if err != nil {
		return nil, err
	}
	return showSettings(s), nil
}
