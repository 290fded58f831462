package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// The names of what is measured.
const (
	systemOurs = "RTSP Viewer"
	systemMTX  = "MediaMTX"
)

// fanSystem is something that pulls cameras and serves viewers: the gateway or a peer.
type fanSystem struct {
	name    string
	child   *child // whose processor time and memory count
	join    func(camera, viewer int) crowdJoin
	figures func(ctx context.Context) map[string]float64 // what it tells about itself; nil: nothing
	people  people                                       // of the gateway
	undo    []func()
}

func (s *fanSystem) end() {
	for i := len(s.undo) - 1; i >= 0; i-- {
		s.undo[i]()
	}
	s.undo = nil
}

// viewsOfOne is how many views a user of the bench has: the most that the gateway allows.
const viewsOfOne = 64

// fanOptions say how a gateway runs.
type fanOptions struct {
	env     []string
	plain   bool // as on a system without UDP GSO
	page    bool // viewers come by the WebSocket
	viewers int  // at most
}

// startOurs starts the gateway before cameras.
func startOurs(ctx context.Context, paths programs, dir string, sources []source, o fanOptions) (_ *fanSystem, err error) {
	s := &fanSystem{name: systemOurs}
	defer func() {
		if err != nil {
			s.end()
		}
	}()
	const host = "127.0.0.1"
	if dir, err = os.MkdirTemp(dir, "gateway-"); err != nil {
		return nil, err
	}
	as := order{path: paths.gateway}
	if o.plain {
		if as, err = withoutGSO(paths.gateway); err != nil {
			return nil, err
		}
	}
	// People sign in to a first process: what their passwords' hashes take of memory (64 MB each) would be told as the viewers'.
	first, err := startGateway(ctx, paths.gateway, "", host, dir, nil)
	if err != nil {
		return nil, err
	}
	s.people, err = setUp(ctx, first.url, sources, o.viewers)
	first.end()
	if err != nil {
		return nil, err
	}
	g, err := startGatewayAs(ctx, as, host, dir, o.env)
	if err != nil {
		return nil, err
	}
	s.child, s.people.URL = g.child, g.url
	s.undo = append(s.undo, g.end)
	s.join = s.people.joins(o.page)
	s.figures = func(ctx context.Context) map[string]float64 { return metricsOf(ctx, g.url, s.people.Tokens[0]) }
	return s, nil
}

// people is who may watch which cameras of a gateway.
type people struct {
	URL     string   `json:"url"`
	Tokens  []string `json:"tokens"`
	Cameras []string `json:"cameras"`
}

// setUp adds cameras and as many users as viewers need.
func setUp(ctx context.Context, url string, sources []source, viewers int) (people, error) {
	p := people{URL: url}
	admin, err := signIn(ctx, url)
	if err != nil {
		return p, err
	}
	p.Tokens = append(p.Tokens, admin)
	for n := 1; n*viewsOfOne < viewers; n++ {
		login := "bench" + strconv.Itoa(n)
		var ignored, answer struct {
			AccessToken string `json:"access_token"`
		}
		err := ask(ctx, http.MethodPost, url+"/api/v1/users", admin, map[string]string{"login": login, "password": password, "role": "moderator"}, &ignored)
		if err == nil {
			err = ask(ctx, http.MethodPost, url+"/api/v1/auth/login", "", map[string]string{"login": login, "password": password}, &answer)
		}
		if err != nil {
			return p, fmt.Errorf("add a user: %w", err)
		}
		p.Tokens = append(p.Tokens, answer.AccessToken)
	}
	for i, s := range sources {
		id, err := addCamera(ctx, url, admin, s)
		if err != nil {
			return p, fmt.Errorf("add camera %d: %w", i+1, err)
		}
		p.Cameras = append(p.Cameras, id)
	}
	return p, nil
}

// joins says how viewers come: by the WebSocket as a page does, or by WHEP.
func (p people) joins(page bool) func(camera, viewer int) crowdJoin {
	return func(camera, viewer int) crowdJoin {
		token := p.Tokens[viewer/viewsOfOne]
		if page {
			return crowdJoin{Page: p.URL, Camera: p.Cameras[camera], Token: token}
		}
		return crowdJoin{URL: p.URL + "/api/v1/cameras/" + p.Cameras[camera] + "/whep", Token: token}
	}
}

// metricsOf reads the gateway's page of metrics; nil if it can't be read.
func metricsOf(ctx context.Context, url, token string) map[string]float64 {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/metrics", nil)
	if err != nil {
		return nil
	}
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil
	}
	defer answer.Body.Close()
	all := map[string]float64{}
	for in := bufio.NewScanner(answer.Body); in.Scan(); {
		name, value, ok := strings.Cut(in.Text(), " ")
		if v, err := strconv.ParseFloat(value, 64); ok && err == nil {
			all[name] = v
		}
	}
	return all
}

// startMediaMTX starts a MediaMTX before cameras, with a configuration of its own, on loopback and free ports.
func startMediaMTX(ctx context.Context, path, dir string, sources []source) (_ *fanSystem, err error) {
	s := &fanSystem{name: systemMTX}
	defer func() {
		if err != nil {
			s.end()
		}
	}()
	web, media, err := freePorts()
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "logLevel: warn\nrtsp: no\nrtmp: no\nhls: no\nsrt: no\napi: no\nwebrtc: yes\nwebrtcAddress: 127.0.0.1:%d\n", web)
	fmt.Fprintf(&b, "webrtcLocalUDPAddress: 127.0.0.1:%d\nwebrtcIPsFromInterfaces: no\nwebrtcAdditionalHosts: [127.0.0.1]\npaths:\n", media)
	for i, c := range sources {
		fmt.Fprintf(&b, "  cam%d:\n    source: %s\n    rtspTransport: tcp\n    sourceOnDemand: no\n", i+1, c.Address)
	}
	if dir, err = os.MkdirTemp(dir, "mediamtx-"); err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "mediamtx.yml")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		return nil, err
	}
	if s.child, err = (order{name: systemMTX, path: path, args: []string{file}}).start(); err != nil {
		return nil, err
	}
	go func() {
		for range s.child.lines { // its log
		}
	}()
	s.undo = append(s.undo, s.child.end)
	url := "http://" + hostPort("127.0.0.1", web)
	s.join = func(camera, _ int) crowdJoin { return crowdJoin{URL: fmt.Sprintf("%s/cam%d/whep", url, camera+1)} }
	return s, s.await(ctx, hostPort("127.0.0.1", web))
}

// await waits until a system listens.
func (s *fanSystem) await(ctx context.Context, address string) error {
	for late := time.Now().Add(20 * time.Second); ; {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-s.child.ended:
			return fmt.Errorf("%s ended: %w: %s", s.name, s.child.err, s.child.stderr)
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(late) {
			return fmt.Errorf("%s does not listen: %w", s.name, err)
		}
	}
}

// freePorts finds a free TCP and a free UDP port of loopback.
func freePorts() (tcp, udp int, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, 0, err
	}
	defer l.Close()
	u, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return 0, 0, err
	}
	defer u.Close()
	return l.Addr().(*net.TCPAddr).Port, u.LocalAddr().(*net.UDPAddr).Port, nil
}
