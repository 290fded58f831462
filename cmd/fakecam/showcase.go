package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

// showcase is the command line of the demo: the six cameras and a gateway that shows them.
type showcase struct {
	Gateway    string        `help:"The gateway's program." type:"path" default:"bin/rtsp-viewer" placeholder:"FILE"`
	Listen     string        `help:"The gateway's HTTP address." default:":8080" placeholder:"ADDRESS"`
	WebrtcPort int           `help:"The gateway's WebRTC port." default:"8189" placeholder:"PORT"`
	Clips      string        `help:"Folder where encoded clips are kept." type:"path" env:"RTSP_VIEWER_CLIPS" placeholder:"DIR"`
	Every      time.Duration `help:"How often to print what gateway and cameras take of the processor." default:"30s"`
}

// run shows the demo until ctx ends. Nothing stays: the gateway's data are in a temporary folder, its process is waited for, and is killed
// by the kernel should this one die.
func (s showcase) run(ctx context.Context, stdout, stderr io.Writer) error {
	dir, err := os.MkdirTemp("", "rtsp-viewer-demo-")
	if err != nil {
		return fmt.Errorf("make the demo's data folder: %w", err)
	}
	defer os.RemoveAll(dir)
	password := rand.Text()[:12]

	group, ctx := errgroup.WithContext(ctx)
	// The gateway first: a taken port is told before the cameras are drawn.
	gateway, err := s.startGateway(ctx, dir, password, stderr)
	if err != nil {
		return err
	}
	group.Go(gateway.wait)

	list, listed := io.Pipe()
	group.Go(func() error {
		f := flags{Listen: "127.0.0.1", HTTP: "127.0.0.1:0", LogLevel: "warn", Clips: s.Clips}
		if f.Clips == "" {
			f.Clips = rtsptest.CacheDir()
		}
		err := play(ctx, f, listed, stderr)
		listed.CloseWithError(err)
		return err
	})
	group.Go(func() error {
		var m manifest
		if err := json.NewDecoder(list).Decode(&m); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("read the list of cameras: %w", err)
		}
		if err := addCameras(ctx, gateway.url, password, m.Cameras); err != nil {
			return fmt.Errorf("add the cameras to the gateway: %w", err)
		}
		fmt.Fprintf(stdout, "\n  Open     %s\n  Sign in  login admin, password %s\n\n"+
			"  Six cameras are on the wall's list; Ctrl-C ends everything.\n"+
			"  To torment a camera: curl -X POST %s/cameras/1/pause (resume, kill, restart, blackhole …)\n\n",
			gateway.url, password, m.Control)
		return reportLoad(ctx, s.Every, gateway.process.Pid, stdout)
	})
	err = group.Wait()
	if ctx.Err() != nil && (err == nil || errors.Is(err, context.Canceled)) {
		return nil
	}
	return err
}

// child is the gateway's process.
type child struct {
	process *os.Process
	url     string
	ended   chan error
	stop    context.Context
}

// startGateway starts the gateway on its defaults and waits for its first line, which holds its address.
func (s showcase) startGateway(ctx context.Context, dir, password string, stderr io.Writer) (*child, error) {
	command := exec.Command(s.Gateway, "serve", "--listen", s.Listen, "--webrtc-port", fmt.Sprint(s.WebrtcPort),
		"--data-dir", filepath.Join(dir, "data"), "--log-level", "warn")
	command.Env = []string{"RTSP_VIEWER_ADMIN_PASSWORD=" + password} // not on the command line, where everybody sees it
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "RTSP_VIEWER_") {
			command.Env = append(command.Env, v)
		}
	}
	command.Stderr = stderr
	// A process group of its own: Ctrl-C reaches it through us, once.
	command.SysProcAttr = childAttributes()
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c := &child{ended: make(chan error, 1), stop: ctx}
	started := make(chan error, 1)
	address := make(chan string, 1)
	go func() {
		// The parent-death signal belongs to the thread that started the child: it must live as long as the child does.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := command.Start()
		started <- err
		if err != nil {
			return
		}
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if _, url, ok := strings.Cut(lines.Text(), ": "); ok && strings.HasPrefix(url, "http") {
				select {
				case address <- url:
				default:
				}
			}
		}
		c.ended <- command.Wait()
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start the gateway: %w", err)
	}
	c.process = command.Process
	select {
	case c.url = <-address:
		return c, nil
	case <-c.ended:
		return nil, errors.New("the gateway did not start; its own words are above")
	case <-ctx.Done():
		c.end()
		return nil, ctx.Err()
	}
}

// wait returns when the gateway has ended: by itself, which is an error, or because the demo ends.
func (c *child) wait() error {
	select {
	case err := <-c.ended:
		return fmt.Errorf("the gateway ended: %w", errors.Join(err, errors.New("see its words above")))
	case <-c.stop.Done():
		c.end()
		return nil
	}
}

// end asks the gateway to end, and makes it so after 12 s; it promises 10.
func (c *child) end() {
	_ = c.process.Signal(syscall.SIGTERM)
	late := time.AfterFunc(12*time.Second, func() { _ = c.process.Kill() })
	defer late.Stop()
	<-c.ended
}

// addCameras signs in and adds the cameras through the REST API, as an administrator would.
func addCameras(ctx context.Context, url, password string, cameras []entry) error {
	var session struct {
		AccessToken string `json:"access_token"`
	}
	if err := post(ctx, url+"/api/v1/auth/login", "", map[string]string{"login": "admin", "password": password}, &session); err != nil {
		return err
	}
	for _, c := range cameras {
		if err := post(ctx, url+"/api/v1/cameras", session.AccessToken, c, nil); err != nil {
			return fmt.Errorf("camera %d: %w", c.Number, err)
		}
	}
	return nil
}

func post(ctx context.Context, url, token string, body, out any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(text))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode/100 != 2 {
		why, _ := io.ReadAll(io.LimitReader(answer.Body, 2048))
		return fmt.Errorf("%s: %s", answer.Status, why)
	}
	if out == nil {
		return nil
	}
	return json.NewDecoder(answer.Body).Decode(out)
}
