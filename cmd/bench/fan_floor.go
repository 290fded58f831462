package main

import "context"

// The ways of a floor, each a bare loop before the real cameras.
const (
	floorPull    = "pull"     // a gortsplib client that discards the packets
	floorEncrypt = "encrypt"  // … enciphers each for each viewer, and discards them
	floorPlain   = "sendto"   // … sends them with a system call each
	floorMany    = "sendmmsg" // … with a sendmmsg for a frame and viewer
	floorCut     = "GSO"      // … with a sendmsg for a run of a frame's equal packets and viewer, which the kernel cuts
)

// floorPayload is how large a packet's payload is, as the gateway's are.
const floorPayload = 1188

// floorPlan says what a floor does. It crosses a pipe as JSON.
type floorPlan struct {
	Way     string   `json:"way"`
	Sources []source `json:"sources"`
	Ports   [][]int  `json:"ports"` // of each camera's viewers
	Key     []byte   `json:"key"`   // SRTP master key and salt
}

// floorCommand is a floor in a process of its own.
type floorCommand struct{}

// startFloor starts a floor, which runs until it is ended.
func startFloor(ctx context.Context, p floorPlan) (*child, error) {
	c, err := spawn("floor", "", p)
	if err != nil {
		return nil, err
	}
	c.name = "floor"
	if _, err := c.line(ctx, "ready"); err != nil {
		c.end()
		return nil, err
	}
	return c, nil
}
