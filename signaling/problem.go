package signaling

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
)

// problemBody is application/problem+json (RFC 9457) as the whole API gives it.
type problemBody struct {
	Type      string            `json:"type"`
	Title     string            `json:"title"`
	Status    int               `json:"status"`
	Detail    string            `json:"detail,omitempty"`
	Code      string            `json:"code"`
	RequestID string            `json:"request_id,omitempty"`
	Params    map[string]string `json:"params,omitempty"`
}

var statuses = map[fault.Kind]int{
	fault.Internal: http.StatusInternalServerError, fault.Invalid: http.StatusUnprocessableEntity,
	fault.Unauthenticated: http.StatusUnauthorized, fault.Forbidden: http.StatusForbidden, fault.NotFound: http.StatusNotFound,
	fault.Conflict: http.StatusConflict, fault.Precondition: http.StatusPreconditionFailed, fault.Gone: http.StatusGone,
	fault.TooMany: http.StatusTooManyRequests, fault.TooLarge: http.StatusRequestEntityTooLarge,
	fault.Unavailable: http.StatusServiceUnavailable, fault.Unsupported: http.StatusUnprocessableEntity,
}

func problem(w http.ResponseWriter, err error) {
	problemStatus(w, statuses[fault.KindOf(err)], err)
}

func problemStatus(w http.ResponseWriter, status int, err error) {
	f := fault.From(err)
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	if status == http.StatusServiceUnavailable && h.Get("Retry-After") == "" {
		h.Set("Retry-After", strconv.Itoa(retryAfter))
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(problemBody{
		Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: f.Detail, Code: f.Code,
		RequestID: h.Get("X-Request-Id"), Params: f.Params,
	})
}
