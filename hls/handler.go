package hls

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

const (
	typeList  = "application/vnd.apple.mpegurl"
	typeMedia = "video/mp4"
	// writeWithin bounds one answer to a player that does not take it.
	writeWithin = 30 * time.Second
	retryAfter  = "1" // second
	// statusGone is for the log: whoever asked is gone, and nobody reads the answer. A player that ends leaves a list behind that it waits for.
	statusGone = 499
)

// Handler serves what is below Prefix. The secret in a path is the right to it, so it needs no cookie and no header; whoever logs paths
// must pass them through RedactPath. It answers GET and HEAD only: 200, 404 for what is not there (any more: a player that is told so
// opens anew), 410 with the code of the view's end, 400 for a list that is too far away to be waited for, 503 while there is nothing to list.
func (h *HLS) Handler() http.Handler { return http.HandlerFunc(h.serve) }

func (h *HLS) serve(w http.ResponseWriter, r *http.Request) {
	h.headers(w.Header(), r)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		problem(w, http.StatusMethodNotAllowed, ErrMethod)
		return
	}
	if !h.begin() {
		refuse(w, viewers.ErrStopping)
		return
	}
	defer h.work.Done()
	secret, file, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, Prefix), "/")
	s, err := h.find(sha256.Sum256([]byte(secret)))
	if err != nil {
		refuse(w, err)
		return
	}
	if err := s.serve(w, r, file); err != nil {
		switch {
		case errors.Is(err, context.Canceled) && r.Context().Err() != nil:
			w.WriteHeader(statusGone)
			return
		case fault.KindOf(err) == fault.NotFound:
			h.count.missing.Add(1)
		}
		refuse(w, err)
	}
}

// serve answers, or gives an error and has written nothing.
func (s *session) serve(w http.ResponseWriter, r *http.Request, file string) error {
	q := numbersOf(r.URL.Query())
	win := s.stream.window
	switch file {
	case fileList, fileNative:
		s.renew()
		var text string
		var err error
		if file == fileNative {
			text, err = s.nativeList(r.Context())
		} else {
			text, err = s.list(r.Context(), q[wantedNumber])
		}
		if err != nil {
			return err
		}
		s.renew() // it may have taken a while
		s.hls.count.playlists.Add(1)
		header := w.Header()
		header.Set("Content-Type", typeList)
		header.Set("Cache-Control", "no-store")
		header.Set("Content-Length", strconv.Itoa(len(text)))
		w.WriteHeader(http.StatusOK)
		if r.Method == http.MethodGet {
			_, _ = w.Write([]byte(text))
		}
		return nil
	case fileHead:
		head, ok := win.head(q.int("g"))
		if !ok {
			return ErrNoPath
		}
		return s.send(w, r, []piece{{head: head, size: len(head)}})
	case fileShared:
		p, ok := win.shared(q.int("g"), q.sequence("n"))
		if !ok {
			return ErrNoPath
		}
		s.took(q.sequence("n"))
		return s.send(w, r, []piece{p})
	case filePersonal:
		j := join{gen: q.int("g"), seq: q.sequence("n"), key: q["k"], from: q["t"]}
		p, ok := win.personal(j)
		if !ok {
			return ErrNoPath
		}
		s.took(j.seq)
		return s.send(w, r, []piece{p})
	case fileNatives:
		pieces, ok := win.native(q.int("g"), q.sequence("a"), q.sequence("b"))
		if !ok {
			return ErrNoPath
		}
		return s.send(w, r, pieces)
	}
	return ErrNoPath
}

// send sends media. What it sends never changes under its address.
func (s *session) send(w http.ResponseWriter, r *http.Request, pieces []piece) error {
	s.renew()
	size := 0
	for _, p := range pieces {
		size += p.size
	}
	s.hls.count.segments.Add(1)
	header := w.Header()
	header.Set("Content-Type", typeMedia)
	header.Set("Cache-Control", "private, max-age=60, immutable")
	header.Set("Content-Length", strconv.Itoa(size))
	header.Set("X-Content-Type-Options", "nosniff")
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeWithin)) // not every writer can
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	for _, p := range pieces {
		err := p.writeTo(func(b []byte) error {
			n, err := w.Write(b)
			s.hls.count.bytes.Add(uint64(n))
			return err
		})
		if err != nil {
			return nil // the player has gone
		}
	}
	s.renew()
	return nil
}

// wantedNumber is the number that a list shall have when it is answered (draft-pantos-hls-rfc8216bis, 6.2.5.2).
const wantedNumber = "_HLS_msn"

// query holds the numbers of an address; what is not there or no number is -1.
type query map[string]int64

func numbersOf(values map[string][]string) query {
	q := query{"g": -1, "n": -1, "k": -1, "t": -1, "a": -1, "b": -1, wantedNumber: -1}
	for name := range q {
		if v := values[name]; len(v) == 1 {
			if n, err := strconv.ParseInt(v[0], 10, 64); err == nil && n >= 0 {
				q[name] = n
			}
		}
	}
	return q
}

func (q query) int(name string) int         { return int(q[name]) }
func (q query) sequence(name string) uint64 { return uint64(q[name]) }

var statuses = map[fault.Kind]int{
	fault.NotFound: http.StatusNotFound, fault.Gone: http.StatusGone, fault.Unavailable: http.StatusServiceUnavailable,
	fault.Unsupported: http.StatusUnprocessableEntity, fault.Invalid: http.StatusBadRequest,
}

func refuse(w http.ResponseWriter, err error) {
	status, ok := statuses[fault.KindOf(err)]
	if !ok {
		status = http.StatusInternalServerError
	}
	problem(w, status, err)
}

// problem answers by RFC 9457, as the whole API does.
func problem(w http.ResponseWriter, status int, err error) {
	f := fault.From(err)
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	if status == http.StatusServiceUnavailable {
		h.Set("Retry-After", retryAfter)
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(struct {
		Type      string            `json:"type"`
		Title     string            `json:"title"`
		Status    int               `json:"status"`
		Detail    string            `json:"detail,omitempty"`
		Code      string            `json:"code"`
		RequestID string            `json:"request_id,omitempty"`
		Params    map[string]string `json:"params,omitempty"`
	}{"about:blank", http.StatusText(status), status, f.Detail, f.Code, h.Get("X-Request-Id"), f.Params})
}
