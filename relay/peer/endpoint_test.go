package peer

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/webrtc/v4"

	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

func TestRefusesWhatIsMissing(t *testing.T) {
	if _, err := New(Options{Logger: quiet(t)}); err == nil {
		t.Error("no relay, and no error")
	}
	if _, err := newEndpoint(Options{}, scripts{}); err == nil {
		t.Error("no logger, and no error")
	}
	if _, err := newEndpoint(Options{Logger: quiet(t), Port: 70000}, scripts{}); err == nil {
		t.Error("port 70000, and no error")
	}
}

func TestATakenPortIsAnErrorThatNamesIt(t *testing.T) {
	o := Options{Logger: quiet(t), Scope: Loopback}
	first, err := newEndpoint(o, scripts{})
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	o.Port = first.Port()
	if e, err := newEndpoint(o, scripts{}); err == nil {
		e.Close()
		t.Fatal("two endpoints on one port")
	} else if !strings.Contains(err.Error(), fmt.Sprint(o.Port)) {
		t.Errorf("the error does not name port %d: %v", o.Port, err)
	}
	// TCP alone taken is an error as well: viewers behind firewalls would find somebody else there.
	first.Close()
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", o.Port))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if e, err := newEndpoint(o, scripts{}); err == nil {
		e.Close()
		t.Error("the TCP port is somebody else's, and no error")
	}
}

// TestStartsWhileAnAddressIsNotReady: a machine that starts has IPv6 addresses that can't be bound yet.
func TestStartsWhileAnAddressIsNotReady(t *testing.T) {
	here, notYet := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("192.0.2.77")
	list, port, err := bindAll([]netip.Addr{notYet, here}, 0, new(batches), new(counters))
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 || list[0].ip != here || port == 0 {
		t.Errorf("bound %v, port %d", list, port)
	}
	for _, b := range list {
		b.close()
	}
	if _, _, err := bindAll([]netip.Addr{notYet}, 0, new(batches), new(counters)); err == nil {
		t.Error("no address at all, and no error")
	}
}

func TestListensOnEachAddressAndNeverOnTheUnspecified(t *testing.T) {
	e, err := newEndpoint(Options{Logger: quiet(t)}, scripts{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for _, b := range e.ports.bound {
		if b.udp.local.IP.IsUnspecified() || b.udp.local.Port != e.Port() {
			t.Errorf("a socket on %v", b.udp.local)
		}
	}
}

func TestRefusesOffers(t *testing.T) {
	c := newScript("offers")
	e := start(t, scripts{c.key: c})
	good := newViewer(t).offer(nil)
	vp8 := newViewerOf(t, webrtc.MimeTypeVP8).offer(nil)
	for name, test := range map[string]struct {
		offer string
		want  error
	}{
		"empty":      {"", ErrOffer},
		"nonsense":   {"hello", ErrOffer},
		"no video":   {strings.Replace(good, "m=video 9", "m=video 0", 1), ErrOffer},
		"sends only": {strings.ReplaceAll(good, "a=recvonly", "a=sendonly"), ErrOffer},
		"no H.264":   {vp8, ErrCodecs},
		"mode 0":     {strings.ReplaceAll(good, "packetization-mode=1", "packetization-mode=0"), ErrCodecs},
	} {
		p, err := e.Open(context.Background(), Request{Key: c.key, Offer: test.offer})
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
		if p != nil {
			t.Errorf("%s: a peer", name)
		}
	}
	if _, err := e.Open(context.Background(), Request{Key: relay.Key{Camera: "none"}, Offer: good}); err == nil {
		t.Error("opened a stream that does not exist")
	}
	if n := c.open(); n != 0 {
		t.Errorf("%d readers after refusals", n)
	}
}

// newViewerOf is a viewer that knows one video codec and no other.
func newViewerOf(t *testing.T, mime string) *viewer {
	v := newViewer(t)
	for _, tr := range v.pc.GetTransceivers() {
		if tr.Kind() == webrtc.RTPCodecTypeVideo {
			err := tr.SetCodecPreferences([]webrtc.RTPCodecParameters{{
				RTPCodecCapability: webrtc.RTPCodecCapability{MimeType: mime, ClockRate: 90000}, PayloadType: 96,
			}})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	return v
}

func TestAnswersWithOneLineForEachOffered(t *testing.T) {
	c := newScript("lines")
	e := start(t, scripts{c.key: c})
	open := func(v *viewer, r Request) string {
		t.Helper()
		r.Key, r.Offer = c.key, v.offer(nil)
		p, err := e.Open(context.Background(), r)
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		v.accept(p.Answer())
		return p.Answer()
	}
	both := newViewer(t)
	answer := open(both, Request{})
	if strings.Count(answer, "m=") != 2 || strings.Count(answer, "a=sendonly") != 2 || !strings.Contains(answer, "a=setup:passive") {
		t.Errorf("answer to video and audio:\n%s", answer)
	}
	if !strings.Contains(answer, "profile-level-id=42e01f") || !strings.Contains(answer, "nack pli") {
		t.Errorf("codecs:\n%s", answer)
	}
	if streams := msids(answer); len(streams) != 2 {
		t.Errorf("streams of picture and sound: %v", streams)
	}
	if streams := msids(open(newViewer(t), Request{Grouping: Together})); len(streams) != 1 {
		t.Errorf("streams when together: %v", streams)
	}
	if answer := open(newViewer(t, silent), Request{}); strings.Count(answer, "m=") != 1 {
		t.Errorf("answer to video alone:\n%s", answer)
	}
	more := newViewer(t)
	if _, err := more.pc.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo,
		webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
		t.Fatal(err)
	}
	if _, err := more.pc.CreateDataChannel("x", nil); err != nil {
		t.Fatal(err)
	}
	if answer := open(more, Request{}); strings.Count(answer, "m=") != 4 {
		t.Errorf("answer to more:\n%s", answer)
	}
	// What a browser's addTransceiver gives by default: it would also send. We take nothing.
	sends := newViewer(t)
	offer := strings.ReplaceAll(sends.offer(nil), "a=recvonly", "a=sendrecv")
	p, err := e.Open(context.Background(), Request{Key: c.key, Offer: offer})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if strings.Contains(p.Answer(), "a=sendrecv") {
		t.Errorf("the answer would take what the browser sends:\n%s", p.Answer())
	}
}

func msids(answer string) map[string]bool {
	found := map[string]bool{}
	for line := range strings.Lines(answer) {
		if rest, ok := strings.CutPrefix(line, "a=msid:"); ok {
			found[strings.Fields(rest)[0]] = true
		}
	}
	return found
}

func candidates(answer string) (list []string) {
	for line := range strings.Lines(answer) {
		if rest, ok := strings.CutPrefix(line, "a=candidate:"); ok {
			f := strings.Fields(rest)
			list = append(list, f[2]+" "+f[4]+" "+f[5])
		}
	}
	return list
}

func TestAdvertisesConfiguredHostsAlone(t *testing.T) {
	c := newScript("hosts")
	e := start(t, scripts{c.key: c}, func(o *Options) { o.Hosts = []string{"203.0.113.9", "2001:db8::9"} })
	p, err := e.Open(context.Background(), Request{Key: c.key, Offer: newViewer(t).offer(nil), PageHost: "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	want := []string{}
	for _, network := range []string{"udp", "tcp"} {
		for _, host := range []string{"203.0.113.9", "2001:db8::9"} {
			want = append(want, fmt.Sprint(network, " ", host, " ", e.Port()))
		}
	}
	if got := candidates(p.Answer()); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("candidates %v, want %v", got, want)
	}
}

func TestAdvertisesTheAddressOfThePage(t *testing.T) {
	c := newScript("page")
	e := start(t, scripts{c.key: c})
	p, err := e.Open(context.Background(), Request{Key: c.key, Offer: newViewer(t).offer(nil), PageHost: "203.0.113.9"})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if got := candidates(p.Answer()); got[0] != fmt.Sprint("udp 203.0.113.9 ", e.Port()) || !strings.Contains(fmt.Sprint(got), "127.0.0.1") {
		t.Errorf("candidates %v", got)
	}
}

// TestChoosesTheCheapCipher reads the cipher off the wire: AES-GCM makes each packet 16 bytes longer, AES-CM with SHA-1 10.
func TestChoosesTheCheapCipher(t *testing.T) {
	c := newScript("cipher")
	c.past(3, 1, 1000)
	e := start(t, scripts{c.key: c})
	sizes := &sizes{all: map[int]int{}}
	v := newViewer(t, func(s *webrtc.SettingEngine, _ *viewerKind) {
		s.SetICEUDPMux(webrtc.NewICEUDPMux(s.LoggerFactory.NewLogger("sizes"), sizes.listen(t)))
	})
	v.watch(e, c.key)
	v.reaches(2)
	if n := sizes.count(12 + 1000 + 16); n < 3 {
		t.Errorf("%d packets of AES-GCM's size; %v", n, sizes.all)
	}
	old := newViewer(t, func(s *webrtc.SettingEngine, _ *viewerKind) {
		s.SetSRTPProtectionProfiles(dtls.SRTP_AES128_CM_HMAC_SHA1_80)
	})
	old.watch(e, c.key)
	old.reaches(2)
}

// sizes is a viewer's socket that counts datagrams by size.
type sizes struct {
	net.PacketConn
	mu  sync.Mutex
	all map[int]int
}

func (s *sizes) listen(t *testing.T) net.PacketConn {
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.PacketConn = conn
	t.Cleanup(func() { _ = conn.Close() })
	return s
}

func (s *sizes) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := s.PacketConn.ReadFrom(b)
	s.mu.Lock()
	s.all[n]++
	s.mu.Unlock()
	return n, from, err
}

func (s *sizes) count(n int) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all[n]
}

func TestEndsWithItsContext(t *testing.T) {
	c := newScript("end")
	c.past(3, 1, 100)
	e, err := newEndpoint(Options{Logger: quiet(t), Scope: Loopback}, scripts{c.key: c})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	v := newViewer(t)
	p := v.watch(e, c.key)
	v.reaches(2)
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.Done():
	default:
		t.Error("a peer outlives Run")
	}
	if _, err := e.Open(context.Background(), Request{Key: c.key, Offer: newViewer(t).offer(nil)}); !errors.Is(err, ErrClosed) {
		t.Errorf("Open after the end: %v", err)
	}
	if err := e.Run(context.Background()); err == nil {
		t.Error("runs twice")
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0 // no such thing here
	}
	return len(list)
}

// TestLeavesNothingBehind opens and closes viewers in every way, and looks for what stays.
func TestLeavesNothingBehind(t *testing.T) {
	c := newScript("leak")
	c.past(5, 2, 500)
	e := start(t, scripts{c.key: c})
	offer := newViewer(t).offer(nil)
	ask := func() { // a browser that asks and never comes
		p, err := e.Open(context.Background(), Request{Key: c.key, Offer: offer})
		if err != nil {
			t.Fatal(err)
		}
		_ = p.Close()
	}
	round := func(n int) {
		for i := range n {
			if i%10 != 0 {
				ask()
				continue
			}
			v := newViewer(t)
			p := v.watch(e, c.key)
			v.reaches(9)
			v.close()
			_ = p.Close()
		}
	}
	round(20)
	goroutines, files := runtime.NumGoroutine(), descriptors(t)
	round(200)
	eventually(t, fmt.Sprintf("%d goroutines and %d descriptors", goroutines, files), func() bool {
		return runtime.NumGoroutine() <= goroutines && descriptors(t) <= files
	})
	if n := c.open(); n != 0 || e.Stats().Peers != 0 {
		t.Errorf("%d readers, %d peers", n, e.Stats().Peers)
	}
	// The script keeps its readers, a few hundred bytes each; a peer left behind would be a hundred kilobytes. (The test's own viewers
	// are kept until its end, so they are left out.)
	memory := heap()
	for range 200 {
		ask()
	}
	eventually(t, "the memory", func() bool { return heap() < memory+2<<20 })
}

// heap is what is reachable now, in bytes.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestTakesTrickledCandidates(t *testing.T) {
	c := newScript("trickle")
	c.past(3, 1, 100)
	e := start(t, scripts{c.key: c})
	v := newViewer(t)
	offer := v.offer(nil)
	var bare, trickled []string
	for line := range strings.Lines(offer) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "a=candidate:"); ok {
			trickled = append(trickled, "candidate:"+rest)
		} else if !strings.HasPrefix(line, "a=end-of-candidates") {
			bare = append(bare, line)
		}
	}
	p, err := e.Open(context.Background(), Request{Key: c.key, Offer: strings.Join(bare, "")})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	mid := "0"
	for _, text := range append(trickled, "candidate:9 1 udp 1 4d3b0a2c-0000-4000-8000-1234567890ab.local 5000 typ host", "") {
		if err := p.AddCandidate(Candidate{Candidate: text, SDPMid: &mid}); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	if err := p.AddCandidate(Candidate{Candidate: "candidate:nonsense", SDPMid: &mid}); !errors.Is(err, ErrCandidate) {
		t.Errorf("nonsense: %v", err)
	}
	v.accept(p.Answer())
	v.reaches(2)
	for range maxCandidates {
		err = p.AddCandidate(Candidate{Candidate: trickled[0], SDPMid: &mid})
	}
	if !errors.Is(err, ErrCandidate) {
		t.Errorf("candidates without end: %v", err)
	}
}

func TestFollowsTheAddressesOfTheMachine(t *testing.T) {
	c := newScript("follow")
	c.past(3, 1, 100)
	e := start(t, scripts{c.key: c})
	there := newViewer(t)
	peer := there.watch(e, c.key)
	there.reaches(2)
	p := e.ports
	old := netip.MustParseAddr("127.0.0.9") // can be bound, and is no interface's
	b, err := bindOne(old, e.Port(), p.all, p.counts)
	if err != nil {
		t.Skipf("this system binds no loopback address but its own: %v", err)
	}
	p.open(&b)
	p.mu.Lock()
	first := p.bound[0]
	p.bound = append(p.bound[1:], b)
	p.mu.Unlock()
	p.tcp.remove(first.ip)
	first.close()
	// A viewer that restarts ICE is told the addresses of now.
	answer, err := peer.Restart(there.offer(&webrtc.OfferOptions{ICERestart: true}))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(candidates(answer)); !strings.Contains(got, old.String()) || strings.Contains(got, first.ip.String()+" ") {
		t.Errorf("a restart advertises %v; %v has come and %v is gone", got, old, first.ip)
	}

	p.follow()
	if got := p.local(); slices.Contains(got, old) || !slices.Contains(got, first.ip) {
		t.Fatalf("after the change: %v", got)
	}
	for _, options := range [][]viewerOption{nil, {overTCP}} {
		v := newViewer(t, options...)
		v.watch(e, c.key)
		v.reaches(2)
	}
}

func TestOpenGivesUpWithItsContext(t *testing.T) {
	e, err := newEndpoint(Options{Logger: quiet(t), Scope: Loopback}, scripts{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if _, err := e.Open(ctx, Request{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Open of an endpoint that does not run: %v", err)
	}
	e.Close()
	if _, err := e.Open(context.Background(), Request{}); !errors.Is(err, ErrClosed) {
		t.Errorf("Open of a closed endpoint: %v", err)
	}
}
