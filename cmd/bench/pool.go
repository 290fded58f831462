package main

import (
	"context"
	"fmt"
	"net"
	"sync"

	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v4"
)

// pool opens views with pion, all over one page's socket or by WHEP. Unlike a browser it decodes nothing: what it measures is the gateway and the
// network.
type pool struct {
	plan  plan
	token string
	page  *page // nil: WHEP
}

func newPool(ctx context.Context, p plan) (*pool, error) {
	if len(p.WHEP) > 0 {
		return &pool{plan: p}, nil
	}
	token, err := signIn(ctx, p.URL)
	if err != nil {
		return nil, err
	}
	on, err := openPage(ctx, p.URL, token)
	if err != nil {
		return nil, err
	}
	return &pool{plan: p, token: token, page: on}, nil
}

func (p *pool) close() {
	if p.page != nil {
		p.page.close()
	}
}

// open opens tiles at once.
func (p *pool) open(ctx context.Context, n int, cameras []int) []opening {
	from := ""
	if len(p.plan.Addresses) > 0 {
		from = p.plan.Addresses[n%len(p.plan.Addresses)]
	}
	all := make([]opening, len(cameras))
	var wg sync.WaitGroup
	for i, camera := range cameras {
		wg.Go(func() {
			t, err := p.watchNth(ctx, camera, from)
			if err != nil {
				all[i].Fault = err.Error()
				return
			}
			all[i] = t.outcome(ctx)
			t.close()
		})
	}
	wg.Wait()
	return all
}

// watchNth opens the n-th camera of the plan.
func (p *pool) watchNth(ctx context.Context, n int, from string) (*tile, error) {
	if len(p.plan.WHEP) > 0 {
		return p.watchWHEP(ctx, p.plan.WHEP[n])
	}
	return p.watch(ctx, p.plan.Cameras[n], from)
}

// api makes peer connections without pion's own asking for lost packets, which knows no round trip and asks too often; tiles see to it. from is the local address to use, if not any.
func (p *pool) api(from string) (*webrtc.API, error) {
	var settings webrtc.SettingEngine
	settings.SetIncludeLoopbackCandidate(true)
	// pion takes 64 by itself and throws away all that is sent again later than that; browsers take 1024.
	settings.SetSRTPReplayProtectionWindow(1024)
	if from != "" {
		settings.SetIPFilter(func(ip net.IP) bool { return ip.String() == from })
	}
	media := &webrtc.MediaEngine{}
	if err := media.RegisterDefaultCodecs(); err != nil {
		return nil, fmt.Errorf("register codecs: %w", err)
	}
	registry := &interceptor.Registry{}
	if err := webrtc.ConfigureRTCPReports(registry); err != nil {
		return nil, fmt.Errorf("configure reports: %w", err)
	}
	media.RegisterFeedback(webrtc.RTCPFeedback{Type: "nack"}, webrtc.RTPCodecTypeVideo)
	media.RegisterFeedback(webrtc.RTCPFeedback{Type: "nack", Parameter: "pli"}, webrtc.RTPCodecTypeVideo)
	return webrtc.NewAPI(webrtc.WithSettingEngine(settings), webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(registry)), nil
}
