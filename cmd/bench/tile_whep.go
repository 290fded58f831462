package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/pion/webrtc/v4"
)

// watchWHEP opens a camera in a new tile by WHEP: the offer has all candidates, as the protocol's players do it. The click is where it begins.
func (p *pool) watchWHEP(ctx context.Context, j crowdJoin) (*tile, error) {
	t, err := p.newTile("")
	if err != nil {
		return nil, err
	}
	if err := t.beginWHEP(ctx, j); err != nil {
		return nil, errors.Join(err, t.pc.Close())
	}
	return t, nil
}

func (t *tile) beginWHEP(ctx context.Context, j crowdJoin) error {
	gathered := webrtc.GatheringCompletePromise(t.pc)
	offer, err := t.pc.CreateOffer(nil)
	if err != nil {
		return fmt.Errorf("make an offer: %w", err)
	}
	if err := t.pc.SetLocalDescription(offer); err != nil {
		return err
	}
	<-gathered
	sdp, err := postOffer(ctx, http.DefaultClient, j, t.pc.LocalDescription().SDP)
	if err != nil {
		return err
	}
	close(t.offered)
	t.answer(sdp)
	return nil
}

// postOffer gets an answer by WHEP.
func postOffer(ctx context.Context, with *http.Client, j crowdJoin, offer string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, j.URL, strings.NewReader(offer))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/sdp")
	if j.Token != "" {
		r.Header.Set("Authorization", "Bearer "+j.Token)
	}
	answer, err := with.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<16))
	if err != nil {
		return "", fmt.Errorf("read the answer: %w", err)
	}
	if answer.StatusCode/100 != 2 {
		return "", fmt.Errorf("WHEP: %s: %.300s", answer.Status, text)
	}
	return string(text), nil
}
