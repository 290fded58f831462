package api

import (
	"context"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/internal/patch"
)

// Device is a screen on a wall. It is a user of kind device too: its grants, views and events are found under /users and by its id.
type Device struct {
	ID            string     `json:"id" readOnly:"true"`
	Name          string     `json:"name"`
	Notes         string     `json:"notes" doc:"may be empty"`
	ViewsLimit    *int       `json:"views_limit" doc:"views at once: null is the gateway's default, 0 none, else 1 to 64"`
	Banned        bool       `json:"banned"`
	Language      string     `json:"language" doc:"ru, en, or empty for the browser's"`
	SignedIn      bool       `json:"signed_in" readOnly:"true"`
	SeenAt        *time.Time `json:"seen_at" readOnly:"true" doc:"within the life of an access token; null: it never signed in"`
	Remote        string     `json:"remote" readOnly:"true" doc:"the screen's address at that time"`
	UserAgent     string     `json:"user_agent" readOnly:"true"`
	CodeExpiresAt *time.Time `json:"code_expires_at" readOnly:"true" doc:"of the code that will sign it in next; null if there is none"`
	Version       int64      `json:"version" readOnly:"true" doc:"rises with every change; the ETag"`
	CreatedAt     time.Time  `json:"created_at" readOnly:"true"`
	UpdatedAt     time.Time  `json:"updated_at" readOnly:"true"`
}

func showDevice(d auth.DeviceState) Device {
	return Device{
		ID: string(d.ID), Name: d.LastName, Notes: d.Notes, ViewsLimit: d.ViewsLimit, Banned: d.Banned, Language: d.Language,
		SignedIn: d.SignedIn, SeenAt: utcOr(&d.LastSession.SeenAt), Remote: d.LastSession.Device.Remote,
		UserAgent: d.LastSession.Device.UserAgent, CodeExpiresAt: utcOr(&d.CodeExpires), Version: d.Version,
		CreatedAt: utc(d.CreatedAt), UpdatedAt: utc(d.UpdatedAt),
	}
}

func (a *API) listDevices(ctx context.Context, in *struct{ PageInput }) (*listOutput[Device], error) {
	page, err := a.auth.Devices(ctx, in.query())
	if err != nil {
		return nil, err
	}
	return listing(page, showDevice), nil
}

// DeviceInput names a device in the path.
type DeviceInput struct {
	ID string `path:"id"`
}

func (a *API) getDevice(ctx context.Context, in *DeviceInput) (*object[Device], error) {
	d, err := a.auth.Device(ctx, auth.UserID(in.ID))
	if err != nil {
		return nil, err
	}
	return &object[Device]{ETag: etag(d.Version), Body: showDevice(d)}, nil
}

// NewDevice is what a device is made from.
type NewDevice struct {
	Name       string  `json:"name" example:"Control room, left"`
	Notes      *string `json:"notes,omitempty" nullable:"true"`
	ViewsLimit *int    `json:"views_limit,omitempty" nullable:"true"`
	Language   *string `json:"language,omitempty" nullable:"true"`
}

// DeviceWithCode is a device with the code that will sign it in.
type DeviceWithCode struct {
	Device
	Code string `json:"code" example:"ABCD-EFGH" doc:"to be typed at the screen; good for one use within 15 minutes, and shown only now"`
	Link string `json:"link" example:"/#/device/ABCD-EFGH" doc:"the same as an address for the screen's browser, from the gateway's root"`
}

func showCode(d auth.DeviceState, c auth.Code) DeviceWithCode {
	return DeviceWithCode{Device: showDevice(d), Code: c.Text, Link: "/#/device/" + c.Text}
}

func (a *API) createDevice(ctx context.Context, in *struct{ Body NewDevice }) (*created[DeviceWithCode], error) {
	b := in.Body
	d, code, err := a.auth.CreateDevice(ctx, caller(ctx), auth.NewDevice{
		Name: b.Name, Notes: value(b.Notes), ViewsLimit: b.ViewsLimit, Language: value(b.Language),
	})
	if err != nil {
		return nil, err
	}
	return &created[DeviceWithCode]{ETag: etag(d.Version), Location: "/api/v1/devices/" + string(d.ID), Body: showCode(d, code)}, nil
}

// DevicePatch is what may change of a device. Read-only fields of a whole object are ignored.
type DevicePatch struct {
	Name       patch.Optional[string] `json:"name,omitzero"`
	Notes      patch.Optional[string] `json:"notes,omitzero"`
	ViewsLimit patch.Optional[int]    `json:"views_limit,omitzero" doc:"null: the gateway's default"`
	Banned     patch.Optional[bool]   `json:"banned,omitzero" doc:"a ban signs the screen out"`
	Language   patch.Optional[string] `json:"language,omitzero"`
}

func (a *API) patchDevice(ctx context.Context, in *struct {
	DeviceInput
	ChangeInput
	Body DevicePatch
}) (*object[Device], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	if in.Body.Banned.Null {
		return nil, auth.ErrUser.At("banned", "required")
	}
	d, err := a.auth.PatchDevice(ctx, caller(ctx), auth.UserID(in.ID), auth.DevicePatch(in.Body), version)
	if err != nil {
		return nil, err
	}
	return &object[Device]{ETag: etag(d.Version), Body: showDevice(d)}, nil
}

func (a *API) deleteDevice(ctx context.Context, in *DeviceInput) (*nothing, error) {
	return nil, a.auth.DeleteDevice(ctx, caller(ctx), auth.UserID(in.ID))
}

func (a *API) renewCode(ctx context.Context, in *DeviceInput) (*object[DeviceWithCode], error) {
	d, code, err := a.auth.RenewCode(ctx, caller(ctx), auth.UserID(in.ID))
	if err != nil {
		return nil, err
	}
	return &object[DeviceWithCode]{ETag: etag(d.Version), Body: showCode(d, code)}, nil
}

func (a *API) endDeviceSession(ctx context.Context, in *DeviceInput) (*nothing, error) {
	return nil, a.auth.EndDevice(ctx, caller(ctx), auth.UserID(in.ID))
}

// DeviceSignIn is what signing a screen in takes.
type DeviceSignIn struct {
	Code string `json:"code" writeOnly:"true" maxLength:"64" doc:"as shown; hyphen and small letters do not matter"`
}

func (a *API) loginDevice(ctx context.Context, in *struct{ Body DeviceSignIn }) (*signedInOutput, error) {
	t, u, err := a.auth.LoginDevice(ctx, in.Body.Code, exchangeFrom(ctx).device)
	if err != nil {
		return nil, err
	}
	return signedIn(ctx, t, u), nil
}
