package relay

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/bluenviron/gortsplib/v5/pkg/liberrors"
	"github.com/pion/rtp"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
)

// dialTimeout bounds the TCP (and TLS) handshake with a camera, name resolution included.
const dialTimeout = 3 * time.Second

// rtspSource pulls from cameras by RTSP.
type rtspSource struct {
	now func() time.Time
}

func newRTSP(now func() time.Time) *rtspSource { return &rtspSource{now: now} }

// Pull implements Source. With TransportAuto TCP comes first (no loss, no extra ports, no wait for a first packet), UDP when the
// camera refuses TCP; what worked last comes first the next time.
func (s *rtspSource) Pull(ctx context.Context, target camera.Target, hint Hint, in Intake) error {
	return s.pullWhat(ctx, target, hint, choose, &answers{}, in)
}

// picker takes of a description what is to be pulled.
type picker func(*description.Session) (choice, error)

// pullWhat is Pull of what pick takes; said hears the camera's answers.
func (s *rtspSource) pullWhat(ctx context.Context, target camera.Target, hint Hint, pick picker, said *answers, in Intake) error {
	u, err := base.ParseURL(target.Address)
	if err != nil || u.Host == "" {
		return refused(CodeNotRTSP)
	}
	if target.Username != "" || target.Password.Set() {
		u.User = url.UserPassword(target.Username, target.Password.Reveal())
	}
	first, second := camera.TransportTCP, camera.TransportUDP
	switch {
	case target.Transport == camera.TransportTCP:
		second = ""
	case target.Transport == camera.TransportUDP:
		first, second = camera.TransportUDP, ""
	case hint.Transport == camera.TransportUDP:
		first, second = second, first
	}
	err = s.pull(ctx, u, first, pick, said, in)
	if second != "" && isTransportRefusal(err) && ctx.Err() == nil {
		err = s.pull(ctx, u, second, pick, said, in)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var r *Refusal
	if errors.As(err, &r) {
		return r
	}
	return refusalOf(err)
}

// isTransportRefusal tells that the other transport may work (RFC 2326, 11.3.11, and what cameras do instead).
func isTransportRefusal(err error) bool {
	var (
		status liberrors.ErrClientBadStatusCode
		tcp    liberrors.ErrClientServerRequestedTCP
		udp    liberrors.ErrClientServerRequestedUDP
		mode   liberrors.ErrClientH264PacketizationMode0
		ports  liberrors.ErrClientServerPortsNotProvided
		ids    liberrors.ErrClientTransportHeaderNoInterleavedIDs
	)
	return errors.As(err, &status) && status.Code == base.StatusUnsupportedTransport ||
		errors.As(err, &tcp) || errors.As(err, &udp) || errors.As(err, &mode) || errors.As(err, &ports) || errors.As(err, &ids)
}

// pull runs one session over one transport.
func (s *rtspSource) pull(ctx context.Context, u *base.URL, transport camera.Transport, pick picker, said *answers, in Intake) error {
	c := s.client(u, transport, said)
	if err := c.Start(); err != nil {
		return err
	}
	closed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		c.Close()
		close(closed)
	})
	defer func() {
		c.Close()
		if !stop() {
			<-closed
		}
	}()

	desc, _, err := c.Describe(u)
	if err != nil {
		return err
	}
	chosen, err := pick(desc)
	if err != nil {
		return err
	}
	if _, err := c.Setup(desc.BaseURL, chosen.video, 0, 0); err != nil {
		return err
	}
	if chosen.audio != nil {
		if _, err := c.Setup(desc.BaseURL, chosen.audio, 0, 0); err != nil {
			var status liberrors.ErrClientBadStatusCode
			if !errors.As(err, &status) {
				return err
			}
			chosen.audio, chosen.sound = nil, nil // pictures without sound are better than neither
		}
	}
	c.OnPacketRTP(chosen.video, chosen.picture, func(p *rtp.Packet) { in.RTP(Video, p, s.now()) })
	if chosen.audio != nil {
		c.OnPacketRTP(chosen.audio, chosen.sound, func(p *rtp.Packet) { in.RTP(Audio, p, s.now()) })
	}
	offer := chosen.offer(transport)
	offer.Device = said.device(desc, chosen)
	in.Describe(offer)
	if _, err := c.Play(nil); err != nil {
		return err
	}
	return c.Wait()
}

func (s *rtspSource) client(u *base.URL, transport camera.Transport, said *answers) *gortsplib.Client {
	protocol := gortsplib.ProtocolTCP
	if transport == camera.TransportUDP {
		protocol = gortsplib.ProtocolUDP
	}
	dialer := &net.Dialer{Timeout: dialTimeout}
	moves := 0
	return &gortsplib.Client{
		Scheme:   u.Scheme,
		Host:     u.Host,
		Protocol: &protocol,
		// The supervisor knows the stream's pace and is more patient or less; this is the last resort.
		ReadTimeout:  time.Minute,
		WriteTimeout: 5 * time.Second,
		UserAgent:    "rtsp-viewer",
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return &sniffer{Conn: hasten(conn)}, nil
		},
		DialTLSContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			ctx, cancel := context.WithTimeout(ctx, dialTimeout)
			defer cancel()
			// Cameras have certificates of their own making, which nobody can check; TLS still keeps listeners out.
			d := tls.Dialer{NetDialer: dialer, Config: &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10}}
			conn, err := d.DialContext(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return &sniffer{Conn: conn}, nil
		},
		OnResponse: func(res *base.Response) {
			said.hear(res)
			mendSDP(res)
			if redirects(res) {
				moves++
				keepHome(res, u, moves)
			}
		},
		// The client's own defaults print to the process's log, addresses included.
		OnTransportSwitch: func(error) {},
		OnPacketsLost:     func(uint64) {},
		OnDecodeError:     func(error) {},
	}
}

// mendSDP takes media ids out of a description that gives them to some media only, which the client refuses altogether.
func mendSDP(res *base.Response) {
	if !bytes.Contains(res.Body, []byte("\na=mid:")) || !bytes.Contains(res.Body, []byte("\nm=")) {
		return
	}
	if bytes.Count(res.Body, []byte("\nm=")) == bytes.Count(res.Body, []byte("\na=mid:")) {
		return
	}
	var kept [][]byte
	for line := range bytes.SplitAfterSeq(res.Body, []byte("\n")) {
		if !bytes.HasPrefix(line, []byte("a=mid:")) && !bytes.HasPrefix(line, []byte("a=group:")) {
			kept = append(kept, line)
		}
	}
	res.Body = bytes.Join(kept, nil)
}

func redirects(res *base.Response) bool {
	return res.StatusCode >= base.StatusMovedPermanently && res.StatusCode <= base.StatusUseProxy
}

// maxMoves is how many redirections one dialling follows. The client has no bound of its own.
const maxMoves = 4

// keepHome hides from the client where it would not come to a description, and a redirection to another host, since it would take the
// password there.
func keepHome(res *base.Response, u *base.URL, moves int) {
	for _, to := range res.Header["Location"] {
		if target, err := base.ParseURL(to); err != nil || moves > maxMoves || u.User != nil && target.Hostname() != u.Hostname() {
			delete(res.Header, "Location")
			return
		}
	}
}

// choice is what we take of a description: one kind of pictures, one of sound.
type choice struct {
	video, audio   *description.Media
	picture, sound format.Format
}

func choose(desc *description.Session) (choice, error) {
	var c choice
	other := ""
	for _, m := range desc.Medias {
		if m.IsBackChannel {
			continue
		}
		switch m.Type {
		case description.MediaTypeVideo:
			for _, f := range m.Formats {
				if _, ok := f.(*format.H264); ok && c.video == nil {
					c.video, c.picture = m, f
				} else if other == "" {
					other = encodingName(f)
				}
			}
		case description.MediaTypeAudio:
			for _, f := range m.Formats {
				// The first, unless a later one needs no transcoding.
				if c.audio == nil || !codecOf(c.sound).WebRTC() && codecOf(f).WebRTC() {
					c.audio, c.sound = m, f
				}
			}
		}
	}
	if c.video != nil {
		return c, nil
	}
	r := &Refusal{Status: Unsupported, Code: CodeNoVideo}
	if c.sound != nil {
		r.Media.Audio = codecOf(c.sound)
	}
	if other != "" {
		r.Code, r.Params = CodeCodec, map[string]string{"codec": other}
		r.Media.Video = Codec{Name: other, ClockRate: 90000}
	}
	return c, r
}

func (c choice) offer(transport camera.Transport) Offer {
	o := Offer{Video: Codec{Name: encodingName(c.picture), ClockRate: c.picture.ClockRate()}, Transport: transport}
	if h, ok := c.picture.(*format.H264); ok {
		o.SPS, o.PPS = h.SafeParams()
	}
	if c.sound != nil {
		o.Audio, o.AudioFormat = codecOf(c.sound), c.sound
	}
	return o
}

// encodingName gives a format's name as in an SDP's rtpmap.
func encodingName(f format.Format) string {
	name, _, _ := strings.Cut(f.RTPMap(), "/")
	if name == "" {
		name = f.Codec()
	}
	// It is the camera's text, and goes to people and into logs.
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-+._ /", c) {
			return c
		}
		return -1
	}, name[:min(len(name), 32)])
}

func codecOf(f format.Format) Codec {
	if f == nil {
		return Codec{}
	}
	c := Codec{Name: encodingName(f), ClockRate: f.ClockRate(), Channels: 1}
	if strings.EqualFold(c.Name, "MPEG4-GENERIC") {
		c.Name = "MPEG4-GENERIC" // as RFC 3640 registers it; the RTSP client writes it small
	}
	switch f := f.(type) {
	case *format.G711:
		c.Channels = f.ChannelCount
	case *format.Opus:
		c.Channels = f.ChannelCount
	default:
		if parts := strings.Split(f.RTPMap(), "/"); len(parts) == 3 {
			if n, err := strconv.Atoi(parts[2]); err == nil {
				c.Channels = n
			}
		}
	}
	return c
}
