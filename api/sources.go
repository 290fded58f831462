package api

import (
	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

// sources gives the figures of every part that has some. No camera has a label of its own: with thousands of them the page of metrics
// would be larger than what it measures.
func (o Options) sources() []source {
	all := []source{relaySource(o.Relay), o.viewersSource()}
	if o.EventLog != nil {
		all = append(all, o.eventSource())
	}
	if o.Peers != nil {
		all = append(all, o.peerSource())
	}
	if o.Sockets != nil {
		all = append(all, func() []sample {
			return []sample{gauge("signaling_sockets", "WebSockets of pages now.", float64(o.Sockets()))}
		})
	}
	return all
}

func relaySource(r *relay.Relay) source {
	statuses := []relay.Status{relay.Connecting, relay.Live, relay.Stalled, relay.Refused, relay.Unsupported}
	return func() []sample {
		s := r.Stats()
		count := map[relay.Status]float64{}
		var readers float64
		for _, stream := range s.Streams {
			count[stream.Status]++
			readers += float64(stream.Readers)
		}
		out := []sample{
			gauge("stream_readers", "Readers of all streams.", readers),
			gauge("cache_bytes", "Bytes in the rings of all streams.", float64(s.CacheBytes)),
			gauge("cache_limit_bytes", "What the rings may hold together.", float64(s.CacheLimit)),
			gauge("loopback_clients", "Clients of the loopback RTSP server.", float64(s.Loopback)),
			counter("camera_sessions", "Sessions with cameras since the start.", float64(s.Sessions)),
		}
		for _, status := range statuses {
			out = append(out, gauge("streams", "Streams being pulled, by status.", count[status]).of("status", string(status)))
		}
		return out
	}
}

func (o Options) viewersSource() source {
	return func() []sample {
		s := o.Viewers.Stats()
		var out []sample
		for transport, n := range s.Now {
			out = append(out, gauge("views", "Views of this process now.", float64(n)).of("transport", string(transport)))
		}
		for transport, n := range s.Opened {
			out = append(out, counter("views_opened", "Views opened.", float64(n)).of("transport", string(transport)))
		}
		for code, n := range s.Refused {
			out = append(out, counter("views_refused", "Views refused, by code.", float64(n)).of("code", code))
		}
		for code, n := range s.Ended {
			out = append(out, counter("views_ended", "Views ended, by code.", float64(n)).of("code", code))
		}
		return out
	}
}

func (o Options) eventSource() source {
	return func() []sample {
		s := o.EventLog()
		return []sample{
			gauge("events_queued", "Events waiting for the store.", float64(s.Queued)),
			counter("events_written", "Events that the store has taken.", float64(s.Written)),
			counter("events_dropped", "Events lost.", float64(s.Dropped)),
		}
	}
}

func (o Options) peerSource() source {
	return func() []sample {
		s := o.Peers()
		return []sample{
			gauge("webrtc_peers", "WebRTC viewers now.", float64(s.Peers)),
			counter("webrtc_peers_opened", "WebRTC viewers since the start.", float64(s.Opened)),
			counter("webrtc_datagrams_sent", "Datagrams handed to the kernel.", float64(s.Sent)),
			counter("webrtc_send_calls", "System calls that it took.", float64(s.SendCalls)),
			counter("webrtc_datagrams_dropped", "Datagrams dropped because a socket's buffer was full.", float64(s.SendDropped)),
			counter("webrtc_datagrams_failed", "Datagrams that the kernel refused otherwise.", float64(s.SendFailed)),
			counter("webrtc_resent", "Packets sent again because a viewer asked.", float64(s.Resent)),
			counter("webrtc_replays", "Runs of kept packets sent.", float64(s.Replays)),
			counter("webrtc_keyframe_requests", "Keyframe requests from viewers.", float64(s.KeyframeReqs)),
		}
	}
}
