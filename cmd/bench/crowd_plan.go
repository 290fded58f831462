package main

import "time"

// crowdOrder is one line on the standard input of a crowd, a process that holds many viewers; a crowdAnswer on its output follows each.
type crowdOrder struct {
	Do      string        `json:"do"`      // join, bare, mark or read
	Joins   []crowdJoin   `json:"joins"`   // join: who, and where
	Within  time.Duration `json:"within"`  // join: evenly over this time; 0: as many as may at once
	Viewers int           `json:"viewers"` // bare: sockets of viewers without ICE and DTLS, for floors
	Key     []byte        `json:"key"`     // bare: SRTP master key and salt of all
}

// crowdJoin is one viewer to be.
type crowdJoin struct {
	URL    string `json:"url"`    // of WHEP; empty: by the WebSocket
	Page   string `json:"page"`   // the gateway's URL, for the WebSocket
	Camera string `json:"camera"` // its id, for the WebSocket
	Token  string `json:"token"`  // empty: none is asked for
}

// crowdAnswer is what a crowd says.
type crowdAnswer struct {
	Fault  string      `json:"fault"`
	Joined []opening   `json:"joined"` // join: what it was like, in the order of the joins
	Ports  []int       `json:"ports"`  // bare: on 127.0.0.1
	Window crowdWindow `json:"window"` // read
}

// crowdWindow is what all viewers of a crowd got since mark.
type crowdWindow struct {
	Took    time.Duration `json:"took"`
	CPU     time.Duration `json:"cpu"` // of the crowd itself
	Frames  int           `json:"frames"`
	Lost    int           `json:"lost"` // pictures that the camera sent and a viewer did not get
	Packets int           `json:"packets"`
	Bytes   int           `json:"bytes"` // of UDP payload
	Resends int           `json:"resends"`
	Drift   time.Duration `json:"drift"` // of the clock of the stamps against the monotonic one
	Median  time.Duration `json:"median"`
	P95     time.Duration `json:"p95"`
	P99     time.Duration `json:"p99"`
	Max     time.Duration `json:"max"`
	Silent  int           `json:"silent"` // viewers that got no picture
	Ended   int           `json:"ended"`  // viewers whose connection the other side closed
	Viewers int           `json:"viewers"`
}
