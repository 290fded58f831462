// Package peer is one viewer over WebRTC: a pion peer connection fed from a stream of the relay.
//
// It owns the one port on which all viewers arrive (a UDP socket per local address, ICE over TCP on the same number), the
// answers to browsers' offers, and for every viewer the way from frames to packets on the wire: its own sequence numbers and
// timestamps, the paced replay that makes the first picture come at once, resends and keyframes out of the relay's ring, sender
// reports, and what the viewer reports back.
//
// It refuses to wait for a camera (the answer to an offer comes at once), to send different bytes under one SSRC and sequence
// number (SRTP's nonce is made of them), to block on a full socket (the packet is dropped and counted), to keep a copy of any
// packet (resends are rebuilt from the ring), and to talk to STUN servers outside.
//
// It runs, inside Endpoint.Run, which itself looks for new local addresses: two goroutines per address, UDP and TCP; per stream that is watched a
// round, or one for each core, that goes from viewer to viewer when a frame has come; per viewer one for all else that is to be sent (replays,
// resends, reports), one per track that reads what RTCP is left to pion, and those of pion. The goroutine of a UDP address takes viewers' reports itself.
// Peer.Close and the end of Run wait for them.
package peer
