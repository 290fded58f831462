package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// peer is another system that serves the same cameras by WHEP. It runs already.
type peer struct {
	name string
	url  string // {n} stands for the camera's number, from 1
}

// readPeer reads NAME=URL.
func readPeer(text string) (peer, error) {
	name, address, ok := strings.Cut(text, "=")
	u, err := url.Parse(strings.ReplaceAll(address, "{n}", "1"))
	if !ok || name == "" || err != nil || u.Host == "" || !strings.Contains(address, "{n}") {
		return peer{}, fmt.Errorf("--peer %q: wanted is NAME=URL with {n} for a camera's number", text)
	}
	return peer{name, address}, nil
}

// start finds the process that serves a peer's URL.
func (p peer) start() (*fanSystem, error) {
	u, err := url.Parse(strings.ReplaceAll(p.url, "{n}", "1"))
	if err != nil {
		return nil, err
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		return nil, fmt.Errorf("the URL of %s names no port", p.name)
	}
	pid, err := listenerAt(port)
	if err != nil {
		return nil, fmt.Errorf("find the process of %s: %w", p.name, err)
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		return nil, err
	}
	return &fanSystem{
		name:  p.name,
		child: &child{name: p.name, cmd: &exec.Cmd{Process: process}},
		join: func(camera, _ int) crowdJoin {
			return crowdJoin{URL: strings.ReplaceAll(p.url, "{n}", strconv.Itoa(camera+1))}
		},
	}, nil
}

// listenerAt gives the process that listens at a TCP port of this machine, from /proc (proc(5)).
func listenerAt(port int) (int, error) {
	sockets := make(map[string]bool)
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		text, err := os.ReadFile(table)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			f := strings.Fields(line)
			if len(f) < 10 || f[3] != "0A" { // LISTEN
				continue
			}
			_, local, _ := strings.Cut(f[1], ":")
			if b, err := hex.DecodeString(local); err == nil && len(b) == 2 && int(b[0])<<8|int(b[1]) == port {
				sockets["socket:["+f[9]+"]"] = true
			}
		}
	}
	files, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, file := range files {
		if name, err := os.Readlink(file); err == nil && sockets[name] {
			return strconv.Atoi(strings.Split(file, "/")[2])
		}
	}
	return 0, fmt.Errorf("nobody that this user may look at listens at TCP port %d", port)
}

// warmWithin bounds how long a peer may take until it serves all cameras.
const warmWithin = 20 * time.Second

// warm waits until a system serves cameras: a viewer of each was live.
func (s *fanSystem) warm(ctx context.Context, cameras int) error {
	crowd, err := startAudience("", "127.0.0.1")
	if err != nil {
		return err
	}
	defer crowd.end()
	late := time.Now().Add(warmWithin)
	for camera := 0; camera < cameras; {
		came, err := crowd.join(ctx, []crowdJoin{s.join(camera, 0)}, time.Nanosecond)
		switch {
		case err != nil:
			return err
		case came[0].Fault == "":
			camera++
		case time.Now().After(late):
			return errors.New(came[0].Fault)
		default:
			if err := pause(ctx, 200*time.Millisecond); err != nil {
				return err
			}
		}
	}
	return nil
}
