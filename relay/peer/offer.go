package peer

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/pion/sdp/v3"
)

// offered is what matters of a browser's offer.
type offered struct {
	audio bool // a line for sound that may receive, in a codec that we could send
}

// readOffer refuses what can't be answered with a picture.
func readOffer(text string) (offered, error) {
	var o offered
	var d sdp.SessionDescription
	if err := d.UnmarshalString(text); err != nil {
		return o, ErrOffer.Because(err)
	}
	video, codec := false, false
	for _, m := range d.MediaDescriptions {
		if m.MediaName.Port.Value == 0 || !mayReceive(m) {
			continue
		}
		switch m.MediaName.Media {
		case "video":
			if !video {
				video, codec = true, offersH264(m)
			}
		case "audio":
			o.audio = o.audio || offersSound(m)
		}
	}
	switch {
	case !video:
		return o, ErrOffer
	case !codec:
		return o, ErrCodecs
	}
	return o, nil
}

func mayReceive(m *sdp.MediaDescription) bool {
	for _, a := range m.Attributes {
		if a.Key == "sendonly" || a.Key == "inactive" {
			return false
		}
	}
	return true
}

// offersH264 looks for packetization mode 1; the default mode 0 can't carry a picture larger than a packet.
func offersH264(m *sdp.MediaDescription) bool {
	for _, a := range m.Attributes {
		if a.Key != "rtpmap" {
			continue
		}
		pt, name, _ := strings.Cut(a.Value, " ")
		if !strings.EqualFold(strings.TrimSpace(name), "H264/90000") {
			continue
		}
		for _, f := range m.Attributes {
			if number, line, ok := strings.Cut(f.Value, " "); f.Key == "fmtp" && ok && number == pt &&
				strings.Contains(strings.ReplaceAll(line, " ", ""), "packetization-mode=1") {
				return true
			}
		}
	}
	return false
}

func offersSound(m *sdp.MediaDescription) bool {
	for _, a := range m.Attributes {
		if a.Key != "rtpmap" {
			continue
		}
		_, codec, _ := strings.Cut(a.Value, " ")
		switch name, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(codec)), "/"); name {
		case "opus", "pcmu", "pcma":
			return true
		}
	}
	return false
}

// receiveOnly makes an offer to receive of one that would also send (the default of addTransceiver): we take nothing, and say so by
// answering that we only send.
func receiveOnly(offer string) string {
	return strings.ReplaceAll(offer, "a=sendrecv\r\n", "a=recvonly\r\n")
}

// Priorities of host candidates (RFC 8445, 5.1.2.1; RFC 6544, 4.2): UDP before TCP, and in the order of the list.
const (
	udpPriority = 126<<24 | 0xffff<<8 | 255
	tcpPriority = 90<<24 | 0xbfff<<8 | 255
)

// withCandidates puts the advertised addresses into an answer in place of those that pion gathered, and ends them: nothing is
// trickled later. They stand in the first line that is not refused; all others are bundled with it (RFC 8843).
func withCandidates(answer string, port int, addresses []netip.Addr) string {
	var candidates strings.Builder
	for i, ip := range addresses {
		fmt.Fprintf(&candidates, "a=candidate:%d 1 udp %d %s %d typ host\r\n", i+1, udpPriority-i<<8, ip, port)
	}
	for i, ip := range addresses {
		fmt.Fprintf(&candidates, "a=candidate:%d 1 tcp %d %s %d typ host tcptype passive\r\n", len(addresses)+i+1, tcpPriority-i<<8, ip, port)
	}
	candidates.WriteString("a=end-of-candidates\r\n")

	var out strings.Builder
	placed, open := false, false
	place := func() {
		if open && !placed {
			out.WriteString(candidates.String())
			placed = true
		}
	}
	for line := range strings.Lines(answer) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case line == "", strings.HasPrefix(line, "a=candidate:"), line == "a=end-of-candidates":
			continue
		case strings.HasPrefix(line, "m="):
			place()
			fields := strings.Fields(line)
			open = len(fields) > 1 && fields[1] != "0"
		}
		out.WriteString(line + "\r\n")
	}
	place()
	return out.String()
}
