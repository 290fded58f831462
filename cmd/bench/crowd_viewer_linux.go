//go:build amd64 || arm64

package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/google/uuid"
	"github.com/pion/dtls/v3"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
	"github.com/pion/transport/v4/packetio"

	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
	"github.com/rtsp-viewer/rtsp-viewer/signaling"
)

// How often a viewer of the crowd speaks, as libwebrtc does.
const (
	crowdReport  = time.Second             // receiver reports
	crowdConsent = 2500 * time.Millisecond // ICE checks of a pair that works
	crowdKnock   = 50 * time.Millisecond   // ICE checks before that, and DTLS's first patience
)

// crowdViewer is one viewer. What the loop and whoever opens it both touch is guarded by the crowd's lock.
type crowdViewer struct {
	crowd      *crowd
	fd         int
	local      netip.AddrPort
	ufrag, pwd string
	tie        uint64
	ssrc       uint32 // of its reports
	handshake  *packetio.Buffer
	page       *page
	view       string
	answered   chan string   // the answer's SDP, by the WebSocket
	up         chan struct{} // closed with the first answered check
	playing    chan struct{} // closed when a live picture was there

	bare        bool
	remote      crowdAnswered
	transaction []byte
	connected   bool // a check was answered
	secure      *dtls.Conn
	in, out     *srtp.Context
	early       []crowdEarly
	frames      reel
	lost        losses
	stamped     uint32 // RTP time of the last frame whose stamp was found
	hasStamp    bool
	source      uint32 // SSRC
	highest     int64
	last        uint64 // frame
	since       int64  // of the last whole picture
	asked       int64  // for a keyframe, last
	reported    time.Time
	checked     time.Time
	sender      uint32 // middle of the last sender report's time
	heard       int64  // when it came
	got         int    // pictures since the mark
	gone        bool
	err         error
	o           opening
	clicked     int64
	first, live bool
}

// crowdEarly is a packet that came before the keys.
type crowdEarly struct {
	b  []byte
	at int64
}

func newCrowdViewer(c *crowd, fd int, at netip.AddrPort) *crowdViewer {
	var n [12]byte
	_, _ = rand.Read(n[:])
	return &crowdViewer{crowd: c, fd: fd, local: at, ufrag: rand.Text()[:8], pwd: rand.Text(), tie: binary.BigEndian.Uint64(n[:]),
		ssrc: binary.BigEndian.Uint32(n[8:]), handshake: packetio.NewBuffer(), answered: make(chan string, 1),
		up: make(chan struct{}), playing: make(chan struct{}), view: uuid.NewString(), reported: time.Now()}
}

// open makes the viewer watch, and tells what it was like once it is live.
func (v *crowdViewer) open(ctx context.Context, j crowdJoin) opening {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	v.crowd.mu.Lock()
	v.clicked = time.Now().UnixNano()
	v.crowd.mu.Unlock()
	err := v.connect(ctx, j)
	if err == nil {
		select {
		case <-v.playing:
		case <-ctx.Done():
			err = fmt.Errorf("not live after %v", patience)
		}
	}
	v.crowd.mu.Lock()
	defer v.crowd.mu.Unlock()
	if err = errors.Join(err, v.err); err != nil {
		v.o.Fault = err.Error()
		v.live = true // nobody waits for it any more
	}
	return v.o
}

func (v *crowdViewer) connect(ctx context.Context, j crowdJoin) error {
	ask := v.askWHEP
	if j.URL == "" {
		ask = v.askPage
	}
	sdp, err := ask(ctx, j, crowdOffer(v.crowd.fingerprint, v.ufrag, v.pwd, v.local))
	if err != nil {
		return err
	}
	remote, err := readCrowdAnswer(sdp, v.local.Addr())
	if err != nil {
		return err
	}
	v.crowd.mu.Lock()
	v.remote = remote
	v.crowd.mu.Unlock()
	if err := v.knock(ctx); err != nil {
		return err
	}
	options := []dtls.Option{
		dtls.WithCertificates(v.crowd.certificate), dtls.WithInsecureSkipVerify(true), dtls.WithFlightInterval(crowdKnock),
		dtls.WithExtendedMasterSecret(dtls.RequireExtendedMasterSecret), dtls.WithSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM),
	}
	way := crowdWay{v}
	if remote.active {
		all := []dtls.ServerOption{dtls.WithClientAuth(dtls.RequireAnyClientCert), dtls.WithInsecureSkipVerifyHello(true)}
		for _, o := range options {
			all = append(all, o)
		}
		v.secure, err = dtls.ServerWithOptions(way, net.UDPAddrFromAddrPort(remote.at), all...)
	} else {
		var all []dtls.ClientOption
		for _, o := range options {
			all = append(all, o)
		}
		v.secure, err = dtls.ClientWithOptions(way, net.UDPAddrFromAddrPort(remote.at), all...)
	}
	if err == nil {
		err = v.secure.HandshakeContext(ctx)
	}
	if err != nil {
		return fmt.Errorf("DTLS: %w", err)
	}
	state, _ := v.secure.ConnectionState()
	material, err := state.ExportKeyingMaterial("EXTRACTOR-dtls_srtp", nil, 2*(16+12))
	if err != nil {
		return fmt.Errorf("take DTLS's keys: %w", err)
	}
	client := append(append([]byte(nil), material[:16]...), material[32:44]...)
	server := append(append([]byte(nil), material[16:32]...), material[44:56]...)
	if remote.active {
		err = v.key(client, server)
	} else {
		err = v.key(server, client)
	}
	if err == nil {
		go v.listen()
	}
	return err
}

// listen waits until the other side hangs up.
func (v *crowdViewer) listen() {
	buf := make([]byte, 2048)
	for {
		if _, err := v.secure.Read(buf); err != nil {
			v.crowd.mu.Lock()
			v.gone = true
			v.crowd.mu.Unlock()
			return
		}
	}
}

// key sets the SRTP keys (16 bytes and 12 of salt each) of both directions and takes what came before them. Without a way out the viewer
// is bare: it never reports.
func (v *crowdViewer) key(in, out []byte) error {
	const profile = srtp.ProtectionProfileAeadAes128Gcm
	from, err := srtp.CreateContext(in[:16], in[16:], profile, srtp.SRTPNoReplayProtection(), srtp.SRTCPNoReplayProtection())
	if err != nil {
		return err
	}
	var to *srtp.Context
	if out != nil {
		if to, err = srtp.CreateContext(out[:16], out[16:], profile); err != nil {
			return err
		}
	}
	v.crowd.mu.Lock()
	defer v.crowd.mu.Unlock()
	v.in, v.out, v.bare = from, to, out == nil
	v.o.Connect = time.Duration(time.Now().UnixNano() - v.clicked)
	for _, e := range v.early {
		v.media(e.b, e.at)
	}
	v.early = nil
	return nil
}

// joining tells whether somebody waits for the viewer to be live. The caller holds the lock, as for all below.
func (v *crowdViewer) joining() bool { return !v.live && !v.bare }

// askWHEP gets an answer by HTTP.
func (v *crowdViewer) askWHEP(ctx context.Context, j crowdJoin, offer string) (string, error) {
	return postOffer(ctx, v.crowd.client, j, offer)
}

// askPage gets an answer by the WebSocket.
func (v *crowdViewer) askPage(ctx context.Context, j crowdJoin, offer string) (string, error) {
	p, err := v.crowd.pageOf(ctx, j.Page, j.Token)
	if err != nil {
		return "", err
	}
	p.add(v.view, v)
	v.page = p
	if err := p.send(signaling.ClientMessage{
		Type: "watch", View: v.view, Camera: j.Camera, Admit: "evict_oldest", Label: "bench", Offer: offer,
	}); err != nil {
		return "", fmt.Errorf("send watch: %w", err)
	}
	select {
	case sdp := <-v.answered:
		return sdp, nil
	case <-ctx.Done():
		return "", errors.New("no answer came")
	}
}

func (v *crowdViewer) answer(sdp string) {
	select {
	case v.answered <- sdp:
	default:
	}
}

func (v *crowdViewer) fail(err error) {
	v.crowd.mu.Lock()
	defer v.crowd.mu.Unlock()
	if v.err == nil {
		v.err, v.gone = err, true
	}
}

// knock checks the pair until it answers.
func (v *crowdViewer) knock(ctx context.Context) error {
	again := time.NewTicker(crowdKnock)
	defer again.Stop()
	for {
		v.crowd.mu.Lock()
		v.check(time.Now())
		v.crowd.mu.Unlock()
		select {
		case <-v.up:
			return nil
		case <-again.C:
		case <-ctx.Done():
			return errors.New("ICE: no check was answered")
		}
	}
}

// hangUp ends the connection and waits until that is said.
func (v *crowdViewer) hangUp() {
	if v.page != nil {
		_ = v.page.send(signaling.ClientMessage{Type: "close", View: v.view})
	}
	if v.secure != nil {
		_ = v.secure.Close()
	}
	_ = v.handshake.Close()
}

// check sends an ICE check.
func (v *crowdViewer) check(now time.Time) {
	v.checked = now
	v.transaction = []byte(rand.Text()[:12])
	crowdSend(v.fd, iceCheck(v.transaction, v.remote.ufrag+":"+v.ufrag, v.remote.pwd, v.tie), v.remote.at)
}

// take takes a datagram.
func (v *crowdViewer) take(b []byte, at int64, from [4]byte, port uint16) {
	switch {
	case len(b) == 0:
	case b[0] < 4:
		switch stunKind(b) {
		case stunRequest:
			crowdSend(v.fd, iceReply(b, from, port, v.pwd), netip.AddrPortFrom(netip.AddrFrom4(from), port))
		case stunSuccess:
			if !v.connected && bytes.Equal(stunTransaction(b), v.transaction) {
				v.connected = true
				close(v.up)
			}
		}
	case b[0] >= 20 && b[0] < 64:
		_, _ = v.handshake.Write(b) // full: DTLS sends again
	case b[0] < 128 || b[0] > 191 || len(b) < 12:
	case v.in == nil:
		if len(v.early) < 256 {
			v.early = append(v.early, crowdEarly{bytes.Clone(b), at})
		}
	default:
		v.media(b, at)
	}
}

// media takes an SRTP or SRTCP packet.
func (v *crowdViewer) media(b []byte, at int64) {
	if kind := b[1] & 0x7f; kind >= 64 && kind < 96 {
		if plain, err := v.in.DecryptRTCP(nil, b, nil); err == nil && len(plain) >= 28 && plain[1] == 200 {
			v.sender, v.heard = binary.BigEndian.Uint32(plain[10:]), at
		}
		return
	} else if kind < crowdVideo || kind > crowdVideo+2 {
		return
	}
	w := &v.crowd.window
	w.packets++
	w.bytes += len(b)
	if v.since == 0 {
		v.since = at
	}
	v.source = binary.BigEndian.Uint32(b[8:])
	m := note{n: v.frames.unwrap(binary.BigEndian.Uint16(b[2:])), stamp: binary.BigEndian.Uint32(b[4:]), marker: b[1]&0x80 != 0}
	if !v.hasStamp || m.stamp != v.stamped {
		v.look(&m, b)
	}
	v.highest = max(v.highest, m.n)
	v.lost.arrived(m.n)
	v.frames.push(m, func(counter uint64, sent int64) { v.show(counter, sent, at) })
	v.lost.forget(v.frames.next)
}

// look deciphers a packet to find its frame's stamp.
func (v *crowdViewer) look(m *note, b []byte) {
	var scratch [2048]byte
	plain, err := v.in.DecryptRTP(scratch[:0], b, nil)
	if err != nil {
		return
	}
	var p rtp.Packet
	if p.Unmarshal(plain) != nil || len(p.Payload) == 0 {
		return
	}
	units(p.Payload, func(unit []byte) {
		m.key = m.key || unit[0]&0x1f == 7
		if counter, sent, ok := rtsptest.ParseSEI(unit); ok {
			m.counter, m.sent = counter, sent.UnixNano()
			v.stamped, v.hasStamp = m.stamp, true
		}
	})
}

// show counts a whole picture.
func (v *crowdViewer) show(counter uint64, sent, at int64) {
	v.since = at
	if counter == 0 {
		return
	}
	age := time.Duration(at - sent)
	if !v.first {
		v.first = true
		v.o.First = time.Duration(at - v.clicked)
	} else if counter > v.last+1 {
		v.o.Missing += int(counter - v.last - 1)
		v.crowd.window.lost += int(counter - v.last - 1)
	}
	v.last = counter
	v.got++
	v.crowd.window.ages = append(v.crowd.window.ages, age)
	if !v.live && age < livelyAge {
		v.live = true
		v.o.Live = time.Duration(at - v.clicked)
		close(v.playing)
	}
}

// tick sends what is due.
func (v *crowdViewer) tick(now time.Time) {
	if v.out == nil || v.gone {
		return
	}
	if now.Sub(v.checked) > crowdConsent {
		v.check(now)
	}
	if !v.frames.seen {
		return
	}
	var all []rtcp.Packet
	if now.Sub(v.reported) > crowdReport {
		v.reported = now
		r := rtcp.ReceptionReport{SSRC: v.source, LastSequenceNumber: uint32(v.highest), LastSenderReport: v.sender}
		if v.sender != 0 {
			r.Delay = uint32((now.UnixNano() - v.heard) * 65536 / int64(time.Second))
		}
		all = append(all, &rtcp.ReceiverReport{SSRC: v.ssrc, Reports: []rtcp.ReceptionReport{r}})
	}
	missing, mendable := v.lost.due(now)
	if len(missing) > 0 {
		v.o.Resends += len(missing)
		v.crowd.window.resends += len(missing)
		all = append(all, &rtcp.TransportLayerNack{SenderSSRC: v.ssrc, MediaSSRC: v.source, Nacks: rtcp.NackPairsFromSequenceNumbers(missing)})
	}
	patience := patienceThen
	if !v.first {
		patience = patienceFirst
	}
	stuck := v.frames.waiting() && now.UnixNano()-v.since > int64(patience)
	if (stuck || !mendable) && now.UnixNano()-v.asked > int64(askEvery) {
		v.asked = now.UnixNano()
		v.o.Asked++
		all = append(all, &rtcp.PictureLossIndication{SenderSSRC: v.ssrc, MediaSSRC: v.source})
	}
	for _, p := range all {
		plain, err := p.Marshal()
		if err != nil {
			continue
		}
		if sealed, err := v.out.EncryptRTCP(nil, plain, nil); err == nil {
			crowdSend(v.fd, sealed, v.remote.at)
		}
	}
}

// crowdWay is a viewer's socket as DTLS has it.
type crowdWay struct{ v *crowdViewer }

// ReadFrom reads what the loop took for DTLS.
func (w crowdWay) ReadFrom(b []byte) (int, net.Addr, error) {
	n, err := w.v.handshake.Read(b)
	return n, net.UDPAddrFromAddrPort(w.v.remote.at), err
}

// WriteTo sends.
func (w crowdWay) WriteTo(b []byte, _ net.Addr) (int, error) {
	crowdSend(w.v.fd, b, w.v.remote.at)
	return len(b), nil
}

// Close ends reading; the socket is the crowd's.
func (w crowdWay) Close() error { return w.v.handshake.Close() }

// LocalAddr is the socket's.
func (w crowdWay) LocalAddr() net.Addr { return net.UDPAddrFromAddrPort(w.v.local) }

// SetDeadline acts on reading alone.
func (w crowdWay) SetDeadline(t time.Time) error { return w.v.handshake.SetReadDeadline(t) }

// SetReadDeadline acts on reading.
func (w crowdWay) SetReadDeadline(t time.Time) error { return w.v.handshake.SetReadDeadline(t) }

// SetWriteDeadline does nothing: writes never wait.
func (w crowdWay) SetWriteDeadline(time.Time) error { return nil }
