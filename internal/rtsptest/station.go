package rtsptest

import (
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/pion/rtp"
)

// station is a camera while it is switched on: the RTSP server and its stream. It is gortsplib's handler.
type station struct {
	cam                  *Camera
	server               *gortsplib.Server
	stream               *gortsplib.ServerStream
	video, audio         *description.Media // nil: none
	videoType, audioType uint8
	off                  chan struct{} // closed when it is switched off
	closing              sync.Once
}

// newStation listens at a TCP address and at two free UDP ports of the same host.
func newStation(c *Camera, address string) (*station, error) {
	c.mu.Lock()
	clip := c.timeline.clip
	c.mu.Unlock()
	desc, err := clip.session()
	if err != nil {
		return nil, fmt.Errorf("describe the stream: %w", err)
	}
	s := &station{cam: c, off: make(chan struct{})}
	for _, m := range desc.Medias {
		if m.Type == description.MediaTypeVideo {
			s.video, s.videoType = m, m.Formats[0].PayloadType()
		} else {
			s.audio, s.audioType = m, m.Formats[0].PayloadType()
		}
	}
	if c.mislead != nil {
		c.mislead(desc)
	}

	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("read the address: %w", err)
	}
	pair, err := listenUDPPair(host)
	if err != nil {
		return nil, fmt.Errorf("find two UDP ports: %w", err)
	}
	s.server = &gortsplib.Server{
		Handler:        s,
		RTSPAddress:    address,
		UDPRTPAddress:  pair[0].LocalAddr().String(),
		UDPRTCPAddress: pair[1].LocalAddr().String(),
		IdleTimeout:    c.timeout,
		WriteQueueSize: 1024,
		ListenPacket: func(_, addr string) (net.PacketConn, error) {
			for _, conn := range pair {
				if conn.LocalAddr().String() == addr {
					return conn, nil
				}
			}
			return nil, fmt.Errorf("no UDP port %s", addr)
		},
		Listen: func(network, addr string) (net.Listener, error) {
			l, err := net.Listen(network, addr)
			if err != nil {
				return nil, err
			}
			return &gatedListener{l, c.gate}, nil
		},
	}
	if err := s.server.Start(); err != nil {
		_ = pair[0].Close()
		_ = pair[1].Close()
		return nil, fmt.Errorf("listen at %s: %w", address, err)
	}
	s.stream = &gortsplib.ServerStream{Server: s.server, Desc: desc}
	if err := s.stream.Initialize(); err != nil {
		s.server.Close()
		return nil, fmt.Errorf("make the stream: %w", err)
	}
	return s, nil
}

// listenUDPPair binds an even port and the next one, as RTP and RTCP want them.
func listenUDPPair(host string) ([2]*net.UDPConn, error) {
	var none [2]*net.UDPConn
	ip := net.ParseIP(host)
	var last error
	for range 64 {
		first, err := net.ListenUDP("udp", &net.UDPAddr{IP: ip})
		if err != nil {
			return none, err
		}
		port := first.LocalAddr().(*net.UDPAddr).Port
		second, err := net.ListenUDP("udp", &net.UDPAddr{IP: ip, Port: port ^ 1})
		switch {
		case err != nil:
			last = err
			_ = first.Close()
		case port%2 == 0:
			return [2]*net.UDPConn{first, second}, nil
		default:
			return [2]*net.UDPConn{second, first}, nil
		}
	}
	return none, last
}

func (s *station) address() string { return s.server.NetListener().Addr().String() }

// close ends all connections and waits for the server's goroutines.
func (s *station) close() {
	s.closing.Do(func() {
		close(s.off)
		s.stream.Close()
		s.server.Close()
	})
}

// describe puts a clip's parameter sets into the SDP.
func (s *station) describe(clip *Clip) {
	if s.video == nil {
		return
	}
	switch f := s.video.Formats[0].(type) {
	case *format.H264:
		f.SafeSetParams(clip.sps, clip.pps)
	case *format.H265:
		f.SafeSetParams(clip.vps, clip.sps, clip.pps)
	}
	s.stream.ReloadDesc()
}

// writeVideo hands a packet to all who play, unless the cable is pulled. A reader whose queue is full loses it; a stream
// that was just closed has no readers.
func (s *station) writeVideo(p *rtp.Packet, at time.Time) { s.write(s.video, p, at) }

func (s *station) writeAudio(p *rtp.Packet, at time.Time) { s.write(s.audio, p, at) }

func (s *station) write(m *description.Media, p *rtp.Packet, at time.Time) {
	select {
	case <-s.cam.gate.passage():
		_ = s.stream.WritePacketRTPWithNTP(m, p, at)
	default:
	}
}

// OnConnOpen counts a connection.
func (s *station) OnConnOpen(*gortsplib.ServerHandlerOnConnOpenCtx) {
	s.cam.mu.Lock()
	defer s.cam.mu.Unlock()
	s.cam.stats.ConnectionsEver++
}

// OnRequest takes notes.
func (s *station) OnRequest(_ *gortsplib.ServerConn, req *base.Request) {
	s.cam.mu.Lock()
	defer s.cam.mu.Unlock()
	if agent := req.Header["User-Agent"]; len(agent) == 1 {
		s.cam.stats.LastUserAgent = agent[0]
	}
	switch req.Method {
	case base.Describe:
		s.cam.stats.Describes++
	case base.Options, base.GetParameter:
		if len(req.Header["Session"]) == 1 {
			s.cam.stats.Keepalives++
		}
	}
}

// OnResponse holds an answer back while the camera is slow.
func (s *station) OnResponse(*gortsplib.ServerConn, *base.Response) {
	s.cam.mu.Lock()
	delay := s.cam.faults.slow
	s.cam.mu.Unlock()
	if delay <= 0 {
		return
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.off:
	}
}

// OnDescribe answers with the SDP.
func (s *station) OnDescribe(ctx *gortsplib.ServerHandlerOnDescribeCtx) (*base.Response, *gortsplib.ServerStream, error) {
	if res := s.admit(ctx.Conn, ctx.Request, ctx.Path); res != nil {
		return res, nil, nil
	}
	return &base.Response{StatusCode: base.StatusOK}, s.stream, nil
}

// OnSetup refuses transports and sessions beyond the limit.
func (s *station) OnSetup(ctx *gortsplib.ServerHandlerOnSetupCtx) (*base.Response, *gortsplib.ServerStream, error) {
	if res := s.admit(ctx.Conn, ctx.Request, ctx.Path); res != nil {
		return res, nil, nil
	}
	s.cam.mu.Lock()
	f := s.cam.faults
	_, mine := s.cam.playing[ctx.Session]
	full := f.maxSessions > 0 && !mine && len(s.cam.playing) >= f.maxSessions
	s.cam.mu.Unlock()
	tcp := ctx.Transport.Protocol == gortsplib.ProtocolTCP
	switch {
	case tcp && f.udpOnly || !tcp && f.tcpOnly:
		return &base.Response{StatusCode: base.StatusUnsupportedTransport}, nil, nil
	case full:
		return &base.Response{StatusCode: base.StatusNotEnoughBandwidth}, nil, nil
	}
	return &base.Response{StatusCode: base.StatusOK}, s.stream, nil
}

// OnPlay counts a session; two that were set up at once are parted here.
func (s *station) OnPlay(ctx *gortsplib.ServerHandlerOnPlayCtx) (*base.Response, error) {
	if res := s.admit(ctx.Conn, ctx.Request, ctx.Path); res != nil {
		return res, nil
	}
	transport := "udp"
	if t := ctx.Session.Transport(); t != nil && t.Protocol == gortsplib.ProtocolTCP {
		transport = "tcp"
	}
	c := s.cam
	c.mu.Lock()
	if _, again := c.playing[ctx.Session]; !again {
		if c.faults.maxSessions > 0 && len(c.playing) >= c.faults.maxSessions {
			c.mu.Unlock()
			return &base.Response{StatusCode: base.StatusNotEnoughBandwidth}, nil
		}
		c.stats.SessionsEver++
		c.playing[ctx.Session] = struct{}{}
		c.sessionsChanged()
	}
	c.stats.LastTransport = transport
	c.mu.Unlock()
	c.nudge()
	return &base.Response{StatusCode: base.StatusOK}, nil
}

// OnPause stops a session's packets; it no longer plays.
func (s *station) OnPause(ctx *gortsplib.ServerHandlerOnPauseCtx) (*base.Response, error) {
	s.leave(ctx.Session)
	return &base.Response{StatusCode: base.StatusOK}, nil
}

// OnGetParameter answers the usual keepalive.
func (s *station) OnGetParameter(*gortsplib.ServerHandlerOnGetParameterCtx) (*base.Response, error) {
	return &base.Response{StatusCode: base.StatusOK}, nil
}

// OnSessionClose uncounts a session, however it ended.
func (s *station) OnSessionClose(ctx *gortsplib.ServerHandlerOnSessionCloseCtx) { s.leave(ctx.Session) }

func (s *station) leave(session *gortsplib.ServerSession) {
	c := s.cam
	c.mu.Lock()
	if _, ok := c.playing[session]; ok {
		delete(c.playing, session)
		c.sessionsChanged()
	}
	c.mu.Unlock()
	c.nudge()
}

// sessionsChanged wakes those who wait for a number of sessions. The caller holds the lock.
func (c *Camera) sessionsChanged() {
	close(c.changed)
	c.changed = make(chan struct{})
}
