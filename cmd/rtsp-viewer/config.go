package main

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
)

// envPrefix stands before every setting's name in the environment.
const envPrefix = "RTSP_VIEWER_"

// settings are the flags of serve as text. They stay text until check, so that every fault is told at once, wherever the value came
// from: kong alone would stop at the first. The help texts are docs/configuration.md.
type settings struct {
	Listen         string `default:":8080" help:"HTTP address, host:port. An empty host listens on all addresses; a loopback one keeps WebRTC on loopback too."`
	DataDir        string `default:"./data" help:"Folder for the SQLite file, keys and the first password. Made with mode 0700 if it is missing."`
	DatabaseURL    string `placeholder:"postgres://…" help:"PostgreSQL, as postgres://user:password@host/database. Empty: SQLite in the data folder." secret:""`
	SecretKey      string `placeholder:"BASE64" help:"Key that signs access tokens, base64 of at least 32 bytes; a list of them, with commas and perhaps ids (ID:BASE64), while one replaces another: the first signs. Empty: made on an empty database only and kept in the data folder, mode 0600." secret:""`
	EncryptionKeys string `placeholder:"ID:BASE64,…" help:"Keys that seal camera addresses and credentials, base64 of 32 bytes each; the first is primary. Empty: made on an empty database only and kept in the data folder, mode 0600." secret:""`
	AdminLogin     string `default:"admin" help:"Login of the first admin; counts on the first start only."`
	AdminPassword  string `placeholder:"PASSWORD" help:"Password of the first admin; counts on the first start only. Empty: a random one is written to first-password (0600) in the data folder, and its path is printed." secret:""`
	WebrtcPort     string `default:"8189" help:"The one port of all WebRTC viewers, UDP and TCP. 0 takes a free one."`
	WebrtcHosts    string `placeholder:"HOST,…" help:"Exactly the names or addresses to advertise to browsers. Empty: all up addresses but container bridges (loopback only if LISTEN is), and the address by which the browser reached the page."`
	ViewsPerUser   string `default:"4" help:"How many views a user may have at once, over all devices and transports; 1 to 64."`
	Linger         string `default:"10s" help:"How long a camera's connection outlives its last reader."`
	CacheBytes     string `placeholder:"BYTES" help:"Memory for the rings of all streams together; a number of bytes or with K, M, G (1024). 0: nothing is kept, and every first picture waits for the camera's next keyframe. Empty: a quarter of the memory that the gateway may use."`
	PublicURL      string `placeholder:"https://…" help:"Where browsers find the gateway when a proxy stands before it."`
	TrustedProxies string `placeholder:"CIDR,…" help:"Addresses whose X-Forwarded-For and X-Forwarded-Proto are believed."`
	AllowedOrigins string `placeholder:"https://…,…" help:"Origins of other sites' pages that may use the API and the WebSocket and embed the page."`
	MetricsListen  string `placeholder:"HOST:PORT" help:"Address for open Prometheus metrics. Empty: /metrics on LISTEN, for admins only."`
	TimeZone       string `placeholder:"Europe/Moscow" help:"Time zone of wall, sheets and reports. Empty: the machine's."`
	LogLevel       string `default:"info" help:"debug, info, warn or error."`
	LogFormat      string `default:"text" help:"text or json."`
	TLSCert        string `name:"tls-cert" placeholder:"FILE" help:"Certificate chain, PEM; with TLS_KEY the gateway speaks HTTPS itself."`
	TLSKey         string `name:"tls-key" placeholder:"FILE" help:"Private key, PEM."`
}

// Config is what the gateway runs with: settings after check.
type Config struct {
	Listen         string
	DataDir        string
	DatabaseURL    string
	SecretKeys     *auth.SigningKeys // nil: from the data folder
	EncryptionKeys string            // empty: from the data folder
	AdminLogin     string
	AdminPassword  string // empty: random
	WebRTCPort     int
	WebRTCHosts    []string
	ViewsPerUser   int
	Linger         time.Duration
	CacheBytes     int64
	PublicURL      *url.URL // nil: none
	TrustedProxies []string // addresses and networks
	AllowedOrigins []string
	MetricsListen  string
	TimeZone       *time.Location
	LogLevel       slog.Level
	LogFormat      string
	TLSCert        string
	TLSKey         string

	tuned func(auth.Options) auth.Options // nil: as they are. No setting: tests have passwords hashed cheaply
}

// LoopbackOnly reports whether the gateway is meant for this machine alone.
func (c Config) LoopbackOnly() bool {
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// fromEnvironment resolves flags that the command line left out: NAME, else the content of the file that NAME_FILE names.
func fromEnvironment(getenv func(string) string) kong.Resolver {
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		name := envName(flag.Name)
		value, file := getenv(name), getenv(name+"_FILE")
		switch {
		case value != "" && file != "":
			return nil, fmt.Errorf("%s and %s_FILE are both set; use one", name, name)
		case file != "":
			text, err := os.ReadFile(file)
			if err != nil {
				return nil, fmt.Errorf("read %s_FILE: %w", name, err)
			}
			return strings.TrimRight(string(text), "\r\n"), nil
		case value != "":
			return value, nil
		}
		return nil, nil
	})
}

// envName gives the environment variable of a flag: "data-dir" → RTSP_VIEWER_DATA_DIR.
func envName(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// faults gathers what is wrong with the settings. It never repeats a secret's value.
type faults struct{ list []error }

func (f *faults) add(flag, format string, args ...any) {
	f.list = append(f.list, fmt.Errorf("%s (--%s): %s", envName(flag), flag, fmt.Sprintf(format, args...)))
}

// check turns the text of the settings into a Config, or gives every fault in them, joined.
func (s settings) check() (Config, error) {
	var f faults
	c := Config{
		Listen:         s.Listen,
		DataDir:        s.DataDir,
		DatabaseURL:    s.DatabaseURL,
		EncryptionKeys: s.EncryptionKeys,
		AdminLogin:     strings.TrimSpace(s.AdminLogin),
		AdminPassword:  s.AdminPassword,
		WebRTCHosts:    commaList(s.WebrtcHosts),
		MetricsListen:  s.MetricsListen,
		LogFormat:      strings.ToLower(s.LogFormat),
		TLSCert:        s.TLSCert,
		TLSKey:         s.TLSKey,
	}
	checkAddress(&f, "listen", s.Listen)
	if s.MetricsListen != "" {
		checkAddress(&f, "metrics-listen", s.MetricsListen)
	}
	if s.DataDir == "" {
		f.add("data-dir", "is empty")
	}
	if s.DatabaseURL != "" && !strings.HasPrefix(s.DatabaseURL, "postgres://") && !strings.HasPrefix(s.DatabaseURL, "postgresql://") {
		f.add("database-url", "does not begin with postgres://")
	}
	c.SecretKeys = s.signingKeys(&f)
	if c.AdminLogin == "" {
		f.add("admin-login", "is empty")
	}
	c.WebRTCPort = number(&f, "webrtc-port", s.WebrtcPort, 0, 65535)
	c.ViewsPerUser = number(&f, "views-per-user", s.ViewsPerUser, 1, 64)
	c.Linger = span(&f, "linger", s.Linger, 0, time.Hour)
	c.CacheBytes = size(&f, "cache-bytes", s.CacheBytes)
	c.PublicURL = publicURL(&f, "public-url", s.PublicURL)
	c.TrustedProxies = networks(&f, "trusted-proxies", s.TrustedProxies)
	for _, o := range commaList(s.AllowedOrigins) {
		u, err := url.Parse(o)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || strings.Trim(u.Path, "/") != "" {
			f.add("allowed-origins", "%q is not an origin such as https://example.org", o)
			continue
		}
		c.AllowedOrigins = append(c.AllowedOrigins, u.Scheme+"://"+u.Host)
	}
	c.TimeZone = time.Local
	if s.TimeZone != "" {
		zone, err := time.LoadLocation(s.TimeZone)
		if err != nil {
			f.add("time-zone", "%q is not a time zone such as Europe/Moscow", s.TimeZone)
		} else {
			c.TimeZone = zone
		}
	}
	if err := c.LogLevel.UnmarshalText([]byte(s.LogLevel)); err != nil {
		f.add("log-level", "%q is not debug, info, warn or error", s.LogLevel)
	}
	if c.LogFormat != "text" && c.LogFormat != "json" {
		f.add("log-format", "%q is neither text nor json", s.LogFormat)
	}
	switch {
	case (s.TLSCert == "") != (s.TLSKey == ""):
		f.add("tls-cert", "TLS_CERT and TLS_KEY go together; one is missing")
	case s.TLSCert != "":
		for flag, file := range map[string]string{"tls-cert": s.TLSCert, "tls-key": s.TLSKey} {
			if _, err := os.Stat(file); err != nil {
				f.add(flag, "%v", err)
			}
		}
	}
	return c, errors.Join(f.list...)
}

// signingKeys gives the keys that sign tokens; nil if none is set.
func (s settings) signingKeys(f *faults) *auth.SigningKeys {
	if s.SecretKey == "" {
		return nil
	}
	keys, err := auth.ParseSigningKeys(s.SecretKey)
	if err != nil {
		f.add("secret-key", "%v", err)
		return nil
	}
	return keys
}

func commaList(s string) []string {
	var out []string
	for _, part := range strings.Split(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

func checkAddress(f *faults, flag, s string) {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		f.add(flag, "%q is not host:port, :port or [ipv6]:port", s)
		return
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		f.add(flag, "%q is not a port", port)
	}
}

func number(f *faults, flag, s string, low, high int) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < low || n > high {
		f.add(flag, "%q is not a whole number from %d to %d", s, low, high)
	}
	return n
}

func span(f *faults, flag, s string, low, high time.Duration) time.Duration {
	d, err := time.ParseDuration(strings.TrimSpace(s))
	if err != nil || d < low || d > high {
		f.add(flag, "%q is not a time from %v to %v such as 10s", s, low, high)
	}
	return d
}

// leastCache is the smallest CACHE_BYTES but none: two rings of a small camera.
const leastCache = 4 << 20

func size(f *faults, flag, s string) int64 {
	s = strings.ToUpper(strings.TrimSpace(s))
	if s == "" {
		return max(usableMemory()/4, leastCache)
	}
	shift := 0
	digits := strings.TrimSuffix(strings.TrimSuffix(s, "B"), "I")
	switch {
	case strings.HasSuffix(digits, "K"):
		shift = 10
	case strings.HasSuffix(digits, "M"):
		shift = 20
	case strings.HasSuffix(digits, "G"):
		shift = 30
	}
	n, err := strconv.ParseInt(strings.TrimRight(digits, "KMG"), 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64>>shift || (n != 0 && n<<shift < leastCache) {
		f.add(flag, "%q is neither 0 nor a number of bytes from %d up, such as 512M", s, leastCache)
		return leastCache
	}
	return n << shift
}

func publicURL(f *faults, flag, s string) *url.URL {
	if s == "" {
		return nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || strings.Trim(u.Path, "/") != "" {
		f.add(flag, "is not an address such as https://cameras.example.org (a path is not supported)")
		return nil
	}
	return u
}

// networks gives addresses and networks as they were written, checked.
func networks(f *faults, flag, s string) []string {
	var out []string
	for _, part := range commaList(s) {
		_, err := netip.ParsePrefix(part)
		if _, single := netip.ParseAddr(part); err != nil && single != nil {
			f.add(flag, "%q is neither an address nor a network such as 10.0.0.0/8", part)
			continue
		}
		out = append(out, part)
	}
	return out
}
