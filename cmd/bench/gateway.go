package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// password is the administrator's of every gateway here; they live for seconds, and behind loopback or a namespace.
const password = "correct horse 8189"

// gateway is an rtsp-viewer process.
type gateway struct {
	*child
	url string
}

// startGateway starts a gateway that listens at host, with the environment's variables beside those that every scenario needs.
func startGateway(ctx context.Context, path, space, host, dir string, env []string) (*gateway, error) {
	return startGatewayAs(ctx, order{space: space, path: path}, host, dir, env)
}

// startGatewayAs starts a gateway by an order that names its program, and words that stand before its own.
func startGatewayAs(ctx context.Context, as order, host, dir string, env []string) (*gateway, error) {
	as.name = "gateway"
	as.args = append(as.args, "serve", "--listen", net.JoinHostPort(host, "0"), "--webrtc-port", "0", "--data-dir", filepath.Join(dir, "data"), "--log-level", "warn")
	as.env = append([]string{"RTSP_VIEWER_ADMIN_PASSWORD=" + password, "RTSP_VIEWER_VIEWS_PER_USER=64"}, env...)
	child, err := as.start()
	if err != nil {
		return nil, err
	}
	line, err := child.line(ctx, "RTSP Viewer ")
	_, url, ok := strings.Cut(line, ": ")
	if err == nil && !ok {
		err = fmt.Errorf("the gateway's first line has no address: %q", line)
	}
	if err != nil {
		child.end()
		return nil, err
	}
	return &gateway{child: child, url: url}, nil
}

// usage is what a process has taken of the machine.
type usage struct {
	cpu    time.Duration // user and system
	memory int64         // resident bytes
}

// ticksPerSecond is USER_HZ, in which Linux tells processor time to programs; it is 100 on every architecture (time(7)).
const ticksPerSecond = 100

// usage reads what the process has taken so far, from /proc (proc(5)).
func (c *child) usage() (usage, error) {
	folder := "/proc/" + strconv.Itoa(c.cmd.Process.Pid)
	stat, err := os.ReadFile(folder + "/stat")
	if err != nil {
		return usage{}, fmt.Errorf("read what the %s takes: %w", c.name, err)
	}
	// The command's name, in brackets, may hold spaces; what follows the last bracket begins with field 3.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 22 {
		return usage{}, fmt.Errorf("read what the %s takes: %d fields", c.name, len(fields))
	}
	var n [3]int64
	for i, field := range []int{14, 15, 24} { // utime, stime, rss
		if n[i], err = strconv.ParseInt(fields[field-3], 10, 64); err != nil {
			return usage{}, fmt.Errorf("read what the %s takes: %w", c.name, err)
		}
	}
	return usage{time.Duration(n[0]+n[1]) * time.Second / ticksPerSecond, n[2] * int64(os.Getpagesize())}, nil
}

// signIn gives an administrator's access token, good for 15 minutes.
func signIn(ctx context.Context, url string) (string, error) {
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	err := ask(ctx, http.MethodPost, url+"/api/v1/auth/login", "", map[string]string{"login": "admin", "password": password}, &answer)
	if err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	return answer.AccessToken, nil
}

// addCamera adds a camera to the gateway and gives its id.
func addCamera(ctx context.Context, url, token string, s source) (string, error) {
	var added struct {
		ID string `json:"id"`
	}
	err := ask(ctx, http.MethodPost, url+"/api/v1/cameras", token, s, &added)
	return added.ID, err
}

// ask sends a request with an optional JSON body and decodes the answer into out.
func ask(ctx context.Context, method, url, token string, body, out any) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	var reader io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		reader = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, url, reader)
	if err != nil {
		return err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
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
	return json.NewDecoder(answer.Body).Decode(out)
}

// ownTime is what this process and those that it started and that have ended took of the processor; 0 where that is not told.
func ownTime() (all time.Duration) {
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if syscall.Getrusage(who, &u) == nil {
			all += time.Duration(u.Utime.Nano() + u.Stime.Nano())
		}
	}
	return all
}
