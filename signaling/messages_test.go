package signaling

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/viewers"
)

var update = flag.Bool("update", false, "write the golden messages anew")

const (
	goldenView    = "0f6c1b1e-5a43-4f0e-9c57-3a1f5d1f0b11"
	goldenOther   = "7d0c9a52-2f0b-4a0f-8a3e-1d6f1a9c2e44"
	goldenCamera  = "019383a0-6b6e-7cc2-9a51-0f4f3c1d2b3a"
	goldenSession = "q1Zt0Qw3bV9yJ0hX2mK8sA"
	goldenOffer   = "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n"
)

// golden are examples of every message. The web app's tests read the same files.
func golden() map[string]any {
	at := time.Date(2026, 11, 22, 14, 5, 9, 250_000_000, time.UTC)
	retry := at.Add(30 * time.Second)
	mid, index, ufrag := "0", uint16(0), "4ZcD"
	const generation = 1795356309250
	candidate := &Candidate{
		Candidate: "candidate:842163049 1 udp 1677729535 192.0.2.17 51820 typ host generation 0 ufrag 4ZcD",
		SDPMid:    &mid, SDPMLineIndex: &index, UsernameFragment: &ufrag,
	}
	state := func(snap Snapshot) StateMessage {
		snap.Since = at
		return stateMessage(goldenView, generation, snap)
	}
	end := func(e viewers.End) EndMessage {
		e.At = at
		return endMessage(goldenView, generation, e)
	}
	return map[string]any{
		"client-resume":        ClientMessage{Type: "resume", Session: goldenSession},
		"client-watch-click":   ClientMessage{Type: "watch", View: goldenView, Camera: goldenCamera, Admit: "evict_oldest", Label: "Chrome, Windows", Offer: goldenOffer},
		"client-watch-restore": ClientMessage{Type: "watch", View: goldenView, Camera: goldenCamera, Admit: "if_free", Label: "Chrome, Windows", Offer: goldenOffer},
		"client-watch-replace": ClientMessage{
			Type: "watch", View: goldenView, Camera: goldenCamera, Stream: "sub", Admit: "evict_oldest", Replaces: goldenOther, Label: "Wall 2", Offer: goldenOffer,
		},
		"client-switch":        ClientMessage{Type: "switch", View: goldenView, Camera: goldenCamera, Admit: "evict_oldest", Label: "Chrome, Windows"},
		"client-candidate":     ClientMessage{Type: "candidate", View: goldenView, Candidate: candidate},
		"client-candidate-end": ClientMessage{Type: "candidate", View: goldenView},
		"client-restart":       ClientMessage{Type: "restart", View: goldenView, Offer: goldenOffer},
		"client-playing":       ClientMessage{Type: "playing", Views: []string{goldenView}},
		"client-close":         ClientMessage{Type: "close", View: goldenView},

		"gateway-hello": HelloMessage{
			Type: "hello", Session: goldenSession, ICEServers: []ICEServer{}, Limit: 4, ServerTime: at, ResumeMS: 60_000, Views: []ViewState{},
		},
		"gateway-hello-resumed": HelloMessage{
			Type: "hello", Session: goldenSession, Resumed: true, Limit: 4, ServerTime: at, ResumeMS: 60_000,
			ICEServers: []ICEServer{{URLs: []string{"turn:turn.example.org:3478"}, Username: "1795356309:wall", Credential: "c2VjcmV0"}},
			Views:      []ViewState{{View: goldenView, Camera: goldenCamera, Generation: generation}},
		},
		"gateway-answer":            AnswerMessage{Type: "answer", View: goldenView, Generation: generation, Camera: goldenCamera, OpenedAt: at, SDP: goldenOffer},
		"gateway-switched":          SwitchedMessage{Type: "switched", View: goldenView, Generation: generation, Camera: goldenCamera, OpenedAt: at},
		"gateway-candidate":         CandidateMessage{Type: "candidate", View: goldenView, Generation: generation, Candidate: candidate},
		"gateway-candidate-end":     CandidateMessage{Type: "candidate", View: goldenView, Generation: generation},
		"gateway-state-connecting":  state(Snapshot{Status: "connecting"}),
		"gateway-state-unreachable": state(Snapshot{Status: "connecting", Code: "camera.timeout", RetryAt: at.Add(4 * time.Second)}),
		"gateway-state-live": state(Snapshot{
			Status: "live", FrameInterval: 40 * time.Millisecond, Audio: true, Width: 1920, Height: 1080,
		}),
		"gateway-state-slow":        state(Snapshot{Status: "live", FrameInterval: 500 * time.Millisecond, Width: 640, Height: 360}),
		"gateway-state-stalled":     state(Snapshot{Status: "stalled", FrameInterval: 40 * time.Millisecond, Width: 1920, Height: 1080}),
		"gateway-state-refused":     state(Snapshot{Status: "refused", Code: "camera.credentials", RetryAt: retry}),
		"gateway-state-unsupported": state(Snapshot{Status: "unsupported", Code: "media.codec", Params: map[string]string{"codec": "H265"}}),

		"gateway-end-evicted": end(viewers.End{Code: viewers.CodeEvicted, Params: map[string]string{
			"camera": "Ворота 2", "number": "17", "where": "Chrome, Windows", "address": "192.0.2.17", "by": "Иванов И. И.",
		}}),
		"gateway-end-limit":    end(viewers.End{Code: viewers.CodeEvicted, Params: map[string]string{"reason": "limit", "limit": "2"}}),
		"gateway-end-revoked":  end(viewers.End{Code: viewers.CodeRevoked, Params: map[string]string{"reason": "grant"}}),
		"gateway-end-closed":   end(viewers.End{Code: viewers.CodeClosed}),
		"gateway-end-by":       end(viewers.End{Code: viewers.CodeClosed, Params: map[string]string{"by": "Petrova A."}}),
		"gateway-end-replaced": end(viewers.End{Code: viewers.CodeReplaced}),
		"gateway-end-expired":  end(viewers.End{Code: viewers.CodeExpired}),
		"gateway-end-deleted":  end(viewers.End{Code: viewers.CodeDeleted}),
		"gateway-end-stopping": end(viewers.End{Code: viewers.CodeStopping}),

		"gateway-error-limit":     errorMessage(goldenView, viewers.ErrLimit.With("limit", "4")),
		"gateway-error-evicted":   errorMessage(goldenView, viewers.ErrEvicted.With("camera", "Gate 2").With("number", "17").With("where", "Wall 2")),
		"gateway-error-codecs":    errorMessage(goldenView, fault.New(fault.Unsupported, "signaling.codecs", "the browser offers no H.264")),
		"gateway-error-internal":  errorMessage(goldenView, fault.From(os.ErrDeadlineExceeded)),
		"gateway-error-malformed": errorMessage("", errMalformed),
		"gateway-bye-stopping":    ByeMessage{Type: "bye", Code: viewers.CodeStopping, RetryAfterMS: 1730},
		"gateway-bye-token":       ByeMessage{Type: "bye", Code: "auth.token"},
		"gateway-bye-too-many":    ByeMessage{Type: "bye", Code: errTooMany.Code, RetryAfterMS: 30_000},
	}
}

func TestGoldenMessages(t *testing.T) {
	folder := filepath.Join("testdata", "messages")
	want := map[string]bool{}
	for name, message := range golden() {
		want[name+".json"] = true
		path := filepath.Join(folder, name+".json")
		var body bytes.Buffer
		encoder := json.NewEncoder(&body)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(message); err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(path, body.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		held, err := os.ReadFile(path)
		if err != nil {
			t.Errorf("%v; write it with -update", err)
			continue
		}
		if !bytes.Equal(held, body.Bytes()) {
			t.Errorf("%s is\n%s\nwant\n%s", name, held, body.Bytes())
		}
		// What is on the wire is read back to the same message.
		back := reflect.New(reflect.TypeOf(message))
		if err := json.Unmarshal(held, back.Interface()); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if !reflect.DeepEqual(back.Elem().Interface(), message) {
			t.Errorf("%s is read back as %+v, want %+v", name, back.Elem().Interface(), message)
		}
	}
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasSuffix(f.Name(), ".json") && !want[f.Name()] {
			t.Errorf("%s is no message of this protocol", f.Name())
		}
	}
}
