package api

import (
	"context"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
)

// WatchableCamera is a camera as the one who may watch it sees it: no address, no credentials, no notes.
type WatchableCamera struct {
	ID       string   `json:"id"`
	Number   int      `json:"number"`
	Name     string   `json:"name"`
	Location string   `json:"location"`
	Tags     []string `json:"tags" nullable:"false"`
	Favorite bool     `json:"favorite"`
	CameraState
}

func (a *API) showWatchable(w camera.Watchable) WatchableCamera {
	c := w.Camera
	return WatchableCamera{
		ID: string(c.ID), Number: c.Number, Name: c.Name, Location: c.Location, Tags: texts(c.Tags), Favorite: w.Favourite,
		CameraState: a.state(c),
	}
}

func (a *API) listMyCameras(ctx context.Context, in *CamerasInput) (*listOutput[WatchableCamera], error) {
	page, err := a.cameras.Watchable(ctx, caller(ctx).User, camera.WatchQuery{ListQuery: in.listQuery()})
	if err != nil {
		return nil, err
	}
	return listing(page, a.showWatchable), nil
}

// MyCamera is a watchable camera alone; whether it is a favourite stands in the lists.
type MyCamera struct {
	ID       string   `json:"id"`
	Number   int      `json:"number"`
	Name     string   `json:"name"`
	Location string   `json:"location"`
	Tags     []string `json:"tags" nullable:"false"`
	CameraState
}

func (a *API) getMyCamera(ctx context.Context, in *CameraInput) (*struct{ Body MyCamera }, error) {
	c, err := a.cameras.MayWatch(ctx, caller(ctx).User, camera.ID(in.ID))
	if err != nil {
		return nil, err
	}
	return &struct{ Body MyCamera }{MyCamera{
		ID: string(c.ID), Number: c.Number, Name: c.Name, Location: c.Location, Tags: texts(c.Tags), CameraState: a.state(c),
	}}, nil
}

func (a *API) listFavorites(ctx context.Context, in *CamerasInput) (*listOutput[WatchableCamera], error) {
	page, err := a.cameras.Favourites(ctx, caller(ctx).User, in.listQuery())
	if err != nil {
		return nil, err
	}
	return listing(page, a.showWatchable), nil
}

type favoriteInput struct {
	Camera string `path:"camera_id"`
}

func (a *API) addFavorite(ctx context.Context, in *favoriteInput) (*nothing, error) {
	return nil, a.cameras.AddFavourite(ctx, caller(ctx).User, camera.ID(in.Camera))
}

func (a *API) removeFavorite(ctx context.Context, in *favoriteInput) (*nothing, error) {
	return nil, a.cameras.RemoveFavourite(ctx, caller(ctx).User, camera.ID(in.Camera))
}
