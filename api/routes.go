package api

import "slices"

const (
	v1      = "/api/v1"
	sdpType = "application/sdp"
)

// routes is the one table of everything that the gateway answers over HTTP: gin, the gate and the OpenAPI document all come from it.
func (a *API) routes() []route {
	return slices.Concat(
		a.signInRoutes(), a.ownRoutes(), a.userRoutes(), a.deviceRoutes(),
		a.grantRoutes(), a.cameraRoutes(), a.probeRoutes(), a.groupRoutes(),
		a.watchingRoutes(), a.eventRoutes(), a.gatewayRoutes(),
	)
}
