package main

import (
	"context"
	"errors"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

// rights answers the viewer tracker's questions from people and cameras, which do not know it.
type rights struct {
	people  *auth.Service
	cameras *camera.Service
}

var _ viewers.Rights = rights{}

func (r rights) MayWatch(ctx context.Context, u auth.User, id camera.ID) (camera.Camera, error) {
	return r.cameras.MayWatch(ctx, u, id)
}

func (r rights) User(ctx context.Context, id auth.UserID) (auth.User, error) {
	return r.people.User(ctx, id)
}

func (r rights) SessionLives(ctx context.Context, id auth.SessionID) (bool, error) {
	return r.people.SessionLives(ctx, id)
}

func (r rights) CameraExists(ctx context.Context, id camera.ID) (bool, error) {
	_, err := r.cameras.Get(ctx, id)
	if errors.Is(err, camera.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// viewsOf counts views by camera; none if they can't be listed.
func viewsOf(ctx context.Context, v *viewers.Viewers) map[camera.ID]int {
	views, err := v.ByCamera(ctx)
	if err != nil {
		return nil
	}
	return views
}
