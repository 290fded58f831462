//go:build amd64 || arm64

package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// crowd is many viewers on one thread. Each has a socket, an ICE agent that knows one pair, DTLS and SRTP by pion, and reports as browsers
// do; none keeps or decodes pictures. Packets are deciphered only until a frame's stamp is found.
type crowd struct {
	host        netip.Addr
	certificate tls.Certificate
	fingerprint string
	client      *http.Client
	waits       crowdWaits
	ended       chan struct{} // closed when loop has returned

	mu      sync.Mutex
	viewers map[int]*crowdViewer // by descriptor
	pages   map[string]*page     // by token
	window  crowdTally
	over    bool
}

// crowdTally is what came since a mark.
type crowdTally struct {
	since   time.Time
	cpu     time.Duration
	ages    []time.Duration
	lost    int
	packets int
	bytes   int
	resends int
}

func newCrowd(host netip.Addr) (*crowd, error) {
	c := &crowd{host: host, ended: make(chan struct{}), viewers: make(map[int]*crowdViewer), pages: make(map[string]*page),
		client: &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: 128}}}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	c.certificate = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	var parts []string
	for _, b := range sha256.Sum256(der) {
		parts = append(parts, fmt.Sprintf("%02X", b))
	}
	c.fingerprint = strings.Join(parts, ":")
	if c.waits, err = newCrowdWaits(); err != nil {
		return nil, err
	}
	c.window.since = time.Now()
	return c, nil
}

const (
	// crowdRest is how long the crowd lets datagrams gather once all its viewers play. What came when, the kernel notes.
	crowdRest = 2 * time.Millisecond
	// crowdTick is how often reports and resends are thought of.
	crowdTick = 20 * time.Millisecond
)

// loop reads all sockets until close.
func (c *crowd) loop() {
	defer close(c.ended)
	runtime.LockOSThread() // its waits are the kernel's, not the scheduler's
	defer runtime.UnlockOSThread()
	var inbox crowdInbox
	events := make([]unix.EpollEvent, 512)
	var ticked time.Time
	for {
		ready := c.waits.wait(events, crowdTick)
		c.mu.Lock()
		if c.over {
			c.mu.Unlock()
			return
		}
		joining := false
		for _, e := range ready {
			v := c.viewers[int(e.Fd)]
			if v == nil {
				continue
			}
			for n := crowdBatch; n == crowdBatch; {
				n, _ = inbox.receive(v.fd)
				for i := range n {
					b, at, from, port := inbox.datagram(i)
					v.take(b, at, from, port)
				}
			}
		}
		now := time.Now()
		if tick := now.Sub(ticked) >= crowdTick; tick {
			ticked = now
			for _, v := range c.viewers {
				v.tick(now)
				joining = joining || v.joining()
			}
		}
		c.mu.Unlock()
		if !joining {
			rest := unix.NsecToTimespec(int64(crowdRest))
			_ = unix.Nanosleep(&rest, nil)
		}
	}
}

// close ends all viewers and the loop.
func (c *crowd) close() {
	c.mu.Lock()
	all := make([]*crowdViewer, 0, len(c.viewers))
	for _, v := range c.viewers {
		all = append(all, v)
	}
	pages := c.pages
	c.pages = map[string]*page{}
	c.mu.Unlock()
	for _, v := range all {
		v.hangUp()
	}
	for _, p := range pages {
		p.close()
	}
	c.mu.Lock()
	c.over = true
	c.mu.Unlock()
	<-c.ended
	for _, v := range all {
		_ = unix.Close(v.fd)
	}
	c.waits.close()
}

// add makes a viewer's socket and lets the loop read it.
func (c *crowd) add() (*crowdViewer, error) {
	fd, at, err := crowdSocket(c.host)
	if err != nil {
		return nil, err
	}
	v := newCrowdViewer(c, fd, at)
	c.mu.Lock()
	c.viewers[fd] = v
	c.mu.Unlock()
	if err := c.waits.add(fd); err != nil {
		return nil, fmt.Errorf("wait at a viewer's socket: %w", err)
	}
	return v, nil
}

// joinAtOnce bounds how many viewers join at once if nothing is said of their time.
const joinAtOnce = 16

// join lets viewers come and tells what it was like for each.
func (c *crowd) join(ctx context.Context, joins []crowdJoin, within time.Duration) []opening {
	all := make([]opening, len(joins))
	var wg sync.WaitGroup
	places := make(chan struct{}, len(joins))
	if within == 0 {
		places = make(chan struct{}, joinAtOnce)
	}
	began := time.Now()
	for i, j := range joins {
		if within > 0 {
			time.Sleep(time.Until(began.Add(within * time.Duration(i) / time.Duration(len(joins)))))
		}
		places <- struct{}{}
		wg.Go(func() {
			defer func() { <-places }()
			v, err := c.add()
			if err != nil {
				all[i].Fault = err.Error()
				return
			}
			all[i] = v.open(ctx, j)
		})
	}
	wg.Wait()
	return all
}

// pageOf gives the page's socket of somebody signed in.
func (c *crowd) pageOf(ctx context.Context, url, token string) (*page, error) {
	c.mu.Lock()
	p := c.pages[token]
	c.mu.Unlock()
	if p != nil {
		return p, nil
	}
	p, err := openPage(ctx, url, token)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if other := c.pages[token]; other != nil {
		go p.close() // another viewer was sooner
		return other, nil
	}
	c.pages[token] = p
	return p, nil
}

// mark begins a window.
func (c *crowd) mark() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.window = crowdTally{since: time.Now(), cpu: ownTime(), ages: c.window.ages[:0]}
	for _, v := range c.viewers {
		v.got = 0
	}
}

// read gives what came since the mark.
func (c *crowd) read() crowdWindow {
	c.mu.Lock()
	ages := slices.Clone(c.window.ages)
	w := crowdWindow{Lost: c.window.lost, Packets: c.window.packets, Bytes: c.window.bytes, Resends: c.window.resends,
		Took: time.Since(c.window.since), CPU: ownTime() - c.window.cpu, Viewers: len(c.viewers), Frames: len(ages)}
	w.Drift = time.Now().Round(0).Sub(c.window.since.Round(0)) - w.Took
	for _, v := range c.viewers {
		if v.got == 0 {
			w.Silent++
		}
		if v.gone {
			w.Ended++
		}
	}
	c.mu.Unlock()
	if len(ages) > 0 {
		s := spreadOfValues(ages)
		w.Median, w.P95, w.Max, w.P99 = s.median, s.p95, s.max, quantile(ages, 0.99)
	}
	return w
}

// crowdCommand is a crowd in a process of its own.
type crowdCommand struct {
	Host string `default:"127.0.0.1"`
}

// Run does what lines on standard input say until it ends.
func (c crowdCommand) Run(ctx context.Context, con console) error {
	host, err := netip.ParseAddr(c.Host)
	if err != nil {
		return err
	}
	all, err := newCrowd(host)
	if err != nil {
		return err
	}
	go all.loop()
	defer all.close()
	orders := make(chan crowdOrder)
	broken := make(chan error, 1)
	go func() {
		in := json.NewDecoder(os.Stdin)
		for {
			var o crowdOrder
			if err := in.Decode(&o); err != nil {
				broken <- err
				return
			}
			orders <- o
		}
	}()
	answer := json.NewEncoder(con.out)
	for {
		select {
		case o := <-orders:
			if err := answer.Encode(all.obey(ctx, o)); err != nil {
				return err
			}
		case <-broken: // who gave the orders is gone or has no more
			return nil
		case <-ctx.Done():
			return nil
		}
	}
}

func (c *crowd) obey(ctx context.Context, o crowdOrder) (a crowdAnswer) {
	switch o.Do {
	case "join":
		a.Joined = c.join(ctx, o.Joins, o.Within)
	case "bare":
		for range o.Viewers {
			v, err := c.add()
			if err == nil {
				err = v.key(o.Key, nil)
			}
			if err != nil {
				return crowdAnswer{Fault: err.Error()}
			}
			a.Ports = append(a.Ports, int(v.local.Port()))
		}
	case "mark":
		c.mark()
	case "read":
		a.Window = c.read()
	default:
		a.Fault = errors.New("there is no order " + o.Do).Error()
	}
	return a
}
