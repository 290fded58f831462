package camera

import (
	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
)

// Faults that camera gives.
var (
	ErrNotFound         = fault.New(fault.NotFound, "camera.not_found", "no such camera")
	ErrNoStream         = fault.New(fault.NotFound, "camera.no_sub_stream", "the camera has no such stream")
	ErrNoStill          = fault.New(fault.NotFound, "probe.no_still", "no probe of the camera has a picture")
	ErrNoGroup          = fault.New(fault.NotFound, "group.not_found", "no such group")
	ErrNumberTaken      = fault.New(fault.Conflict, "camera.number_taken", "another camera has this number")     // Params: id
	ErrNumberRetired    = fault.New(fault.Conflict, "camera.number_retired", "a deleted camera had this number") // numbers are never reused
	ErrGroupTaken       = fault.New(fault.Conflict, "group.name_taken", "another group has this name")           // Params: id
	ErrInvalid          = fault.New(fault.Invalid, "camera.invalid", "the camera can't be kept like this")       // Fields say where
	ErrGroupInvalid     = fault.New(fault.Invalid, "group.invalid", "the group can't be kept like this")
	ErrGrantInvalid     = fault.New(fault.Invalid, "grant.invalid", "the grant can't be given like this")
	ErrAddress          = fault.New(fault.Invalid, "camera.address", "not an RTSP address")
	ErrPasswordRequired = fault.New(fault.Invalid, "camera.password_required", "send the password again with a new host, port or scheme")
	ErrInUse            = fault.New(fault.Conflict, "camera.in_use", "the camera is in use")                           // Params: views, grants, groups, favourites
	ErrVersion          = auth.ErrChanged                                                                              // one fault for all that has versions
	ErrKey              = fault.New(fault.Internal, "keys.missing", "the encryption key does not open what is stored") // Params: key
	ErrKeyring          = fault.New(fault.Invalid, "keys.invalid", "the encryption keys can't be read")
)
