package relay

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"time"

	"github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/conn"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
)

// answerTimeout bounds the wait for an answer to OPTIONS. Cameras with slow processors take a second and more.
const answerTimeout = 5 * time.Second

// maxReach bounds a whole Reach: resolving and connecting, TLS, the answer.
const maxReach = dialTimeout + answerTimeout

// Reach asks a camera whether it is there: one TCP connection, for rtsps TLS, one OPTIONS without credentials, and it hangs up. No session
// begins and no media comes, so a camera that takes one viewer only has a place for them all the while. Any answer by RTSP will do,
// a 401 too. It gives nil, ctx's error, or a *Refusal with one of CodeTimeout, CodeUnreachable, CodeUnknownHost, CodeNotRTSP, CodeLost,
// CodeNoSuch and CodeRecords. It takes at most 8 s, and may be called whether the relay runs or not.
func (r *Relay) Reach(ctx context.Context, key Key) error {
	target, err := r.opt.Addresses.Dial(ctx, key.Camera, key.Kind)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil && isGone(err), err == nil && target.Address == "":
		return refused(CodeNoSuch)
	case err != nil:
		return failed(CodeRecords)
	}
	bounded, cancel := context.WithTimeout(ctx, maxReach)
	defer cancel()
	err = reach(bounded, target)
	var why *Refusal
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &why):
		return why
	}
	return refusalOf(err)
}

func reach(ctx context.Context, target camera.Target) error {
	u, err := base.ParseURL(target.Address)
	if err != nil || u.Host == "" {
		return refused(CodeNotRTSP)
	}
	raw, err := dial(ctx, u)
	if err != nil {
		return err
	}
	defer raw.Close()
	// Closing is what ends a read when ctx does.
	defer context.AfterFunc(ctx, func() { raw.Close() })()
	if err := raw.SetDeadline(time.Now().Add(answerTimeout)); err != nil {
		return err
	}
	// Not the stream's own address: its path or query may hold a password, and any answer will do.
	asked := &base.URL{Scheme: u.Scheme, Host: u.Host, Path: "/"}
	c := conn.NewConn(bufio.NewReader(raw), raw)
	err = c.WriteRequest(&base.Request{
		Method: base.Options, URL: asked,
		Header: base.Header{"CSeq": base.HeaderValue{"1"}, "User-Agent": base.HeaderValue{"rtsp-viewer"}},
	})
	if err != nil {
		return err
	}
	if _, err := c.ReadResponse(); err != nil {
		return answerRefusal(ctx, err)
	}
	return nil
}

// answerRefusal tells a connection that broke from an answer that is none.
func answerRefusal(ctx context.Context, err error) error {
	r := refusalOf(err)
	var network net.Error
	switch {
	case ctx.Err() != nil:
		return failed(CodeTimeout)
	case r.Code != CodeLost, errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &network):
		return r
	}
	return refused(CodeNotRTSP)
}

// dial connects to a camera, by TLS for rtsps, and watches that what answers is RTSP.
func dial(ctx context.Context, u *base.URL) (net.Conn, error) {
	host := u.Host
	if u.Port() == "" {
		host = net.JoinHostPort(u.Hostname(), defaultPort(u.Scheme))
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	dialer := &net.Dialer{}
	var raw net.Conn
	var err error
	if u.Scheme == "rtsps" {
		// As for pulling: nobody can check a camera's certificate.
		d := tls.Dialer{NetDialer: dialer, Config: &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10}}
		raw, err = d.DialContext(ctx, "tcp", host)
	} else {
		raw, err = dialer.DialContext(ctx, "tcp", host)
	}
	if err != nil {
		return nil, err
	}
	return &sniffer{Conn: raw}, nil
}

func defaultPort(scheme string) string {
	if scheme == "rtsps" {
		return "322"
	}
	return "554"
}
