package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
)

const problemType = "application/problem+json"

// statusGone marks requests whose caller did not wait for the answer, as nginx does.
const statusGone = 499

// retryAfterParam is the fault parameter that becomes the Retry-After header, in whole seconds (RFC 9110, 10.2.3).
const retryAfterParam = "retry_after"

// Problem is every error answer (RFC 9457). It never holds a value that the caller sent.
type Problem struct {
	Type      string            `json:"type" doc:"always about:blank; the code tells kinds apart" example:"about:blank"`
	Title     string            `json:"title" doc:"the status in words" example:"Conflict"`
	Status    int               `json:"status" doc:"the HTTP status" example:"409"`
	Detail    string            `json:"detail,omitempty" doc:"what is wrong, in English"`
	Code      string            `json:"code" doc:"stable code, to be translated" example:"camera.number_taken"`
	RequestID string            `json:"request_id" doc:"names this request in the gateway's log"`
	Params    map[string]string `json:"params,omitempty" doc:"what the words in the user's language need; the id in the way of a conflict"`
	Errors    []FieldProblem    `json:"errors,omitempty" nullable:"false" doc:"the faulty fields"`
}

// FieldProblem is one faulty field of a request.
type FieldProblem struct {
	Path string `json:"path" doc:"where: a field of the body, or a parameter's name" example:"address"`
	Code string `json:"code" doc:"stable code of what is wrong with it" example:"too_long"`
}

// Error satisfies huma.StatusError.
func (p *Problem) Error() string { return p.Code }

// GetStatus gives the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType satisfies huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return problemType }

// GetHeaders gives what goes with the status: Retry-After and WWW-Authenticate. It satisfies huma.HeadersError.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	switch p.Status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="rtsp-viewer"`)
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		after := p.Params[retryAfterParam]
		if after == "" {
			after = "5"
		}
		h.Set("Retry-After", after)
	}
	return h
}

// Faults that api itself gives.
var (
	errNoSuchRoute = fault.New(fault.NotFound, "route.not_found", "no such address")
	errOrigin      = fault.New(fault.Forbidden, "auth.origin", "the request comes from a page of another site")
	errTimeout     = fault.New(fault.Unavailable, "server.timeout", "the gateway could not do it in time; try again")
	errPanic       = fault.New(fault.Internal, "internal", "the gateway failed; its log says more under the request id")
)

// statusOf is the one table from kinds to HTTP.
func statusOf(k fault.Kind) int {
	switch k {
	case fault.Invalid, fault.Unsupported:
		return http.StatusUnprocessableEntity
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.Precondition:
		return http.StatusPreconditionFailed
	case fault.Gone:
		return http.StatusGone
	case fault.TooMany:
		return http.StatusTooManyRequests
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// problemOf translates an error for the caller and tells the log of those that are ours.
func (a *API) problemOf(ctx context.Context, err error) *Problem {
	f := fault.From(err)
	if f.Kind == fault.Internal && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		a.log.LogAttrs(ctx, slog.LevelError, "request took too long",
			slog.String("request_id", exchangeFrom(ctx).id), slog.Any("error", err))
		f = errTimeout
	}
	p := &Problem{
		Type: "about:blank", Status: statusOf(f.Kind), Detail: f.Detail, Code: f.Code,
		RequestID: exchangeFrom(ctx).id, Params: f.Params,
	}
	for _, field := range f.Fields {
		p.Errors = append(p.Errors, FieldProblem{Path: field.Path, Code: field.Code})
	}
	switch {
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		// The caller is gone: nobody reads this, and it is nobody's fault.
		p.Status, p.Code, p.Detail = statusGone, "request.cancelled", ""
	case f.Kind == fault.Internal:
		p.Detail = errPanic.Detail
		p.Params = nil
		a.log.LogAttrs(ctx, slog.LevelError, "request failed",
			slog.String("request_id", p.RequestID), slog.String("code", f.Code), slog.Any("error", err))
	}
	p.Title = http.StatusText(p.Status)
	return p
}

// refuse writes err as the answer of a raw route or a middleware and ends the chain.
func (a *API) refuse(c *gin.Context, err error) {
	writeProblem(c, a.problemOf(c.Request.Context(), err))
}

func writeProblem(c *gin.Context, p *Problem) {
	for name, values := range p.GetHeaders() {
		c.Writer.Header()[name] = values
	}
	c.Header("Content-Type", problemType)
	c.Header("Cache-Control", "no-store")
	c.Abort()
	c.Status(p.Status)
	if c.Request.Method == http.MethodHead {
		c.Writer.WriteHeaderNow()
		return
	}
	// A failed write means that the caller is gone.
	_ = json.NewEncoder(c.Writer).Encode(p)
}

// translateHuma is the transformer through which huma's own errors become Problems: codes instead of messages, paths instead of
// values. It stands in this API's configuration, because huma.NewError is one variable for the whole process.
func translateHuma(ctx huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	p := &Problem{
		Type: "about:blank", Title: http.StatusText(m.Status), Status: m.Status,
		RequestID: exchangeFrom(ctx.Context()).id,
	}
	switch m.Status {
	case http.StatusBadRequest:
		p.Code, p.Detail = "request.malformed", "the body is missing or is not JSON"
	case http.StatusRequestTimeout:
		p.Code, p.Detail = "request.timeout", "the body came too slowly"
	case http.StatusRequestEntityTooLarge:
		p.Code, p.Detail = "request.too_large", "the body exceeds 1 MiB"
	case http.StatusUnsupportedMediaType:
		p.Code, p.Detail = "request.media_type", "send application/json"
	case http.StatusUnprocessableEntity:
		p.Code, p.Detail = "request.invalid", "some fields are wrong"
	default:
		p.Code, p.Detail = "internal", errPanic.Detail
		return p, nil
	}
	for _, d := range m.Errors {
		if d == nil {
			continue
		}
		p.Errors = append(p.Errors, fieldProblem(d))
	}
	return p, nil
}

// messages maps the beginnings of huma's messages to codes.
var messages = []struct{ begins, code string }{
	{"expected length <=", "too_long"},
	{"expected length >=", "too_short"},
	{"expected array length <=", "too_many"},
	{"expected array length >=", "too_few"},
	{"expected array items to be unique", "not_unique"},
	{"expected value to be one of", "not_allowed"},
	{"expected number >", "too_small"},
	{"expected number <", "too_big"},
	{"expected string to", "format"},
	{"required ", "required"},
	{"invalid", "type"},
	{"expected", "type"},
}

const requiredProperty = "expected required property "

// fieldProblem keeps the place and the sort of a validation error; message and value stay behind.
func fieldProblem(d *huma.ErrorDetail) FieldProblem {
	path := d.Location
	for _, in := range []string{"body", "query", "path", "header", "cookie"} {
		if path == in {
			path = ""
		}
		path = strings.TrimPrefix(path, in+".")
	}
	if rest, ok := strings.CutPrefix(d.Message, requiredProperty); ok {
		name, _, _ := strings.Cut(rest, " ") // a name of ours: it comes from the schema
		if path != "" {
			name = path + "." + name
		}
		return FieldProblem{Path: name, Code: "required"}
	}
	for _, m := range messages {
		if strings.HasPrefix(d.Message, m.begins) {
			return FieldProblem{Path: path, Code: m.code}
		}
	}
	return FieldProblem{Path: path, Code: "malformed"}
}
