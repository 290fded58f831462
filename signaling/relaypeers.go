package signaling

import (
	"context"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
	"github.com/rtsp-viewer/rtsp-viewer/relay/peer"
)

// PeersOf gives the peers of the relay's endpoint.
func PeersOf(e *peer.Endpoint) Peers { return endpoint{e} }

type endpoint struct{ *peer.Endpoint }

// Open answers an offer.
func (e endpoint) Open(ctx context.Context, r PeerRequest) (Peer, error) {
	grouping := peer.Apart
	if r.Grouping == Together {
		grouping = peer.Together
	}
	p, err := e.Endpoint.Open(ctx, peer.Request{
		Key: relay.Key{Camera: r.Camera, Kind: r.Stream}, Offer: r.Offer, PageHost: r.PageHost, Grouping: grouping,
	})
	if err != nil {
		return nil, err
	}
	return relayPeer{p}, nil
}

type relayPeer struct{ *peer.Peer }

// AddCandidate takes one of the client's candidates.
func (p relayPeer) AddCandidate(c Candidate) error { return p.Peer.AddCandidate(peer.Candidate(c)) }

// Switch sends another stream in the same tracks.
func (p relayPeer) Switch(id camera.ID, stream camera.StreamKind) error {
	return p.Peer.Switch(relay.Key{Camera: id, Kind: stream})
}

// Snapshot tells how the viewer is doing now.
func (p relayPeer) Snapshot() Snapshot {
	s := p.Peer.Snapshot()
	return Snapshot{
		Connection: string(s.Connection), Camera: s.Key.Camera, Stream: s.Key.Kind, Status: string(s.State.Status), Since: s.State.Since, Code: s.State.Code,
		Params: s.State.Params, RetryAt: s.State.RetryAt, FrameInterval: s.State.FrameInterval, Audio: s.AudioPlayable,
		Width: s.State.Media.Width, Height: s.State.Media.Height,
	}
}
