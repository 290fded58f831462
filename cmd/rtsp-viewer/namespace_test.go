package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"

	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

// namespaceRole is the environment variable that tells the test binary what to be in a namespace.
const namespaceRole = "RTSP_VIEWER_TEST_ROLE"

// Addresses of the two hosts in their namespaces.
const (
	gatewayHost = "10.77.0.1"
	viewerHost  = "10.77.0.2"
)

// hosts are two network namespaces joined by a cable: nothing leaves them.
type hosts struct{ gateway, viewer string }

func makeHosts(t *testing.T) hosts {
	t.Helper()
	if os.Geteuid() != 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("network namespaces need root")
		}
		t.Skip("network namespaces need root")
	}
	tag := randomText(t)[:6]
	h := hosts{"rv-g-" + tag, "rv-v-" + tag}
	system(t, "ip", "netns", "add", h.gateway)
	t.Cleanup(func() { system(t, "ip", "netns", "del", h.gateway) })
	system(t, "ip", "netns", "add", h.viewer)
	t.Cleanup(func() { system(t, "ip", "netns", "del", h.viewer) })
	system(t, "ip", "link", "add", "lan"+tag+"g", "netns", h.gateway, "type", "veth", "peer", "name", "lan"+tag+"v", "netns", h.viewer)
	for _, end := range []struct{ space, link, address string }{
		{h.gateway, "lan" + tag + "g", gatewayHost}, {h.viewer, "lan" + tag + "v", viewerHost},
	} {
		system(t, "ip", "-n", end.space, "addr", "add", end.address+"/24", "dev", end.link)
		system(t, "ip", "-n", end.space, "link", "set", end.link, "up")
		system(t, "ip", "-n", end.space, "link", "set", "lo", "up")
	}
	return h
}

func system(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, out)
	}
}

// spawn runs the test binary in a namespace as a role, waits for a line that begins with ready and gives that line. The process ends with
// the test.
func spawn(t *testing.T, space, role, ready string, args ...string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command("ip", append([]string{"netns", "exec", space, self}, args...)...)
	command.Env = append(os.Environ(), namespaceRole+"="+role)
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	log := &logBuffer{}
	command.Stderr = log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	found := make(chan string, 1)
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), ready) {
				select {
				case found <- lines.Text():
				default:
				}
			}
		}
	}()
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		<-drained
		if err := command.Wait(); err != nil {
			t.Errorf("the %s in its namespace ended with %v", role, err)
		}
		if t.Failed() {
			t.Logf("log of the %s:\n%s", role, tail(log.String(), 60))
		}
	})
	select {
	case line := <-found:
		return line
	case <-drained:
		t.Fatalf("the %s ended before it was ready: %s", role, log.String())
	case <-time.After(60 * time.Second):
		t.Fatalf("the %s is not ready: %s", role, log.String())
	}
	return ""
}

// cameraInNamespace is the role of a simulated camera.
func cameraInNamespace() int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	clip, err := rtsptest.Prepare(ctx, rtsptest.CacheDir(), small(1))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	cam, err := rtsptest.NewCamera(rtsptest.Options{Clip: clip, Logger: quiet()})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	go func() {
		<-cam.Ready()
		fmt.Println(cam.URL())
	}()
	if err := cam.Run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// TestICEOverTCPWhenUDPIsDropped drops all UDP between a viewer's host and the gateway's: the picture comes over TCP on the same port.
func TestICEOverTCPWhenUDPIsDropped(t *testing.T) {
	h := makeHosts(t)
	for _, rule := range []string{
		"add table inet drop_udp",
		"add chain inet drop_udp in { type filter hook input priority 0; }",
		"add rule inet drop_udp in meta l4proto udp drop",
	} {
		system(t, "ip", append([]string{"netns", "exec", h.gateway, "nft"}, strings.Fields(rule)...)...)
	}
	url := spawn(t, h.gateway, "camera", "rtsp://")
	spawn(t, h.gateway, "gateway", "RTSP Viewer", "--listen", gatewayHost+":8080", "--data-dir", t.TempDir(), "--admin-password", adminPassword)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	inside := exec.Command("ip", "netns", "exec", h.viewer, self, "-test.run=^TestViewerBehindDroppedUDP$", "-test.v", "-test.timeout=60s")
	inside.Env = append(os.Environ(), namespaceRole+"=viewer", "RTSP_VIEWER_TEST_CAMERA="+url)
	if out, err := inside.CombinedOutput(); err != nil {
		t.Fatalf("the viewer: %v\n%s", err, out)
	} else if !strings.Contains(string(out), "--- PASS: TestViewerBehindDroppedUDP") {
		t.Fatalf("the viewer ran nothing:\n%s", out)
	}
}

// TestViewerBehindDroppedUDP is the viewer's half of TestICEOverTCPWhenUDPIsDropped.
func TestViewerBehindDroppedUDP(t *testing.T) {
	if os.Getenv(namespaceRole) != "viewer" {
		t.Skip("runs in the namespace that TestICEOverTCPWhenUDPIsDropped makes")
	}
	c := signInAt(t, "http://"+gatewayHost+":8080", "admin", adminPassword)
	g := &gateway{t: t, log: &logBuffer{}, admin: c}
	added := g.addCamera("Camera", os.Getenv("RTSP_VIEWER_TEST_CAMERA"), nil)
	x := g.openPage(c, func(e *webrtc.SettingEngine) {
		e.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeTCP4})
	}).watch(added)
	x.wantFrames(20, 15*time.Second)
	pair, err := x.pc.SCTP().Transport().ICETransport().GetSelectedCandidatePair()
	if err != nil || pair == nil {
		t.Fatalf("no selected pair: %v", err)
	}
	if pair.Remote.Protocol != webrtc.ICEProtocolTCP || pair.Remote.Port != 8189 {
		t.Errorf("the path is %v, want TCP to port 8189", pair)
	}
}
