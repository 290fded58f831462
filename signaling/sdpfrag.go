package signaling

import (
	"errors"
	"strconv"
	"strings"
)

// fragment is an SDP fragment (RFC 8840, 9) as WHEP clients PATCH it: candidates, or the credentials of an ICE restart with candidates.
type fragment struct {
	ufrag, pwd string
	candidates []Candidate
	ended      bool // a=end-of-candidates was in it
}

const maxFragmentCandidates = 64

var errFragment = errors.New("not an SDP fragment with ICE credentials")

// parseFragment reads a fragment. Credentials may stand at session level or in the first media section.
func parseFragment(body string) (fragment, error) {
	var f fragment
	var mid string
	section := -1
	for _, line := range sdpLines(body) {
		name, value, _ := strings.Cut(line, ":")
		switch {
		case strings.HasPrefix(line, "m="):
			section++
			mid = ""
		case name == "a=mid":
			mid = value
		case name == "a=ice-ufrag" && f.ufrag == "":
			f.ufrag = value
		case name == "a=ice-pwd" && f.pwd == "":
			f.pwd = value
		case line == "a=end-of-candidates":
			f.ended = true
		case name == "a=candidate":
			if len(f.candidates) == maxFragmentCandidates {
				return fragment{}, errFragment
			}
			c := Candidate{Candidate: strings.TrimPrefix(line, "a=")}
			if mid != "" {
				c.SDPMid = &mid
			} else {
				index := uint16(max(section, 0)) //nolint:gosec // sections are fewer than lines of 64 KiB
				c.SDPMLineIndex = &index
			}
			f.candidates = append(f.candidates, c)
		}
	}
	if f.ufrag == "" || f.pwd == "" {
		return fragment{}, errFragment
	}
	for i := range f.candidates {
		f.candidates[i].UsernameFragment = &f.ufrag
	}
	return f, nil
}

// sdpCredentials gives the first ICE credentials in an SDP.
func sdpCredentials(sdp string) (ufrag, pwd string) {
	for _, line := range sdpLines(sdp) {
		if v, ok := strings.CutPrefix(line, "a=ice-ufrag:"); ok && ufrag == "" {
			ufrag = v
		}
		if v, ok := strings.CutPrefix(line, "a=ice-pwd:"); ok && pwd == "" {
			pwd = v
		}
	}
	return ufrag, pwd
}

// restartOffer gives the offer that a player would have made for an ICE restart: the former one with new credentials, the session's
// version raised (RFC 8829, 5.2.2), and no candidates.
func restartOffer(offer string, f fragment) string {
	var b strings.Builder
	for _, line := range sdpLines(offer) {
		switch {
		case strings.HasPrefix(line, "a=ice-ufrag:"):
			line = "a=ice-ufrag:" + f.ufrag
		case strings.HasPrefix(line, "a=ice-pwd:"):
			line = "a=ice-pwd:" + f.pwd
		case strings.HasPrefix(line, "a=candidate:"), line == "a=end-of-candidates":
			continue
		case strings.HasPrefix(line, "o="):
			if fields := strings.Fields(line); len(fields) == 6 {
				if version, err := strconv.ParseUint(fields[2], 10, 63); err == nil {
					fields[2] = strconv.FormatUint(version+1, 10)
					line = strings.Join(fields, " ")
				}
			}
		}
		b.WriteString(line)
		b.WriteString("\r\n")
	}
	return b.String()
}

// answerFragment gives what a WHEP client needs of an answer to its ICE restart: credentials and all candidates.
func answerFragment(answer string) string {
	ufrag, pwd := sdpCredentials(answer)
	var b strings.Builder
	b.WriteString("a=ice-ufrag:" + ufrag + "\r\na=ice-pwd:" + pwd + "\r\n")
	sections := 0
	for _, line := range sdpLines(answer) {
		switch {
		case strings.HasPrefix(line, "m="):
			if sections++; sections > 1 {
				return b.String() // bundled: candidates stand in the first section (RFC 9143, 7.2.1)
			}
			b.WriteString(line + "\r\n")
		case sections == 1 && (strings.HasPrefix(line, "a=mid:") || strings.HasPrefix(line, "a=candidate:") || line == "a=end-of-candidates"):
			b.WriteString(line + "\r\n")
		}
	}
	return b.String()
}

func sdpLines(sdp string) []string {
	return strings.FieldsFunc(sdp, func(r rune) bool { return r == '\r' || r == '\n' })
}
