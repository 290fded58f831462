package camera

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxAddress bounds an address as it is sent, in bytes.
const maxAddress = 2048

// The codes of what is wrong with an address, as they stand in a fault's Fields.
const (
	badLength    = "too_long"
	badCharacter = "characters"               // broken UTF-8 or control characters
	badScheme    = "camera.address_scheme"    // neither rtsp:// nor rtsps://
	badHost      = "camera.address_host"      // no host, or none that can be one
	badPort      = "camera.address_port"      // not 1–65535
	badAmbiguous = "camera.address_ambiguous" // two readings are equally good; write '/' in the password as %2F, or '@' in the path as %40
)

// address is an RTSP address taken apart.
type address struct {
	scheme string // "rtsp", "rtsps"
	host   string // lower case; an IPv6 address in brackets
	port   string // empty: the scheme's own
	rest   string // path and query, as they go to the camera

	username    string
	password    Password
	hasUsername bool // credentials stood in the address, be they empty
	hasPassword bool // a colon stood among them
}

// ParseAddress takes the credentials out of an RTSP address as people write it and gives both apart: the address without
// credentials, default port (554, for rtsps 322) or upper case in scheme and host; the user name; the password. It copes with
// passwords typed raw, whatever is in them. Giving it its own answer gives that again. Faults are ErrAddress with the field "address" and the code of what
// is wrong; they hold nothing of what was sent.
//
// The rule. Credentials end at an '@' after which a host stands. The user name ends at their first ':'. What comes before the first '/', '?' or '#' is
// the plain reading (RFC 3986, 3.2), and the last '@' within it counts, so "rtsp://admin:p@ss@10.0.0.1/1" has the password "p@ss". A
// password with '/', '?' or '#' in it makes the plain reading end too early, so each later '@' is tried too; of the readings that are
// possible at all, the one with the better host wins: an IP address or dotted name over a bare word, a bare word over digits. Where neither is
// better, an '@' belongs to the path, unless the part before it could as well be "user:digits/…", or a dotted name stands against an IP
// address: then ParseAddress refuses, since a wrong guess would show a password or send it to the wrong host. An empty "@" in front,
// "rtsp://@host:81/a@b", says that there are no credentials.
//
// Percent-encoded credentials are decoded once. A '%' that begins no escape stands for itself, and where the decoded bytes would be no
// UTF-8, all stands as it was typed. In the path and query nothing is decoded; '#', blanks, letters outside ASCII and a '%' that
// begins no escape are encoded, because RTSP knows no fragment and RTSP clients cut it off.
func ParseAddress(raw string) (addr, username string, password Password, err error) {
	a, code := parseAddress(raw)
	if code != "" {
		return "", "", Password{}, ErrAddress.At("address", code)
	}
	return a.String(), a.username, a.password, nil
}

// String gives the address without credentials.
func (a address) String() string {
	s := a.scheme + "://" + a.host
	if a.port != "" {
		s += ":" + a.port
	}
	return s + a.rest
}

// endpoint gives what decides who receives a password: scheme, host and port.
func (a address) endpoint() string {
	port := a.port
	if port == "" {
		port = defaultPort(a.scheme)
	}
	return a.scheme + "://" + a.host + ":" + port
}

func defaultPort(scheme string) string {
	if scheme == "rtsps" {
		return "322" // RFC 7826, 20.3
	}
	return "554"
}

// parseAddress takes an address apart; code is empty if it is one.
func parseAddress(raw string) (a address, code string) {
	switch {
	case len(raw) > maxAddress:
		return a, badLength
	case !utf8.ValidString(raw):
		return a, badCharacter
	}
	// What a spreadsheet or a messenger leaves around an address.
	raw = strings.TrimFunc(raw, func(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' || r == '\u200b' })
	for _, r := range raw {
		if unicode.IsControl(r) {
			return a, badCharacter
		}
	}
	scheme, body, ok := strings.Cut(raw, "://")
	a.scheme = strings.ToLower(scheme)
	if !ok || (a.scheme != "rtsp" && a.scheme != "rtsps") {
		return a, badScheme
	}
	r, code := bestReading(body)
	if code != "" {
		return a, code
	}
	a.host, a.port = r.host, r.port
	if a.port == defaultPort(a.scheme) {
		a.port = ""
	}
	if r.at >= 0 {
		a.hasUsername = r.at > 0
		user, secret, colon := strings.Cut(body[:r.at], ":")
		a.username = unescapeOnce(user)
		a.hasPassword = colon
		a.password = NewPassword(unescapeOnce(secret))
	}
	a.rest = escapeRest(body[r.end:])
	if strings.HasPrefix(a.rest, "%") { // a '#' right behind the host
		a.rest = "/" + a.rest
	}
	if again, code := bestReading(strings.TrimPrefix(a.String(), a.scheme+"://")); code != "" || again.at >= 0 {
		// Without credentials in front, an '@' in the path would be read as their end.
		a.rest = strings.ReplaceAll(a.rest, "@", "%40")
	}
	return a, ""
}

// reading is one way to see credentials, host and port in what follows "://".
type reading struct {
	at   int // index of the '@' that ends the credentials; -1 without
	end  int // index where path or query begin
	host string
	port string
	rank rank
}

// rank says how much a host looks like one.
type rank int

const (
	digits  rank = iota // "1": may be one, hardly is
	word                // "nvr"
	dotted              // "cam.example.com", "localhost"
	numeric             // an IP address
)

// bestReading picks the reading as ParseAddress's rule says.
func bestReading(body string) (reading, string) {
	if strings.HasPrefix(body, "@") {
		return readHost(body, 0)
	}
	authority := len(body)
	if i := strings.IndexAny(body, "/?#"); i >= 0 {
		authority = i
	}
	best, code := readHost(body, strings.LastIndexByte(body[:authority], '@'))
	plain := code == ""
	// Without a colon before the first slash there is no password that the slash could belong to.
	if colon := strings.IndexByte(body, ':'); colon < 0 || colon > authority {
		return best, code
	}
	var doubt bool
	for i := authority; i < len(body); i++ {
		if body[i] != '@' {
			continue
		}
		later, bad := readHost(body, i)
		if bad != "" {
			continue
		}
		switch {
		case code != "": // nothing possible so far
			best, code, doubt = later, "", false
		case best.at >= authority: // two in the path's place: the better, and of equals the last, since a password may hold an '@'
			if later.rank >= best.rank {
				best, doubt = later, false
			}
		case best.at < 0 && usualPort(best.port): // "nvr:554/live@1"
			doubt = doubt || later.rank > best.rank
		case best.at < 0 && later.rank == best.rank && best.rank <= word: // "admin:12/34@nvr"
			doubt = true
		case later.rank == numeric && best.rank == dotted: // "p@ss.word/1@10.0.0.1", "u:p@cam.example.com/a@10.0.0.1"
			doubt = true
		case later.rank > best.rank:
			best = later
		}
	}
	if doubt && plain {
		return reading{}, badAmbiguous
	}
	return best, code
}

// usualPort reports whether a port is one where cameras listen, and not the beginning of a password.
func usualPort(port string) bool {
	switch port {
	case "554", "8554", "10554", "322":
		return true
	}
	return false
}

// readHost reads host and port behind the '@' at the index, or from the start for -1.
func readHost(body string, at int) (reading, string) {
	r := reading{at: at, end: len(body)}
	text := body[at+1:]
	if i := strings.IndexAny(text, "/?#@"); i >= 0 {
		if text[i] == '@' { // in no host, so that of many none is read to the end of all
			return r, badHost
		}
		text, r.end = text[:i], at+1+i
	}
	if strings.HasPrefix(text, "[") {
		inside, port, ok := strings.Cut(text[1:], "]")
		ip, err := netip.ParseAddr(strings.Replace(inside, "%25", "%", 1))
		if !ok || err != nil || !ip.Is6() || (port != "" && port[0] != ':') {
			return r, badHost
		}
		r.host, r.rank = "["+strings.Replace(ip.String(), "%", "%25", 1)+"]", numeric
		if strings.ContainsAny(ip.Zone(), "[]@%:\\ \"<>^`{|}") {
			return r, badHost
		}
		text = port
	} else {
		colon := strings.IndexByte(text, ':')
		if colon < 0 {
			colon = len(text)
		}
		var ok bool
		if r.host, r.rank, ok = readName(text[:colon]); !ok {
			return r, badHost
		}
		text = text[colon:]
	}
	if len(text) <= 1 { // nothing, or a colon without a port, which RFC 3986 allows
		return r, ""
	}
	n, err := strconv.ParseUint(text[1:], 10, 16)
	if err != nil || n == 0 {
		return r, badPort
	}
	r.port = strconv.FormatUint(n, 10)
	return r, ""
}

// readName reads a host name (RFC 1123, 2.1, and the underscore that routers let people use) or an IPv4 address.
func readName(text string) (host string, k rank, ok bool) {
	if text == "" || len(text) > 253 {
		return "", 0, false
	}
	host = strings.ToLower(text)
	if ip, err := netip.ParseAddr(host); err == nil && ip.Is4() {
		return host, numeric, true
	}
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	letters := false
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return "", 0, false
		}
		for _, c := range []byte(label) {
			switch {
			case 'a' <= c && c <= 'z':
				letters = true
			case '0' <= c && c <= '9', c == '-', c == '_':
			default:
				return "", 0, false
			}
		}
	}
	switch {
	case len(labels) > 1 && !letters:
		return "", 0, false // "10.0.0", "999.1.1.1": meant as an IP address, and none
	case len(labels) > 1, host == "localhost":
		return host, dotted, true
	case !letters:
		return host, digits, true
	}
	return host, word, true
}

// unescapeOnce decodes percent escapes once.
func unescapeOnce(text string) string {
	if !strings.Contains(text, "%") {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if escape(text, i) {
			n, _ := strconv.ParseUint(text[i+1:i+3], 16, 8)
			b.WriteByte(byte(n))
			i += 2
			continue
		}
		b.WriteByte(text[i])
	}
	if decoded := b.String(); utf8.ValidString(decoded) {
		return decoded
	}
	return text
}

// escapeRest encodes in path and query what can't go over the wire as it is, and nothing else.
func escapeRest(text string) string {
	const upperHex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c <= ' ' || c >= 0x7f || c == '#' || c == '"' || c == '<' || c == '>' || c == '\\' || (c == '%' && !escape(text, i)) {
			b.WriteByte('%')
			b.WriteByte(upperHex[c>>4])
			b.WriteByte(upperHex[c&15])
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// escape reports whether a percent escape stands at the index.
func escape(text string, i int) bool {
	return text[i] == '%' && i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2])
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
