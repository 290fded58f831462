package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/ffmpeg"
	"github.com/rtsp-viewer/rtsp-viewer/store"
)

// doctorCommand looks whether a gateway with the same settings can do its work here. It changes nothing and works beside a running one.
type doctorCommand struct{ settings }

// finding is what was found of one thing: ok, warn (the gateway works, not everything does) or fail, and how to mend it.
type finding struct {
	about, level, what, mend string
}

const (
	findOK   = "ok"
	findWarn = "warn"
	findFail = "fail"
)

// doctor gathers findings.
type doctor struct {
	config Config
	own    bool // a gateway answers at our address: the ports are its
	found  []finding
}

func (d *doctor) tell(about, level, what, mend string) {
	d.found = append(d.found, finding{about, level, what, mend})
}

// Run prints a line for each finding. Its error, and so exit code 1, says that something fails.
func (c *doctorCommand) Run(con console) error {
	config, err := c.check()
	if err != nil {
		return settingsError{err}
	}
	ctx, stop := asked()
	defer stop()
	d := &doctor{config: config}
	d.ports(ctx)
	d.ffmpeg(ctx, ffmpeg.Options{})
	d.records(ctx)
	d.clock()
	d.disk()
	d.sendBuffer("/proc/sys/net/core/wmem_max")
	table := tabwriter.NewWriter(con.out, 0, 0, 2, ' ', 0)
	failed := 0
	for _, f := range d.found {
		fmt.Fprintf(table, "%s\t%s\t%s\n", f.level, f.about, f.what)
		if f.mend != "" {
			fmt.Fprintf(table, "\t\t→ %s\n", f.mend)
		}
		if f.level == findFail {
			failed++
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d checks fail", failed, len(d.found))
	}
	return nil
}

func (d *doctor) ports(ctx context.Context) {
	l, err := net.Listen("tcp", d.config.Listen)
	switch {
	case err == nil:
		l.Close()
		d.tell("HTTP port", findOK, d.config.Listen+" is free", "")
	case errors.Is(err, syscall.EADDRINUSE) && d.answers(ctx):
		d.own = true
		d.tell("HTTP port", findOK, "a gateway answers at "+d.config.Listen, "")
	case errors.Is(err, syscall.EADDRINUSE):
		d.tell("HTTP port", findFail, d.config.Listen+" is taken by another program", "end it, or choose another address with "+envName("listen"))
	case errors.Is(err, syscall.EACCES):
		d.tell("HTTP port", findFail, d.config.Listen+" needs rights that this user lacks", "choose a port from 1024 up with "+envName("listen"))
	default:
		d.tell("HTTP port", findFail, err.Error(), "set "+envName("listen")+" to an address of this machine")
	}
	port := strconv.Itoa(d.config.WebRTCPort)
	host := ""
	if d.config.LoopbackOnly() {
		host = "127.0.0.1"
	}
	udp, err := net.ListenPacket("udp", net.JoinHostPort(host, port))
	if err == nil {
		udp.Close()
		if l, err = net.Listen("tcp", net.JoinHostPort(host, port)); err == nil {
			l.Close()
		}
	}
	switch {
	case err == nil:
		d.tell("WebRTC port", findOK, port+" is free, UDP and TCP; the firewall must let both in", "")
	case d.own && errors.Is(err, syscall.EADDRINUSE):
		d.tell("WebRTC port", findOK, port+" is in use, by the gateway that answers", "")
	default:
		d.tell("WebRTC port", findFail, err.Error(), "end what has the port, or choose another with "+envName("webrtc-port"))
	}
}

// answers reports whether a gateway answers at our own address.
func (d *doctor) answers(ctx context.Context) bool {
	host, port, err := net.SplitHostPort(d.config.Listen)
	if err != nil || d.config.TLSCert != "" {
		return err == nil && d.config.TLSCert != "" // its certificate is for another name; who has the port can't be told
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/api/v1/openapi.json", nil)
	if err != nil {
		return false
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	start, _ := io.ReadAll(io.LimitReader(answer.Body, 4<<20))
	return answer.StatusCode == http.StatusOK && strings.Contains(string(start), "RTSP Viewer")
}

// leastFFmpeg is the oldest FFmpeg that HLS works with.
var leastFFmpeg = [2]int{4, 4}

func (d *doctor) ffmpeg(ctx context.Context, o ffmpeg.Options) {
	const mend = "install FFmpeg 4.4 or newer with libavcodec's AAC (Debian: apt install ffmpeg)"
	version, err := ffmpeg.New(o).Probe(ctx,
		ffmpeg.Need{Part: "demuxer=rtsp", Option: "rtsp_transport"}, ffmpeg.Need{Part: "muxer=mp4", Option: "frag_every_frame"},
		ffmpeg.Need{Part: "bsf=h264_mp4toannexb", Option: "h264_mp4toannexb"}, ffmpeg.Need{Part: "encoder=aac", Option: "aac"})
	var major, minor int
	switch n, _ := fmt.Sscanf(version, "%d.%d", &major, &minor); {
	case errors.Is(err, ffmpeg.ErrMissing):
		d.tell("FFmpeg", findWarn, "it is not there: WebRTC works, HLS does not", mend)
	case err != nil:
		d.tell("FFmpeg", findWarn, err.Error()+": WebRTC works, HLS does not", mend)
	case n == 2 && (major < leastFFmpeg[0] || major == leastFFmpeg[0] && minor < leastFFmpeg[1]):
		d.tell("FFmpeg", findWarn, "version "+version+" is old", mend)
	default:
		d.tell("FFmpeg", findOK, "version "+version+", H.264 copied, AAC", "")
	}
}

// records looks at database and keys.
func (d *doctor) records(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	quiet := slog.New(slog.DiscardHandler)
	where := "SQLite in " + d.config.DataDir
	if d.config.DatabaseURL != "" {
		where = "PostgreSQL"
	}
	begun := time.Now()
	db, err := store.Open(ctx, store.Options{URL: d.config.DatabaseURL, Dir: d.config.DataDir, Logger: quiet, Schema: store.AsItIs})
	switch {
	case errors.Is(err, store.ErrMissing):
		d.tell("database", findWarn, where+": no gateway has kept records there yet", "right before the first start; else set "+envName("data-dir")+" or "+envName("database-url"))
		return
	case errors.Is(err, store.ErrOlder):
		d.tell("database", findWarn, where+": the schema is of an older version", "the gateway's next start brings it up to date, after copying SQLite's file aside")
		return
	case errors.Is(err, store.ErrNewer):
		d.tell("database", findFail, where+": the schema is of a newer version", "start that version, or restore the copy made before the upgrade")
		return
	case err != nil:
		d.tell("database", findFail, where+": "+err.Error(), "see that it runs and lets this user in")
		return
	}
	defer db.Close() //nolint:errcheck // reading only
	d.tell("database", findOK, fmt.Sprintf("%s, schema up to date, open in %v", where, time.Since(begun).Round(time.Millisecond)), "")
	d.keys(ctx, db, quiet)
	if last, err := db.Events(ctx, events.Query{Before: 1 << 60, Limit: 1}); err == nil && len(last) == 1 {
		if ahead := time.Until(last[0].At); ahead > time.Minute {
			d.tell("clock", findFail, fmt.Sprintf("the log's newest event is %v ahead of the clock: it was put back", ahead.Round(time.Second)), "set the clock, by NTP")
		}
	}
}

// keys looks whether they open what is sealed, whether one replaces another, and whether tokens can be signed.
func (d *doctor) keys(ctx context.Context, db *store.DB, quiet *slog.Logger) {
	ring, done, err := d.sealed(ctx, db, quiet)
	switch {
	case err != nil:
		d.tell("sealing keys", findFail, err.Error(), "put back "+encryptionKeysFile+" as it was, or set "+envName("encryption-keys"))
	case !done:
		d.tell("sealing keys", findWarn, "they open what is sealed; not everything is sealed with the primary, "+ring.Primary(), "rtsp-viewer keys rotate goes on")
	case !d.readable("sealing keys", encryptionKeysFile, d.config.EncryptionKeys != ""):
		d.tell("sealing keys", findOK, "they open what is sealed; primary "+ring.Primary(), "")
	}
	signing, err := d.config.SecretKeys, error(nil)
	if signing == nil {
		signing, err = keptSigningKeys(d.config.DataDir)
	}
	switch {
	case err != nil:
		d.tell("signing key", findFail, err.Error(), "put back "+secretKeyFile+" as it was, or set "+envName("secret-key"))
	case !d.readable("signing key", secretKeyFile, d.config.SecretKeys != nil):
		d.tell("signing key", findOK, signing.Primary()+" signs", "")
	}
}

// sealed reports whether everything is sealed with the primary key. Its error says that what is sealed does not open.
func (d *doctor) sealed(ctx context.Context, db *store.DB, quiet *slog.Logger) (*camera.Keyring, bool, error) {
	ring, err := sealedRecords{records: records{DataDir: d.config.DataDir}, EncryptionKeys: d.config.EncryptionKeys}.keyring()
	if err != nil {
		return nil, false, err
	}
	cameras, err := camera.New(camera.Options{Store: db, Keys: ring, Logger: quiet})
	if err != nil {
		return nil, false, err
	}
	rotation, err := camera.NewRotation(cameras, db)
	if err != nil {
		return nil, false, err
	}
	done, err := rotation.Done(ctx)
	return ring, done, err
}

// readable tells of a file with keys that others on the machine can read, and reports whether it did.
func (d *doctor) readable(about, name string, given bool) bool {
	path := filepath.Join(d.config.DataDir, name)
	stat, err := os.Stat(path)
	if given || err != nil || stat.Mode().Perm()&0o077 == 0 {
		return false
	}
	d.tell(about, findWarn, name+" can be read by others", "chmod 600 "+path)
	return true
}

// kept judges what the kernel says of its clock.
func (d *doctor) kept(right bool, err error) {
	switch {
	case err != nil:
		d.tell("clock", findWarn, "the kernel does not say whether it is kept right: "+err.Error(), "see that NTP runs on this machine, or on the container's host")
	case !right:
		d.tell("clock", findWarn, "nothing keeps it right, as far as the kernel knows", "run an NTP client (Debian: apt install systemd-timesyncd); in a container: on its host")
	default:
		d.tell("clock", findOK, "kept right by NTP", "")
	}
}

// Bounds of free disk space, in bytes.
const (
	scarceDisk = 1 << 30
	leastDisk  = 100 << 20
)

func (d *doctor) disk() {
	folder := filepath.Clean(d.config.DataDir)
	var fs syscall.Statfs_t
	err := syscall.Statfs(folder, &fs)
	for errors.Is(err, syscall.ENOENT) && folder != filepath.Dir(folder) { // made at the first start
		folder = filepath.Dir(folder)
		err = syscall.Statfs(folder, &fs)
	}
	if err == nil {
		const write, enter = 2, 1
		err = syscall.Access(folder, write|enter)
	}
	if err != nil {
		d.tell("disk", findFail, folder+": "+err.Error(), "set "+envName("data-dir")+" to a folder that this user may use")
		return
	}
	d.room(uint64(fs.Bavail) * uint64(fs.Bsize)) //nolint:gosec,unconvert // types differ by system
}

// room judges the bytes that are free for the data folder.
func (d *doctor) room(free uint64) {
	folder := d.config.DataDir
	text := fmt.Sprintf("%d MiB free for %s", free>>20, folder)
	switch {
	case free < leastDisk:
		d.tell("disk", findFail, text, "make room: a full disk stops sign-ins and changes")
	case free < scarceDisk:
		d.tell("disk", findWarn, text, "make room, or keep the log for fewer days")
	default:
		d.tell("disk", findOK, text, "")
	}
}

// wantedSendBuffer is what hundreds of viewers on one UDP socket need, in bytes.
const wantedSendBuffer = 4 << 20

func (d *doctor) sendBuffer(file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		return // not Linux, or a container that hides it
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(text)))
	switch {
	case err != nil:
	case n < wantedSendBuffer:
		d.tell("send buffer", findWarn, fmt.Sprintf("net.core.wmem_max is %d: enough for dozens of viewers, not for hundreds", n),
			fmt.Sprintf("sysctl -w net.core.wmem_max=%d, and the same in /etc/sysctl.d", wantedSendBuffer))
	default:
		d.tell("send buffer", findOK, fmt.Sprintf("net.core.wmem_max is %d", n), "")
	}
}
