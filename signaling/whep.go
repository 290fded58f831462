package signaling

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

const (
	mediaSDP     = "application/sdp"
	mediaSDPFrag = "application/trickle-ice-sdpfrag"
	liveWithin   = 5 * time.Second
	retryAfter   = 2 // seconds
	resourcePath = "/api/v1/whep/"
)

// Faults of WHEP.
var (
	errMedia        = fault.New(fault.Unsupported, "request.media_type", "the body must be "+mediaSDP)
	errFragMedia    = fault.New(fault.Unsupported, "request.media_type", "the body must be "+mediaSDPFrag)
	errAccept       = fault.New(fault.Unsupported, "request.accept", "the answer is "+mediaSDP)
	errTooLarge     = fault.New(fault.TooLarge, "request.too_large", "the body is larger than 64 KiB")
	errMethod       = fault.New(fault.Unsupported, "request.method", "not a method of this resource")
	errNoResource   = fault.New(fault.NotFound, "whep.not_found", "no such WHEP resource")
	errNeedsMatch   = fault.New(fault.Precondition, "whep.if_match_required", "send If-Match with the ETag, or * for an ICE restart")
	errMatch        = fault.New(fault.Precondition, "whep.if_match", "the ICE session has been restarted since")
	errBadFragment  = fault.New(fault.Invalid, "whep.fragment", "not an SDP fragment with ICE credentials")
	errNotLive      = fault.New(fault.Unavailable, "camera.connecting", "the camera does not send pictures yet")
	errStreamKind   = fault.New(fault.Invalid, "request.stream", "stream is main or sub")
	errEndedBefore  = fault.New(fault.Gone, viewers.CodeClosed, "the view has ended")
	errStoppingWHEP = viewers.ErrStopping
)

// WHEP serves WHEP (draft-ietf-wish-whep): POST on a camera, whose id is the path value "id", and PATCH and DELETE on a resource, whose
// secret is the path value "secret".
func (s *Signaling) WHEP() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.enter() {
			problem(w, errStoppingWHEP)
			return
		}
		defer s.open.Done()
		onResource := r.PathValue("secret") != ""
		switch {
		case r.Method == http.MethodPost && !onResource:
			s.whepPost(w, r)
		case r.Method == http.MethodPatch && onResource:
			s.whepPatch(w, r)
		case r.Method == http.MethodDelete && onResource:
			s.whepDelete(w, r)
		case r.Method == http.MethodOptions:
			if onResource {
				w.Header().Set("Allow", "OPTIONS, PATCH, DELETE")
				w.Header().Set("Accept-Patch", mediaSDPFrag)
			} else {
				w.Header().Set("Allow", "OPTIONS, POST")
				w.Header().Set("Accept-Post", mediaSDP)
				s.iceLinks(w.Header())
			}
			w.WriteHeader(http.StatusNoContent)
		default:
			if onResource {
				w.Header().Set("Allow", "OPTIONS, PATCH, DELETE")
			} else {
				w.Header().Set("Allow", "OPTIONS, POST")
			}
			problemStatus(w, http.StatusMethodNotAllowed, errMethod)
		}
	})
}

func (s *Signaling) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		return false
	}
	s.open.Add(1)
	return true
}

func (s *Signaling) whepPost(w http.ResponseWriter, r *http.Request) {
	principal, ok := auth.PrincipalFrom(r.Context())
	if !ok {
		problem(w, auth.ErrToken)
		return
	}
	if mediaType(r) != mediaSDP {
		w.Header().Set("Accept-Post", mediaSDP)
		problemStatus(w, http.StatusUnsupportedMediaType, errMedia)
		return
	}
	if !accepts(r.Header.Values("Accept"), mediaSDP) {
		problemStatus(w, http.StatusNotAcceptable, errAccept)
		return
	}
	offer, err := readBody(w, r)
	if err != nil {
		problem(w, err)
		return
	}
	query := r.URL.Query()
	stream := camera.StreamKind(orElse(query.Get("stream"), string(camera.Main)))
	if stream != camera.Main && stream != camera.Sub {
		problem(w, errStreamKind)
		return
	}
	if !strings.HasPrefix(offer, "v=0") {
		problem(w, errOffer)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), openWithin)
	defer cancel()
	unbind := context.AfterFunc(s.life, cancel)
	defer unbind()

	view, err := s.viewers.Open(ctx, viewers.Request{
		Principal: principal, View: viewers.ViewID(orElse(query.Get("view"), secret())), Camera: camera.ID(r.PathValue("id")),
		Transport: viewers.WHEP, Admit: viewers.Admit(orElse(query.Get("admit"), string(viewers.EvictOldest))),
		Replaces: viewers.ViewID(query.Get("replaces")), Label: orElse(query.Get("label"), playerName(r.UserAgent())), Lease: lease,
	})
	if err != nil {
		s.whepRefuse(w, principal, err)
		return
	}
	peer, err := s.peers.Open(ctx, PeerRequest{
		Camera: view.Camera().ID, Stream: stream, Offer: offer, PageHost: hostOnly(r.Host), Grouping: Together,
	})
	if err != nil {
		view.Close(viewers.CodeClosed)
		s.whepRefuse(w, principal, err)
		return
	}
	if err := s.awaitLive(ctx, view, peer); err != nil {
		view.Close(viewers.CodeClosed)
		s.retire(peer)
		s.whepRefuse(w, principal, err)
		return
	}
	res, ok := s.keep(principal.User.ID, view, peer, offer)
	if !ok {
		view.Close(viewers.CodeStopping)
		s.retire(peer)
		problem(w, errStoppingWHEP)
		return
	}
	h := w.Header()
	h.Set("Content-Type", mediaSDP)
	h.Set("Location", resourcePath+res.secret)
	h.Set("ETag", res.tag())
	h.Set("Accept-Patch", mediaSDPFrag)
	h.Set("Cache-Control", "no-store")
	s.iceLinks(h)
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, peer.Answer())
}

// awaitLive waits until the camera sends pictures, which WHEP has no later message for.
func (s *Signaling) awaitLive(ctx context.Context, view *viewers.View, peer Peer) error {
	late := time.NewTimer(liveWithin)
	defer late.Stop()
	for {
		snap := peer.Snapshot()
		switch snap.Status {
		case "live":
			return nil
		case "unsupported":
			f := fault.New(fault.Unsupported, orElse(snap.Code, "media.codec"), "WebRTC can't carry this camera's pictures")
			for k, v := range snap.Params {
				f = f.With(k, v)
			}
			return f
		}
		select {
		case <-peer.Changed():
		case <-peer.Done():
			return errNotLive
		case <-view.Done():
			return endFault(view.End())
		case <-ctx.Done():
			return errNotLive.Because(ctx.Err())
		case <-late.C:
			if snap.Code != "" {
				return fault.New(fault.Unavailable, snap.Code, errNotLive.Detail)
			}
			return errNotLive
		}
	}
}

func (s *Signaling) whepRefuse(w http.ResponseWriter, p auth.Principal, err error) {
	if fault.KindOf(err) == fault.Internal {
		s.log.Error("a WHEP request could not be done", "user", p.User.Login, "error", err)
	}
	problem(w, err)
}

func (s *Signaling) whepPatch(w http.ResponseWriter, r *http.Request) {
	res, err := s.find(r)
	if err != nil {
		problem(w, err)
		return
	}
	if mediaType(r) != mediaSDPFrag {
		w.Header().Set("Accept-Patch", mediaSDPFrag)
		problemStatus(w, http.StatusUnsupportedMediaType, errFragMedia)
		return
	}
	match := r.Header.Get("If-Match")
	if match == "" {
		problemStatus(w, http.StatusPreconditionRequired, errNeedsMatch)
		return
	}
	body, err := readBody(w, r)
	if err != nil {
		problem(w, err)
		return
	}
	f, err := parseFragment(body)
	if err != nil {
		problem(w, errBadFragment)
		return
	}
	answer, restarted, err := res.patch(match, f)
	if err != nil {
		s.whepRefuse(w, auth.Principal{User: auth.User{ID: res.user}}, err)
		return
	}
	if !restarted {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Content-Type", mediaSDPFrag)
	w.Header().Set("ETag", res.tag())
	w.WriteHeader(http.StatusOK)
	_, _ = io.WriteString(w, answerFragment(answer))
}

func (s *Signaling) whepDelete(w http.ResponseWriter, r *http.Request) {
	res, err := s.find(r)
	if err != nil {
		problem(w, err)
		return
	}
	res.view.Close(viewers.CodeClosed)
	w.WriteHeader(http.StatusOK)
}

// find gives the resource of a request. The secret is the right; but a request of another signed-in user finds nothing.
func (s *Signaling) find(r *http.Request) (*resource, error) {
	key := r.PathValue("secret")
	principal, signedIn := auth.PrincipalFrom(r.Context())
	s.mu.Lock()
	defer s.mu.Unlock()
	if res := s.resources[key]; res != nil && (!signedIn || principal.User.ID == res.user) {
		return res, nil
	}
	if d, ok := s.gone[key]; ok && (!signedIn || principal.User.ID == d.user) {
		return nil, endFault(d.end)
	}
	return nil, errNoResource
}

// endFault is how a request on an ended view is answered: 410 with the code.
func endFault(end viewers.End) *fault.Error {
	if end.Code == viewers.CodeStopping {
		return viewers.ErrStopping
	}
	f := fault.New(fault.Gone, orElse(end.Code, errEndedBefore.Code), errEndedBefore.Detail)
	for k, v := range end.Params {
		f = f.With(k, v)
	}
	return f
}

func (s *Signaling) iceLinks(h http.Header) {
	for _, server := range s.servers {
		for _, u := range server.URLs {
			link := "<" + u + `>; rel="ice-server"`
			if server.Username != "" {
				link += "; username=" + strconv.Quote(server.Username) + "; credential=" + strconv.Quote(server.Credential) +
					`; credential-type="password"`
			}
			h.Add("Link", link)
		}
	}
}

func readBody(w http.ResponseWriter, r *http.Request) (string, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxMessage))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return "", errTooLarge
	case err != nil:
		return "", errMalformed.Because(err)
	}
	return string(body), nil
}

func mediaType(r *http.Request) string {
	t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return t
}

// accepts reports whether Accept headers allow a media type (RFC 9110, 12.5.1); none allow all.
func accepts(headers []string, media string) bool {
	if len(headers) == 0 {
		return true
	}
	family, _, _ := strings.Cut(media, "/")
	for _, part := range strings.Split(strings.Join(headers, ","), ",") {
		t, params, err := mime.ParseMediaType(part)
		if err != nil || t != media && t != family+"/*" && t != "*/*" {
			continue
		}
		if q, err := strconv.ParseFloat(orElse(params["q"], "1"), 64); err == nil && q > 0 {
			return true
		}
	}
	return false
}

// playerName gives a program's own name for itself; browsers all claim to be Mozilla, so theirs says nothing.
func playerName(userAgent string) string {
	name, _, _ := strings.Cut(userAgent, " ")
	if strings.HasPrefix(name, "Mozilla/") {
		return ""
	}
	return strings.ReplaceAll(name, "/", " ")
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
