package main

import (
	"bufio"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

// TestNoFFmpegOutlivesAKilledGateway has two cameras watched by HLS when the whole program is killed, as by a machine that is out of memory. One
// of the FFmpegs is stopped: it would not notice that its pipes break.
func TestNoFFmpegOutlivesAKilledGateway(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := exec.Command(self, "--listen", "127.0.0.1:0", "--webrtc-port", "0", "--data-dir", t.TempDir(), "--admin-password", adminPassword)
	program.Env = append(os.Environ(), namespaceRole+"=gateway")
	program.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	log := &logBuffer{}
	program.Stderr = log
	out, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = program.Process.Kill()
		_ = program.Wait()
		if t.Failed() {
			t.Logf("log of the gateway:\n%s", tail(log.String(), 60))
		}
	})
	base := ""
	for lines := bufio.NewScanner(out); base == "" && lines.Scan(); {
		if _, url, ok := strings.Cut(lines.Text(), ": http"); ok && strings.HasPrefix(lines.Text(), "RTSP Viewer") {
			base = "http" + url
		}
	}
	if base == "" {
		t.Fatal("the gateway does not start")
	}
	g := &gateway{t: t, log: log, admin: signInAt(t, base, "admin", adminPassword)}
	for i := range 2 {
		cam := rtsptest.Start(t, small(i+1))
		v := g.admin.openHLS(g.addCamera("Camera "+strconv.Itoa(i+1), cam.URL(), nil), nil)
		v.segment(v.Playlist)
	}
	ffmpegs := children(t, strconv.Itoa(program.Process.Pid))
	if len(ffmpegs) != 2 {
		t.Fatalf("children %v, want two FFmpegs", ffmpegs)
	}
	for _, pid := range ffmpegs {
		if name := processName(pid); name != "ffmpeg" {
			t.Errorf("process %s is %q", pid, name)
		}
	}
	stopped, err := strconv.Atoi(ffmpegs[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(stopped, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	if err := program.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = program.Wait()
	eventually(t, 2*time.Second, "no FFmpeg", func() bool { return processName(ffmpegs[0]) != "ffmpeg" && processName(ffmpegs[1]) != "ffmpeg" })
}

// processName gives what a process runs; empty if there is none or only its zombie, which whoever adopted it may be slow to reap (proc(5)).
func processName(pid string) string {
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return ""
	}
	_, rest, _ := strings.Cut(string(stat), "(")
	name, state, _ := strings.Cut(rest, ") ")
	if strings.HasPrefix(state, "Z") || strings.HasPrefix(state, "X") {
		return ""
	}
	return name
}
