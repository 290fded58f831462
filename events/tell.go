package events

import (
	"context"
	"log/slog"
)

// Tell writes e to the structured log only: for changes, whose events the store has already taken in their transaction.
func (l *Log) Tell(e Event) { Tell(l.logger, e) }

// Tell is Log.Tell for those who have a logger and no Log.
func Tell(logger *slog.Logger, e Event) {
	level := slog.LevelInfo
	if e.Kind == SignInFailed || (e.Kind == CameraState && e.Code != "") {
		level = slog.LevelWarn
	}
	ctx := context.Background()
	if !logger.Enabled(ctx, level) {
		return
	}
	logger.LogAttrs(ctx, level, string(e.Kind), e.attrs()...)
}

// attrs gives what is known of e and leaves out the rest.
func (e Event) attrs() []slog.Attr {
	attrs := make([]slog.Attr, 0, 12)
	text := func(key, value string) {
		if value != "" {
			attrs = append(attrs, slog.String(key, value))
		}
	}
	text("kind", string(e.Kind))
	text("actor", e.Actor.Login)
	text("actor_id", e.Actor.ID)
	text("user", e.User.Login)
	text("user_id", e.User.ID)
	if e.Camera.Number != 0 {
		attrs = append(attrs, slog.Int("camera", e.Camera.Number))
	}
	text("camera_id", e.Camera.ID)
	text("camera_name", e.Camera.Name)
	text("view", e.View)
	text("transport", e.Transport)
	text("remote", e.Remote)
	text("code", e.Code)
	if e.Lasted > 0 {
		attrs = append(attrs, slog.Duration("lasted", e.Lasted))
	}
	if e.Times > 1 {
		attrs = append(attrs, slog.Int("times", e.Times))
	}
	if len(e.Fields) > 0 {
		attrs = append(attrs, slog.Any("fields", e.Fields))
	}
	text("note", e.Note)
	return attrs
}
