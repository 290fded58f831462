package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// crowdOffer is an offer to receive, as short as browsers' offers may be: H.264 and sound, bundled, with one candidate.
func crowdOffer(fingerprint, ufrag, pwd string, at netip.AddrPort) string {
	const video, audio = "96 97 98", "111 0 8"
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\r\n", args...) }
	line("v=0")
	line("o=- 4611731400430051336 2 IN IP4 127.0.0.1")
	line("s=-")
	line("t=0 0")
	line("a=group:BUNDLE 0 1")
	line("a=msid-semantic: WMS")
	media := func(kind, formats, mid string) {
		line("m=%s 9 UDP/TLS/RTP/SAVPF %s", kind, formats)
		line("c=IN IP4 0.0.0.0")
		line("a=rtcp:9 IN IP4 0.0.0.0")
		line("a=candidate:1 1 udp 2130706431 %s %d typ host", at.Addr(), at.Port())
		line("a=ice-ufrag:%s", ufrag)
		line("a=ice-pwd:%s", pwd)
		line("a=ice-options:trickle")
		line("a=fingerprint:sha-256 %s", fingerprint)
		line("a=setup:actpass")
		line("a=mid:%s", mid)
		line("a=recvonly")
		line("a=rtcp-mux")
		line("a=rtcp-rsize")
	}
	media("video", video, "0")
	for i, profile := range []string{"42e01f", "42001f", "640c1f"} {
		line("a=rtpmap:%d H264/90000", crowdVideo+i)
		line("a=rtcp-fb:%d nack", crowdVideo+i)
		line("a=rtcp-fb:%d nack pli", crowdVideo+i)
		line("a=rtcp-fb:%d ccm fir", crowdVideo+i)
		line("a=fmtp:%d level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=%s", crowdVideo+i, profile)
	}
	media("audio", audio, "1")
	line("a=rtpmap:111 opus/48000/2")
	line("a=fmtp:111 minptime=10;useinbandfec=1")
	line("a=rtpmap:0 PCMU/8000")
	line("a=rtpmap:8 PCMA/8000")
	return b.String()
}

// crowdVideo is the first payload type of video in crowdOffer.
const crowdVideo = 96

// crowdAnswered is what matters of an answer.
type crowdAnswered struct {
	ufrag, pwd string
	at         netip.AddrPort
	active     bool // the other side is the client of DTLS
}

// readCrowdAnswer finds the other side of a connection. Of its UDP candidates it takes one at an address of the wanted family and
// network: loopback if we are there.
func readCrowdAnswer(sdp string, local netip.Addr) (a crowdAnswered, err error) {
	for line := range strings.Lines(sdp) {
		line = strings.TrimSpace(line)
		switch name, value, _ := strings.Cut(line, ":"); name {
		case "a=ice-ufrag":
			a.ufrag = value
		case "a=ice-pwd":
			a.pwd = value
		case "a=setup":
			a.active = value == "active"
		case "a=candidate":
			f := strings.Fields(value)
			if len(f) < 8 || f[1] != "1" || !strings.EqualFold(f[2], "udp") || a.at.IsValid() {
				continue
			}
			ip, err := netip.ParseAddr(f[4])
			port, err2 := strconv.ParseUint(f[5], 10, 16)
			if err == nil && err2 == nil && ip.Is4() == local.Is4() && ip.IsLoopback() == local.IsLoopback() {
				a.at = netip.AddrPortFrom(ip, uint16(port))
			}
		}
	}
	switch {
	case a.ufrag == "" || a.pwd == "":
		return a, errors.New("the answer has no ICE credentials")
	case !a.at.IsValid():
		return a, fmt.Errorf("the answer has no UDP candidate that %s can reach", local)
	}
	return a, nil
}

// hostPort is an address for a URL.
func hostPort(host string, port int) string { return net.JoinHostPort(host, strconv.Itoa(port)) }
