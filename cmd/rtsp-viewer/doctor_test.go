package main

import (
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/ffmpeg"
	"github.com/rtsp-viewer/rtsp-viewer/store"
)

// found gives what a doctor said of one thing since it was asked last: "level: what → mend".
func (d *doctor) said(about string) string {
	for i, f := range d.found {
		if f.about == about {
			d.found = append(d.found[:i], d.found[i+1:]...)
			return fmt.Sprintf("%s: %s → %s", f.level, f.what, f.mend)
		}
	}
	return "nothing"
}

// wantSaid demands a level, words of what was found, and words of the mend.
func wantSaid(t *testing.T, d *doctor, about, level, what, mend string) {
	t.Helper()
	said := d.said(about)
	found, mended, _ := strings.Cut(said, " → ")
	if !strings.HasPrefix(found, level+": ") || !strings.Contains(found, what) || !strings.Contains(mended, mend) || (mend == "") != (mended == "") {
		t.Errorf("of %s it says %q, want %s: …%s… → %s", about, said, level, what, mend)
	}
}

// doctorFor gives a doctor for settings.
func doctorFor(t *testing.T, args ...string) *doctor {
	t.Helper()
	config, err := parse(t, nil, args...)
	if err != nil {
		t.Fatal(err)
	}
	return &doctor{config: config}
}

// TestDoctorSaysAll of a gateway that is well, beside it; exit codes as scripts see them.
func TestDoctorSaysAll(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	dir := g.app.config.DataDir
	webrtc := strconv.Itoa(g.app.WebRTCPort())
	code, out, errOut := typed("", "doctor", "--data-dir", dir, "--listen", g.app.Addr().String(), "--webrtc-port", webrtc)
	if code != 0 || strings.Contains(out, "fail") {
		t.Errorf("of a gateway that is well: exit code %d: %q\n%s", code, errOut, out)
	}
	for _, want := range []string{
		"a gateway answers at", "by the gateway that answers", "FFmpeg", "schema up to date", "they open what is sealed", "signing key", " signs", "clock", "MiB free",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("nothing is said of %q:\n%s", want, out)
		}
	}
	if _, err := os.Stat("/proc/sys/net/core/wmem_max"); err == nil && !strings.Contains(out, "net.core.wmem_max is") {
		t.Errorf("nothing is said of the send buffer:\n%s", out)
	}
	// Two failures: both are told, with their mends.
	for _, name := range []string{encryptionKeysFile, secretKeyFile} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	code, out, errOut = typed("", "doctor", "--data-dir", dir, "--listen", g.app.Addr().String(), "--webrtc-port", webrtc)
	if code != 1 || !strings.Contains(errOut, "2 of ") || !strings.Contains(out, "put back encryption-keys") || !strings.Contains(out, "put back secret-key") {
		t.Errorf("without keys: exit code %d: %q\n%s", code, errOut, out)
	}
	if code, _, errOut = typed("", "doctor", "--webrtc-port", "x"); code != 2 || !strings.Contains(errOut, "webrtc-port") {
		t.Errorf("with a wrong setting: exit code %d: %q", code, errOut)
	}
}

func TestDoctorLooksAtPorts(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	go func() { // a program that is no gateway
		for {
			c, err := taken.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	_, port, _ := net.SplitHostPort(udp.LocalAddr().String())
	d := doctorFor(t, "--listen", taken.Addr().String(), "--webrtc-port", port)
	d.ports(t.Context())
	wantSaid(t, d, "HTTP port", findFail, "is taken by another program", "RTSP_VIEWER_LISTEN")
	wantSaid(t, d, "WebRTC port", findFail, "in use", "RTSP_VIEWER_WEBRTC_PORT")

	// The same port by TCP alone.
	_, port, _ = net.SplitHostPort(taken.Addr().String())
	d = doctorFor(t, "--listen", "127.0.0.1:0", "--webrtc-port", port)
	d.ports(t.Context())
	wantSaid(t, d, "HTTP port", findOK, "is free", "")
	wantSaid(t, d, "WebRTC port", findFail, "in use", "RTSP_VIEWER_WEBRTC_PORT")

	d = doctorFor(t, "--listen", "192.0.2.1:8080", "--webrtc-port", "0")
	d.ports(t.Context())
	wantSaid(t, d, "HTTP port", findFail, "192.0.2.1", "an address of this machine")
	wantSaid(t, d, "WebRTC port", findOK, "the firewall", "")
}

func TestDoctorLooksAtFFmpeg(t *testing.T) {
	t.Parallel()
	d := &doctor{}
	program := func(version, can string) ffmpeg.Options {
		t.Helper()
		path := filepath.Join(t.TempDir(), "ffmpeg")
		if err := os.WriteFile(path, fmt.Appendf(nil, "#!/bin/sh\necho 'ffmpeg version %s Copyright'\necho '%s'\n", version, can), 0o755); err != nil {
			t.Fatal(err)
		}
		return ffmpeg.Options{Path: path}
	}
	const all = "rtsp_transport frag_every_frame h264_mp4toannexb aac"
	for _, c := range []struct {
		o           ffmpeg.Options
		level, what string
	}{
		{ffmpeg.Options{Path: filepath.Join(t.TempDir(), "nothing")}, findWarn, "HLS does not"},
		{program("5.1", "rtsp_transport frag_every_frame h264_mp4toannexb"), findWarn, "aac"},
		{program("4.3.1", all), findWarn, "4.3.1 is old"},
		{program("4.4", all), findOK, "4.4"},
		{program("n7.1-3-g1234", all), findOK, "n7.1"},
	} {
		d.ffmpeg(t.Context(), c.o)
		mend := "install FFmpeg 4.4"
		if c.level == findOK {
			mend = ""
		}
		wantSaid(t, d, "FFmpeg", c.level, c.what, mend)
	}
}

// TestDoctorLooksAtRecords goes through what can be wrong with the database and the keys of a folder, and mends each again.
func TestDoctorLooksAtRecords(t *testing.T) {
	t.Parallel()
	g := startGateway(t)
	g.addCamera("Gate", "rtsp://viewer:kanarienvogel@127.0.0.1/1", nil)
	dir := g.app.config.DataDir
	g.end()
	d := doctorFor(t, "--data-dir", dir)
	look := func() {
		d.found = nil
		d.records(t.Context())
	}
	look()
	wantSaid(t, d, "database", findOK, "schema up to date", "")
	wantSaid(t, d, "sealing keys", findOK, "they open", "")
	wantSaid(t, d, "signing key", findOK, "signs", "")

	// with has a look while a file is another one.
	with := func(name string, change func(text string) (string, os.FileMode)) {
		t.Helper()
		path := filepath.Join(dir, name)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		next, mode := change(string(text))
		if mode == 0 {
			err = os.Remove(path)
		} else if err = os.WriteFile(path, []byte(next), mode); err == nil {
			err = os.Chmod(path, mode)
		}
		if err != nil {
			t.Fatal(err)
		}
		look()
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	gone := func(string) (string, os.FileMode) { return "", 0 }
	open := func(text string) (string, os.FileMode) { return text, 0o644 }
	broken := func(string) (string, os.FileMode) { return "§", 0o600 }
	with(encryptionKeysFile, gone)
	wantSaid(t, d, "sealing keys", findFail, "there is no encryption-keys", "put back encryption-keys")
	wantSaid(t, d, "signing key", findOK, "signs", "")
	with(encryptionKeysFile, broken)
	wantSaid(t, d, "sealing keys", findFail, "id:base64", "put back encryption-keys")
	with(encryptionKeysFile, open)
	wantSaid(t, d, "sealing keys", findWarn, "can be read by others", "chmod 600 "+dir)
	with(encryptionKeysFile, func(string) (string, os.FileMode) {
		key, err := randomKey()
		if err != nil {
			t.Fatal(err)
		}
		return "k1:" + key, 0o600
	})
	wantSaid(t, d, "sealing keys", findFail, "k1", "put back encryption-keys")
	with(encryptionKeysFile, func(text string) (string, os.FileMode) {
		key, err := camera.NewKey()
		if err != nil {
			t.Fatal(err)
		}
		return key.Reveal() + "," + text, 0o600
	})
	wantSaid(t, d, "sealing keys", findWarn, "not everything is sealed with the primary", "keys rotate")
	with(secretKeyFile, gone)
	wantSaid(t, d, "signing key", findFail, "there is no secret-key", "put back secret-key")
	with(secretKeyFile, broken)
	wantSaid(t, d, "signing key", findFail, "not base64", "put back secret-key")
	with(secretKeyFile, open)
	wantSaid(t, d, "signing key", findWarn, "can be read by others", "chmod 600 "+dir)

	// A clock that was put back: the log is ahead of it.
	db, err := store.Open(t.Context(), store.Options{Dir: dir, Logger: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.AppendEvents(t.Context(), []events.Event{{At: time.Now().Add(time.Hour), Kind: events.ServerStarted}}); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	look()
	wantSaid(t, d, "clock", findFail, "ahead of the clock", "by NTP")

	raw, err := sql.Open("sqlite", filepath.Join(dir, store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	schema := func(statement string) {
		t.Helper()
		if _, err := raw.Exec(statement); err != nil {
			t.Fatal(err)
		}
		look()
	}
	schema(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, TRUE)`)
	wantSaid(t, d, "database", findFail, "newer version", "restore the copy")
	schema(`DELETE FROM goose_db_version WHERE version_id >= (SELECT MAX(version_id) FROM goose_db_version WHERE version_id < 99999)`)
	wantSaid(t, d, "database", findWarn, "older version", "next start")
	if len(d.found) != 0 {
		t.Errorf("of a database that can't be read it says more: %v", d.found)
	}
	if err := os.WriteFile(filepath.Join(dir, store.FileName), []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	look()
	wantSaid(t, d, "database", findFail, "SQLite", "see that it runs")

	d = doctorFor(t, "--data-dir", t.TempDir())
	d.records(t.Context())
	wantSaid(t, d, "database", findWarn, "no gateway has kept records", "RTSP_VIEWER_DATA_DIR")
	d = doctorFor(t, "--database-url", "postgres://gateway:kanarienvogel@127.0.0.1:1/none?connect_timeout=1")
	d.records(t.Context())
	said := d.said("database")
	if !strings.HasPrefix(said, findFail+": PostgreSQL") || !strings.Contains(said, "see that it runs") || strings.Contains(said, "kanarienvogel") {
		t.Errorf("of a PostgreSQL that is not there it says %q", said)
	}
}

func TestDoctorLooksAtTheMachine(t *testing.T) {
	t.Parallel()
	d := doctorFor(t, "--data-dir", t.TempDir())
	for free, want := range map[uint64][2]string{50 << 20: {findFail, "make room"}, 500 << 20: {findWarn, "make room"}, 2 << 30: {findOK, ""}} {
		d.room(free)
		wantSaid(t, d, "disk", want[0], fmt.Sprintf("%d MiB free", free>>20), want[1])
	}
	d.disk()
	if len(d.found) != 1 {
		t.Errorf("of the disk it says %v", d.found)
	}
	d = doctorFor(t, "--data-dir", filepath.Join(t.TempDir(), "made", "at the first start"))
	d.disk()
	if said := d.said("disk"); !strings.Contains(said, "MiB free") {
		t.Errorf("of the disk of a folder that is not there yet it says %q", said)
	}
	file := filepath.Join(t.TempDir(), "wmem_max")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d = doctorFor(t, "--data-dir", filepath.Join(file, "in a file"))
	d.disk()
	wantSaid(t, d, "disk", findFail, "not a directory", "RTSP_VIEWER_DATA_DIR")
	for text, want := range map[string][2]string{"212992\n": {findWarn, "sysctl -w net.core.wmem_max=4194304"}, "4194304\n": {findOK, ""}} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		d.sendBuffer(file)
		wantSaid(t, d, "send buffer", want[0], strings.TrimSpace(text), want[1])
	}
	d.sendBuffer(filepath.Join(t.TempDir(), "hidden"))
	if len(d.found) != 0 {
		t.Errorf("where the kernel hides it, it says %v", d.found)
	}

	d.kept(true, nil)
	wantSaid(t, d, "clock", findOK, "NTP", "")
	d.kept(false, nil)
	wantSaid(t, d, "clock", findWarn, "nothing keeps it right", "run an NTP client")
	d.kept(false, errors.New("not permitted"))
	wantSaid(t, d, "clock", findWarn, "not permitted", "NTP")
}
