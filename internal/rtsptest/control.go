package rtsptest

import (
	"errors"
	"fmt"
	"time"
)

// Pause stops the packets and nothing else: connections stay, requests are answered, time goes on.
func (c *Camera) Pause() {
	c.mu.Lock()
	c.faults.paused = true
	c.mu.Unlock()
	c.nudge()
}

// Blind stops the pictures and nothing else: sound goes on, requests are answered.
func (c *Camera) Blind() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults.blind = true
}

// Resume undoes Pause, Blind and BlackHole. Connections that fell into the hole go on, and requests that waited are answered.
func (c *Camera) Resume() {
	c.mu.Lock()
	c.faults.paused, c.faults.blind = false, false
	c.mu.Unlock()
	c.gate.open()
	c.nudge()
}

// BlackHole is a pulled cable: TCP connections are still accepted (the kernel does that), but nothing is ever answered
// or sent, on old connections too. Resume ends it.
func (c *Camera) BlackHole() { c.gate.shut() }

// Kill switches the camera off: all connections are closed and new ones refused, until Restart. The port stays
// reserved. Killing a dead camera changes nothing.
func (c *Camera) Kill() error {
	return c.order(func() error {
		if c.station.Load() == nil {
			return nil
		}
		c.powerOff()
		return c.held.take(c.Address())
	})
}

// Restart switches the camera off and on again at the same port, like a reboot: every connection is closed, the RTP
// time stamps begin elsewhere, a black hole is over. Other faults and the frame counter stay.
func (c *Camera) Restart() error {
	return c.order(func() error {
		c.powerOff()
		c.held.release()
		c.gate.open()
		if err := c.powerOn(c.Address()); err != nil {
			return fmt.Errorf("restart the camera: %w", err)
		}
		return nil
	})
}

// Slow delays the answer to every RTSP request from now on. Zero ends it.
func (c *Camera) Slow(delay time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults.slow = delay
}

// RequireAuth demands a user name and a password from now on, method "basic" or "digest"; an empty user name lets
// everybody in. Sessions that play go on.
func (c *Camera) RequireAuth(username, password, method string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults.username, c.faults.password, c.faults.method = username, password, method
}

// TCPOnly answers 461 to any further SETUP for UDP.
func (c *Camera) TCPOnly() { c.limitTransport(true, false) }

// UDPOnly answers 461 to any further SETUP for TCP.
func (c *Camera) UDPOnly() { c.limitTransport(false, true) }

func (c *Camera) limitTransport(tcpOnly, udpOnly bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults.tcpOnly, c.faults.udpOnly = tcpOnly, udpOnly
}

// OneSession refuses any further session with 453 while one plays.
func (c *Camera) OneSession() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults.maxSessions = 1
}

// DropPackets loses the next n RTP packets of video on the way: their sequence numbers are used up, nobody gets them.
func (c *Camera) DropPackets(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults.drop += n
}

// JumpTimestamps shifts all further RTP time stamps, of video and sound, by delta; it may be negative.
func (c *Camera) JumpTimestamps(delta time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.timeline.shift += delta
}

// SwitchClip plays another clip from its beginning with the next frame, on the same connections: parameter sets,
// resolution and frame rate may change, codecs and tracks may not. The frame counter and the time stamps run on; the
// barcode begins anew.
func (c *Camera) SwitchClip(clip *Clip) error {
	if clip == nil {
		return errors.New("switch the clip: none given")
	}
	c.mu.Lock()
	old := c.timeline.clip.spec
	if old.Codec != clip.spec.Codec || old.NoVideo != clip.spec.NoVideo || old.Audio != clip.spec.Audio {
		c.mu.Unlock()
		return fmt.Errorf("switch the clip: from %s %s to %s %s in one session", old.Codec, old.Audio, clip.spec.Codec, clip.spec.Audio)
	}
	c.timeline = c.timeline.onto(clip, time.Now())
	c.mu.Unlock()
	if s := c.station.Load(); s != nil {
		s.describe(clip)
	}
	c.nudge()
	return nil
}
