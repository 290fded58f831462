package relay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"syscall"
	"testing"

	"github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/liberrors"
)

func TestErrorsOfTheClientHaveTheirCodes(t *testing.T) {
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	status := func(n base.StatusCode) error { return liberrors.ErrClientBadStatusCode{Code: n, Message: "canary"} }
	for _, c := range []struct {
		err    error
		status Status
		code   string
	}{
		{dial(os.ErrDeadlineExceeded), Connecting, CodeTimeout},
		{dial(context.DeadlineExceeded), Connecting, CodeTimeout},
		{dial(os.NewSyscallError("connect", syscall.ETIMEDOUT)), Connecting, CodeTimeout},
		{dial(os.NewSyscallError("connect", syscall.ECONNREFUSED)), Connecting, CodeUnreachable},
		{dial(os.NewSyscallError("connect", syscall.EHOSTUNREACH)), Connecting, CodeUnreachable},
		{dial(&net.DNSError{Name: "canary", IsNotFound: true}), Connecting, CodeUnknownHost},
		{dial(&net.DNSError{Name: "canary", IsTimeout: true}), Connecting, CodeUnknownHost},
		{status(401), Refused, CodeCredentials}, {status(403), Refused, CodeCredentials}, {status(404), Refused, CodeNoStream},
		{status(400), Refused, CodeNoStream}, {status(453), Refused, CodeBusy}, {status(503), Refused, CodeBusy}, {status(500), Refused, CodeBusy},
		{status(454), Connecting, CodeLost},
		{liberrors.ErrClientRequestTimedOut{}, Connecting, CodeTimeout},
		{liberrors.ErrClientSDPInvalid{Err: errors.New("canary")}, Refused, CodeNotRTSP},
		{fmt.Errorf("read: %w", errNotRTSP), Refused, CodeNotRTSP},
		{io.EOF, Connecting, CodeLost}, {errors.New("canary"), Connecting, CodeLost},
	} {
		if r := refusalOf(c.err); r.Status != c.status || r.Code != c.code {
			t.Errorf("%v: %s %s, want %s %s", c.err, r.Status, r.Code, c.status, c.code)
		}
	}
}

func TestAPasswordIsNotTakenToAnotherHost(t *testing.T) {
	from := &base.URL{Scheme: "rtsp", Host: "10.0.0.1:554", User: url.UserPassword("u", "canary")}
	for to, kept := range map[string]bool{"rtsp://10.0.0.1:8554/x": true, "rtsp://10.0.0.2/x": false, "::": false} {
		res := &base.Response{StatusCode: base.StatusFound, Header: base.Header{"Location": base.HeaderValue{to}}}
		keepHome(res, from, 1)
		if _, ok := res.Header["Location"]; ok != kept {
			t.Errorf("%s: followed %v, want %v", to, ok, kept)
		}
	}
}

func TestDescriptionsWithSomeMediaIDsAreMended(t *testing.T) {
	body := "v=0\r\na=group:BUNDLE 1\r\nm=video 0 RTP/AVP 96\r\na=mid:1\r\na=rtpmap:96 H264/90000\r\nm=audio 0 RTP/AVP 0\r\n"
	res := &base.Response{Body: []byte(body)}
	mendSDP(res)
	if want := "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\nm=audio 0 RTP/AVP 0\r\n"; string(res.Body) != want {
		t.Errorf("%q", res.Body)
	}
	whole := body + "a=mid:2\r\n"
	res = &base.Response{Body: []byte(whole)}
	if mendSDP(res); string(res.Body) != whole {
		t.Error("a whole description was changed")
	}
}
