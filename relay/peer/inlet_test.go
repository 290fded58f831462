package peer

import (
	"bytes"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/srtp/v3"
	"github.com/pion/stun/v4"
	"github.com/pion/webrtc/v4"

	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// talker is the far end of a viewer without pion: a socket, and the keys of its reports.
type talker struct {
	t    *testing.T
	sock *socket
	conn *net.UDPConn
	keys *srtp.Context
	pion chan []byte // what the inlet left to pion
}

// speaking makes a sender whose viewer speaks by its inlet, at a clock of the test's own.
func speaking(t *testing.T) (*sender, *steady, *talker, *atomic.Int64) {
	t.Helper()
	s, r, sock := live(t, 700)
	var passed atomic.Int64
	began := time.Now()
	s.now = func() time.Time { return began.Add(time.Duration(passed.Load())) }

	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	key, salt := make([]byte, 16), make([]byte, 12)
	key[3] = 9
	keys := func() *srtp.Context {
		c, err := srtp.CreateContext(key, salt, srtp.ProtectionProfileAeadAes128Gcm, srtp.SRTCPReplayProtection(replayWindow))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	s.peer.feedback = make(chan feedback, 4)
	s.inlet = &inlet{now: s.now, say: s.peer.feedback, opener: keys(), left: s.now()}
	s.inlet.ssrc[relay.Video] = s.lanes[relay.Video].to.ssrc
	to := conn.LocalAddr().(*net.UDPAddr).AddrPort()
	s.batch = sock.all.join(to, s.inlet)
	s.outlet.follow(s.batch)
	s.path = path{local: sock.local.AddrPort().Addr(), remote: to}
	s.peer.endpoint = &Endpoint{ports: &ports{bound: []bound{{ip: s.path.local, udp: sock}}}}
	s.peer.moved = make(chan struct{}, 1)
	s.checkAt = s.now().Add(time.Hour)

	far := &talker{t: t, sock: sock, conn: conn, keys: keys(), pion: make(chan []byte, 16)}
	go func() {
		buf := make([]byte, maxRTCP)
		for {
			n, _, err := sock.ReadFromAddrPort(buf)
			if err != nil {
				return
			}
			far.pion <- append([]byte(nil), buf[:n]...)
		}
	}()
	return s, r, far, &passed
}

func (f *talker) write(b []byte) {
	f.t.Helper()
	if _, err := f.conn.WriteToUDPAddrPort(b, f.sock.local.AddrPort()); err != nil {
		f.t.Fatal(err)
	}
}

func (f *talker) say(packets ...rtcp.Packet) []byte {
	f.t.Helper()
	plain, err := rtcp.Marshal(packets)
	if err != nil {
		f.t.Fatal(err)
	}
	b, err := f.keys.EncryptRTCP(nil, plain, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	f.write(b)
	return b
}

// leaves waits until pion has got a datagram, and nothing before it.
func (f *talker) leaves(what string, want []byte) {
	f.t.Helper()
	select {
	case b := <-f.pion:
		if !bytes.Equal(b, want) {
			f.t.Fatalf("%s: pion got %x, not %x", what, b, want)
		}
	case <-time.After(patience):
		f.t.Fatalf("%s: pion did not get it", what)
	}
}

// heard waits for what wakes the viewer's goroutine.
func (f *talker) heard(from *sender) feedback {
	f.t.Helper()
	select {
	case heard := <-from.peer.feedback:
		return heard
	case <-time.After(patience):
		f.t.Fatal("the viewer's goroutine was not woken")
		return feedback{}
	}
}

func (f *talker) keeps(what string) {
	f.t.Helper()
	select {
	case b := <-f.pion:
		f.t.Errorf("%s: pion got %x", what, b)
	default:
	}
}

// TestAReportThatCanWaitWakesNobody: the next frame takes it along. What can't wait is heard at once, and neither costs pion anything.
func TestAReportThatCanWaitWakesNobody(t *testing.T) {
	s, stream, far, passed := speaking(t)
	sent := s.now()
	report := func(lost uint8) *rtcp.ReceiverReport {
		return &rtcp.ReceiverReport{SSRC: 1, Reports: []rtcp.ReceptionReport{{
			SSRC: 7, FractionLost: lost, TotalLost: uint32(lost), LastSenderReport: uint32(ntp(sent) >> 16),
		}}}
	}
	passed.Store(int64(80 * time.Millisecond))
	far.say(report(0))
	eventually(t, "the report at the socket", s.inlet.news.Load)
	if len(s.peer.feedback) != 0 || s.peer.tally.rtt.Load() != 0 {
		t.Error("the viewer's goroutine was woken for a report without a loss")
	}
	stream.turn()
	s.serve(s.src.round)
	if rtt := time.Duration(s.peer.tally.rtt.Load()).Round(10 * time.Millisecond); rtt != 80*time.Millisecond {
		t.Errorf("the frame took a report of a round trip of %v along", rtt)
	}

	far.say(&rtcp.ReceiverReport{SSRC: 1}, &rtcp.TransportLayerNack{MediaSSRC: 7, Nacks: rtcp.NackPairsFromSequenceNumbers([]uint16{3, 4})})
	if f := far.heard(s); len(f.missing) != 2 || !f.video {
		t.Errorf("of a NACK for two packets %+v was heard", f)
	}
	far.say(report(20))
	if f := far.heard(s); f.report == nil || f.report.FractionLost != 20 {
		t.Errorf("of a report of losses %+v was heard", f)
	}
	far.say(&rtcp.ReceiverReport{SSRC: 1}, &rtcp.PictureLossIndication{MediaSSRC: 7})
	if f := far.heard(s); !f.keyframe {
		t.Errorf("of a request for a keyframe %+v was heard", f)
	}
	far.keeps("reports")
}

// TestPionHearsOfAViewerNowAndThen, or its ICE would take the viewer for gone; and whatever an inlet does not know for sure.
func TestPionHearsOfAViewerNowAndThen(t *testing.T) {
	s, _, far, passed := speaking(t)
	now := time.Duration(0)
	for range 3 {
		now += leaveEvery
		passed.Store(int64(now))
		far.leaves("a report after a while", far.say(&rtcp.ReceiverReport{SSRC: 1, Reports: []rtcp.ReceptionReport{{SSRC: 7}}}))
		b := far.say(&rtcp.ReceiverReport{SSRC: 1, Reports: []rtcp.ReceptionReport{{SSRC: 7}}})
		eventually(t, "the report right after it", s.inlet.news.Load)
		s.inlet.collect()
		forged := bytes.Clone(b)
		forged[9] ^= 1
		far.write(b) // as a network may that has two ways
		far.write(forged)
		end := []byte{0} // behind them
		far.write(end)
		far.leaves("none of a report soon after another, one that was there before, and a forged one, but what followed", end)
		if s.inlet.news.Load() {
			t.Error("a report was heard twice")
		}
	}
	for _, b := range [][]byte{{0}, {22, 254, 253}, {0x80, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}, {0x80, 200}} {
		far.write(b)
		far.leaves("something else", b)
	}
	m, err := stun.Build(stun.BindingRequest, stun.TransactionID, stun.Fingerprint)
	if err != nil {
		t.Fatal(err)
	}
	far.write(m.Raw)
	far.leaves("a check of the viewer's", m.Raw)
	m, err = stun.Build(stun.BindingSuccess, stun.TransactionID, stun.Fingerprint)
	if err != nil {
		t.Fatal(err)
	}
	far.write(m.Raw)
	far.leaves("an answer to a check of pion's", m.Raw)
	if s.inlet.news.Load() {
		t.Error("something of it was taken")
	}
}

// asked reads until a check comes, and gives it.
func (f *talker) asked() *stun.Message {
	f.t.Helper()
	buf := make([]byte, 2048)
	for {
		_ = f.conn.SetReadDeadline(time.Now().Add(patience))
		n, err := f.conn.Read(buf)
		if err != nil {
			f.t.Fatal(err)
		}
		m := &stun.Message{Raw: append([]byte(nil), buf[:n]...)}
		if stun.IsMessage(m.Raw) && m.Decode() == nil {
			return m
		}
	}
}

// TestAViewerIsAskedForItsConsent along with frames, every five seconds, and is sent nothing more when it has given none for half a minute.
func TestAViewerIsAskedForItsConsent(t *testing.T) {
	s, stream, far, passed := speaking(t)
	ours, theirs := webrtc.ICEParameters{UsernameFragment: "us", Password: "our password"}, webrtc.ICEParameters{UsernameFragment: "them", Password: "their password"}
	renew := func() {
		if s.inlet.consent.renew(grantor{s.path.remote, ours, theirs}, webrtc.ICERoleControlled, 1234, s.now()) {
			s.checkAt = s.inlet.consent.next(s.now())
		}
	}
	renew()
	key := stun.NewShortTermIntegrity(theirs.Password)
	answer := func(m *stun.Message, key stun.MessageIntegrity) []byte {
		t.Helper()
		reply, err := stun.Build(stun.NewTransactionIDSetter(m.TransactionID), stun.BindingSuccess, key, stun.Fingerprint)
		if err != nil {
			t.Fatal(err)
		}
		far.write(reply.Raw)
		return reply.Raw
	}
	frame := func(at time.Duration) {
		passed.Store(int64(at))
		stream.turn()
		s.serve(s.src.round)
	}
	now := time.Duration(0)
	for i := range 12 {
		before := now
		for calls := s.checkAt; s.checkAt.Equal(calls); {
			now += 40 * time.Millisecond
			frame(now)
		}
		if gap := now - before; gap < consentEvery*4/5 || gap > consentEvery*6/5+40*time.Millisecond {
			t.Fatalf("asked after %v", gap)
		}
		m := far.asked()
		var user stun.Username
		if err := user.GetFrom(m); err != nil || user.String() != "them:us" || key.Check(m) != nil || stun.Fingerprint.Check(m) != nil {
			t.Fatalf("a viewer would not answer %v: %q, %v", m, user, err)
		}
		far.leaves("a forged answer", answer(m, stun.NewShortTermIntegrity("a guess")))
		passed.Add(int64(30 * time.Millisecond))
		if i%2 == 0 { // somebody who reports: pion needs no other sign of life
			s.inlet.mu.Lock()
			s.inlet.left = s.now()
			s.inlet.mu.Unlock()
		}
		reply := answer(m, key)
		eventually(t, "the answer", s.inlet.news.Load)
		if i%2 != 0 {
			far.leaves("an answer of somebody who says nothing else", reply)
		}
		far.leaves("an answer that was given before", answer(m, key))
		now += 40 * time.Millisecond
		frame(now)
		if rtt := time.Duration(s.peer.tally.rtt.Load()); rtt != 30*time.Millisecond {
			t.Fatalf("a round trip of %v", rtt)
		}
	}
	if c := s.peer.connection(); c == Failed {
		t.Fatal("a viewer who consents was given up")
	}
	given := s.inlet.consent.given
	if renew(); !s.inlet.consent.given.Equal(given) {
		t.Error("that a path was lost and came back was taken for consent")
	}
	granted := now
	sent := far.sock.counts.sent.Load()
	for s.peer.connection() != Failed {
		now += 40 * time.Millisecond
		sent = far.sock.counts.sent.Load()
		frame(now)
		if now > granted+time.Minute {
			t.Fatal("a viewer who no longer consents is sent more")
		}
	}
	if after := now - granted; after < consentLasts-time.Second || after > consentLasts+time.Second {
		t.Errorf("given up after %v", after)
	}
	frame(now + 40*time.Millisecond)
	if n := far.sock.counts.sent.Load() - sent; n != 0 {
		t.Errorf("%d packets were sent without consent", n)
	}
}

// TestARealViewerConsents: over minutes, by the endpoint's clock, pion answers what we ask, and is sent pictures on; no longer than it does.
func TestARealViewerConsents(t *testing.T) {
	c := newScript("consent")
	c.past(1, 2, 200)
	c.play(t, 25, 2, 200)
	var ahead atomic.Int64
	e := start(t, scripts{c.key: c}, func(o *Options) {
		o.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	})
	var mute atomic.Bool
	v := newViewer(t, muted(&mute))
	p := v.watch(e, c.key)
	waitFor(t, p, "connected", func(s Snapshot) bool { return s.Connection == Connected })
	v.videoPackets(20)
	var in *inlet // of the only viewer
	e.batches.mu.RLock()
	for _, b := range e.batches.by {
		in = b.inlet
	}
	e.batches.mu.RUnlock()
	given := func() time.Time {
		in.mu.Lock()
		defer in.mu.Unlock()
		return in.consent.given
	}
	for range 8 {
		before := given()
		ahead.Add(int64(consentEvery * 6 / 5))
		eventually(t, "the viewer's answer", func() bool { return given().After(before) })
	}
	if p.Snapshot().Connection != Connected {
		t.Errorf("a viewer who answers is %v", p.Snapshot().Connection)
	}
	v.videoPackets(len(v.video()) + 20)

	// Over an ICE restart, after which it answers to another password.
	answer, err := p.Restart(v.offer(&webrtc.OfferOptions{ICERestart: true}))
	if err != nil {
		t.Fatal(err)
	}
	before := given()
	v.accept(answer)
	eventually(t, "the path after the restart", func() bool { return given().After(before) })
	for range 8 {
		before := given()
		ahead.Add(int64(consentEvery * 6 / 5))
		eventually(t, "the viewer's answer after the restart", func() bool { return given().After(before) })
	}
	v.videoPackets(len(v.video()) + 20)

	// Until it answers no more, though it reports on.
	mute.Store(true)
	asked := func() time.Time {
		in.mu.Lock()
		defer in.mu.Unlock()
		return in.consent.asked
	}
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for ended := false; !ended; {
		before := asked()
		ahead.Add(int64(consentEvery * 6 / 5))
		eventually(t, "a question, or the end", func() bool {
			select {
			case <-p.Done():
				ended = true
			default:
			}
			return ended || asked().After(before)
		})
		select {
		case <-deadline.C:
			t.Fatal("it is sent pictures without its consent")
		default:
		}
	}
	if c := p.Snapshot().Connection; c != Failed {
		t.Errorf("it ended as %v", c)
	}
}

// muteConn gives no answers to checks while it is told so.
type muteConn struct {
	net.PacketConn
	mute *atomic.Bool
}

func (c muteConn) WriteTo(b []byte, to net.Addr) (int, error) {
	if c.mute.Load() && isBindingSuccess(b) {
		return len(b), nil
	}
	return c.PacketConn.WriteTo(b, to)
}

func muted(mute *atomic.Bool) viewerOption {
	return func(s *webrtc.SettingEngine, k *viewerKind) {
		conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
		if err != nil {
			panic(err)
		}
		s.SetICEUDPMux(webrtc.NewICEUDPMux(s.LoggerFactory.NewLogger("mute"), muteConn{conn, mute}))
		k.closes = append(k.closes, conn.Close)
	}
}
