package api

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
)

// readyBound is how long a readiness check may take.
const readyBound = 3 * time.Second

var errNotReady = fault.New(fault.Unavailable, "server.not_ready", "the gateway is not ready")

// healthz says that the process answers at all.
func (a *API) healthz(c *gin.Context) { c.String(http.StatusOK, "ok\n") }

// readyz says whether the gateway can do its work: the database answers. The reason goes to the log, since anyone may ask.
func (a *API) readyz(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), readyBound)
	defer cancel()
	if err := a.ready(ctx); err != nil {
		a.log.LogAttrs(ctx, slog.LevelWarn, "not ready", slog.Any("error", err))
		a.refuse(c, errNotReady)
		return
	}
	c.String(http.StatusOK, "ready\n")
}
