package api

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
)

const requestIDHeader = "X-Request-Id"

// exchange is what api knows of one request beside its principal. It travels in the context and is not changed after the gate.
type exchange struct {
	id     string
	device auth.Device
	secure bool   // the browser speaks https with us or with our proxy
	access string // the access token as sent, by header or cookie; empty if none
}

type exchangeKey struct{}

func exchangeFrom(ctx context.Context) exchange {
	x, _ := ctx.Value(exchangeKey{}).(exchange)
	return x
}

// begin makes the exchange: request id, client's address and scheme as far as trusted proxies tell them.
func (a *API) begin(c *gin.Context) {
	x := exchange{id: newRequestID(), secure: a.secure(c.Request)}
	if a.proxies.trusts(c.Request) {
		if sent := c.GetHeader(requestIDHeader); sane(sent) {
			x.id = sent
		}
	}
	if x.access = bearer(c.Request); x.access == "" {
		if cookie, err := c.Request.Cookie(accessCookie); err == nil {
			x.access = cookie.Value
		}
	}
	x.device = auth.Device{Remote: c.ClientIP(), UserAgent: bounded(strings.ToValidUTF8(c.Request.UserAgent(), ""), 256)}
	c.Header(requestIDHeader, x.id)
	c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), exchangeKey{}, x))
	if c.Request.Body != nil {
		most := int64(maxBody)
		if r := a.byRoute[routeKey{c.Request.Method, c.FullPath()}]; r.most > 0 {
			most = r.most
		}
		c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, most)
	}
}

func newRequestID() string { return rand.Text() }

// sane tells whether a request id may stand in our log: short, and of letters, digits and a few signs.
func sane(id string) bool {
	if len(id) < 8 || len(id) > 64 {
		return false
	}
	for _, r := range id {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r == '-', r == '_', r == '.':
		default:
			return false
		}
	}
	return true
}

// bounded cuts a text to so many bytes, between two characters.
func bounded(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}

// account writes one line per request: the route's template instead of its path, so that no id, secret or query gets into the log.
func (a *API) account(c *gin.Context) {
	began := a.now()
	c.Next()
	took := a.now().Sub(began)

	r, known := a.byRoute[routeKey{c.Request.Method, c.FullPath()}]
	name, level := r.path, slog.LevelInfo
	if !known {
		name = "(rest)"
	}
	if r.quiet || !known && c.Writer.Status() < http.StatusBadRequest {
		level = slog.LevelDebug
	}
	if c.Writer.Status() >= http.StatusInternalServerError {
		level = slog.LevelWarn
	}
	a.requests.observe(c.Request.Method, name, c.Writer.Status(), took)
	x := exchangeFrom(c.Request.Context())
	attrs := []slog.Attr{
		slog.String("method", methodName(c.Request.Method)), slog.String("route", name), slog.Int("status", c.Writer.Status()),
		slog.Duration("took", took.Round(time.Microsecond)), slog.String("remote", x.device.Remote), slog.String("request_id", x.id),
	}
	if p, ok := auth.PrincipalFrom(c.Request.Context()); ok {
		attrs = append(attrs, slog.String("user", p.User.Login))
	}
	a.log.LogAttrs(c.Request.Context(), level, "request", attrs...)
}

// methodName bounds what a stranger can write into the log and the metrics by way of the method.
func methodName(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}

// recoverPanic turns a panic into a 500 and keeps the stack in the log. The request itself (headers, body) is not logged.
func (a *API) recoverPanic(c *gin.Context) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(v)
		}
		a.log.LogAttrs(c.Request.Context(), slog.LevelError, "request panicked",
			slog.String("request_id", exchangeFrom(c.Request.Context()).id),
			slog.String("panic", bounded(fmt.Sprint(v), 500)), slog.String("stack", string(debug.Stack())))
		if c.Writer.Written() {
			c.Abort()
			return
		}
		writeProblem(c, &Problem{
			Type: "about:blank", Title: http.StatusText(http.StatusInternalServerError), Status: http.StatusInternalServerError,
			Detail: errPanic.Detail, Code: errPanic.Code, RequestID: exchangeFrom(c.Request.Context()).id,
		})
	}()
	c.Next()
}

func statusText(status int) string { return strconv.Itoa(status) }
