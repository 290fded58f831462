package viewers

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
)

// Watching is one view as lists show it.
type Watching struct {
	Entry
}

// Ref names a view among all users' views in one opaque word, for the API's paths.
func (w Watching) Ref() string { return string(w.User) + "~" + string(w.View) }

// ParseRef undoes Watching.Ref; ErrNoView if it is none.
func ParseRef(ref string) (Place, error) {
	user, view, ok := strings.Cut(ref, "~")
	if !ok || user == "" || !goodID(ViewID(view)) {
		return Place{}, ErrNoView
	}
	return Place{User: auth.UserID(user), View: ViewID(view)}, nil
}

// List gives who watches what now on all nodes, each user's oldest view first.
func (v *Viewers) List(ctx context.Context) ([]Watching, error) { return v.list(ctx, "") }

// ListUser gives what a user watches now on all nodes, oldest first.
func (v *Viewers) ListUser(ctx context.Context, user auth.UserID) ([]Watching, error) {
	return v.list(ctx, user)
}

// ByCamera counts what is watched now on all nodes, by camera.
func (v *Viewers) ByCamera(ctx context.Context) (map[camera.ID]int, error) {
	watching, err := v.list(ctx, "")
	if err != nil {
		return nil, err
	}
	views := make(map[camera.ID]int, len(watching))
	for _, w := range watching {
		views[w.Camera]++
	}
	return views, nil
}

func (v *Viewers) list(ctx context.Context, user auth.UserID) ([]Watching, error) {
	entries, err := v.tracker.List(ctx, user)
	if err != nil {
		return nil, fmt.Errorf("list views: %w", err)
	}
	watching := make([]Watching, len(entries))
	for i, e := range entries {
		watching[i] = Watching{Entry: e}
	}
	return watching, nil
}

// EndView ends a user's view on whatever node, as a moderator or the user himself at another screen asked: view.closed, with who asked.
// Whether by may do so is the caller's question. ErrNoView if nobody has it open.
func (v *Viewers) EndView(ctx context.Context, by auth.Principal, p Place) error {
	end := End{Code: CodeClosed, Params: map[string]string{"by": by.User.Name()}}
	if by.User.ID != p.User {
		end.By = by.User.Person()
	}
	entry, found, err := v.tracker.End(ctx, Seat{Place: p}, end)
	if err != nil {
		return fmt.Errorf("end view: %w", err)
	}
	if !found {
		return ErrNoView
	}
	v.lose(Loss{Seat: entry.Seat, Node: entry.Node, End: end})
	return nil
}

func itoa(n int) string { return strconv.Itoa(n) }
