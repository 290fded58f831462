package probe_test

import (
	"bufio"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bluenviron/gortsplib/v5/pkg/base"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

const sdpHead = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=Gate\r\nt=0 0\r\n"

const sdpVideo = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\na=control:track1\r\n"

// drip sends a beginning, and then a byte at a time until the other side has gone.
func drip(t *testing.T, beginning string, then byte) string {
	return speak(t, func(c net.Conn) {
		r := bufio.NewReader(c)
		for {
			var req base.Request
			if req.Unmarshal(r) != nil {
				return
			}
			if req.Method == base.Describe {
				break
			}
			res := options()
			res.Header["CSeq"] = req.Header["CSeq"]
			if text, err := res.Marshal(); err == nil {
				_, _ = c.Write(text)
			}
		}
		for _, err := fmt.Fprintf(c, beginning, 2); err == nil; _, err = c.Write([]byte{then}) {
			<-time.After(20 * time.Millisecond)
		}
	})
}

// endless sends the same without a pause, 64 KiB each 10 ms, whatever it is asked.
func endless(t *testing.T, what string) string {
	block := []byte(strings.Repeat(what, 1+64<<10/len(what)))
	return speak(t, func(c net.Conn) {
		for _, err := c.Write(block); err == nil; _, err = c.Write(block) {
			<-time.After(10 * time.Millisecond)
		}
	})
}

// step answers as a camera does up to one request, to which it answers otherwise.
func step(t *testing.T, odd base.Method, answer *base.Response) string {
	return answering(t, func(req *base.Request) *base.Response {
		switch {
		case req.Method == odd:
			return answer
		case req.Method == base.Describe:
			return &base.Response{StatusCode: base.StatusOK, Body: []byte(sdpHead + sdpVideo), Header: base.Header{
				"Content-Type": base.HeaderValue{"application/sdp"}, "Content-Base": base.HeaderValue{req.URL.String() + "/"},
			}}
		case req.Method == base.Setup:
			return &base.Response{StatusCode: base.StatusOK, Header: base.Header{
				"Session": base.HeaderValue{"1"}, "Transport": base.HeaderValue{"RTP/AVP/TCP;unicast;interleaved=0-1"},
			}}
		}
		return options()
	})
}

// hostile holds that whatever answers, there is a code, in time, and no more.
func hostile(t *testing.T, r *rig) {
	many := sdpHead + strings.Repeat("m=application 0 RTP/AVP 107\r\na=rtpmap:107 x<b>"+strings.Repeat("y", 200)+"/90000\r\n", 2000)
	cases := map[string]struct {
		host  string
		codes []string
	}{
		"accepts and is silent":       {speak(t, func(c net.Conn) { _, _ = bufio.NewReader(c).ReadString(0) }), []string{relay.CodeTimeout}},
		"describes by drops":          {drip(t, "RTSP/1.0 200 OK\r\nCSeq: %d\r\nContent-Type: application/sdp\r\nContent-Length: 100000\r\n\r\n", 'x'), []string{relay.CodeTimeout}},
		"a header without an end":     {drip(t, "RTSP/1.0 200 OK\r\nCSeq: %d\r\nServer: ", 'x'), []string{relay.CodeTimeout, relay.CodeLost}},
		"too much is announced":       {drip(t, "RTSP/1.0 200 OK\r\nCSeq: %d\r\nContent-Type: application/sdp\r\nContent-Length: 99999999999\r\n\r\n", 'x'), []string{relay.CodeLost, relay.CodeNotRTSP}},
		"packets in place of answers": {endless(t, "$\x00\x00\x04junk"), []string{relay.CodeTimeout, relay.CodeLost}},
		"zeros":                       {endless(t, "\x00"), []string{relay.CodeNotRTSP}},
		"answers without an end":      {endless(t, "RTSP/1.0 100 Continue\r\n\r\n"), []string{relay.CodeTimeout, relay.CodeLost, relay.CodeNoStream}},
		"an empty description":        {described(t, ""), []string{relay.CodeNotRTSP, relay.CodeNoVideo}},
		"a description of nothing":    {described(t, sdpHead), []string{relay.CodeNotRTSP, relay.CodeNoVideo}},
		"a page":                      {described(t, "<html>\r\n"), []string{relay.CodeNotRTSP}},
		"media without number":        {described(t, many), []string{relay.CodeNotRTSP, relay.CodeNoVideo, relay.CodeLost}},
		"SETUP is refused":            {step(t, base.Setup, &base.Response{StatusCode: base.StatusInternalServerError}), []string{relay.CodeBusy}},
		"SETUP is not answered":       {step(t, base.Setup, nil), []string{relay.CodeTimeout}},
		"PLAY is refused":             {step(t, base.Play, &base.Response{StatusCode: base.StatusNotEnoughBandwidth}), []string{relay.CodeBusy}},
		"PLAY is not answered":        {step(t, base.Play, nil), []string{relay.CodeTimeout, "camera.stalled"}},
		"PLAY, and nothing comes":     {step(t, "", nil), []string{"camera.stalled"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, still := r.probe(t, dial("rtsp://"+c.host+"/1", true))
			if !slices.Contains(c.codes, p.Code) || still != nil || p.WebRTC.Code != p.Code || p.HLS.Code != p.Code {
				t.Errorf("%+v", p)
			}
			if p.Video != nil && (p.Video.FPS != 0 || p.Video.KeyframeS != nil || p.Video.Kbps != 0) {
				t.Errorf("measured of nothing: %+v", *p.Video)
			}
			if len(p.Others) > 8 || strings.ContainsAny(p.Server+strings.Join(p.Others, ""), "<>\r\n\x1b") {
				t.Errorf("server %q, besides %q", p.Server, p.Others)
			}
		})
	}
}

// manyAtOnce holds that people who look at one camera together take its session one after another.
func manyAtOnce(t *testing.T, r *rig) {
	cam := rtsptest.Start(t, plain, func(o *rtsptest.Options) { o.MaxSessions = 1 })
	var looking sync.WaitGroup
	for range 2 {
		looking.Go(func() {
			p, _ := r.probe(t, dial(cam.URL(), false))
			// Whoever comes late may not have had the time.
			if p.Code != "" && p.Code != relay.CodeTimeout || p.Code == "" && (p.Video == nil || p.Video.Width != 320) {
				t.Errorf("%+v", p)
			}
		})
	}
	looking.Wait()
}

// named holds what may be shown of a camera's name for itself.
func named(t *testing.T, r *rig) {
	host := answering(t, func(*base.Request) *base.Response {
		server := "<b>\x1b[31m\"Кам\"era" + strings.Repeat("x", 400)
		return &base.Response{StatusCode: base.StatusNotFound, Header: base.Header{"Server": base.HeaderValue{server}}}
	})
	p, _ := r.probe(t, camera.Trial{Address: dial("rtsp://"+host+"/1", false).Address})
	if p.Code != relay.CodeNoStream || p.Params["status"] != "404" || !strings.Contains(p.Server, "era") || len(p.Server) > 100 || strings.ContainsAny(p.Server, "<>\x1b\"") {
		t.Errorf("%+v", p)
	}
}
