package main

import (
	"errors"
	"fmt"
	"time"
)

// network is the line between the gateway and the players; the zero value is loopback.
type network struct {
	rate  int           // bits a second each way
	delay time.Duration // each way
	queue int           // bytes that wait before the line at most; what exceeds them is lost
}

// narrow is the bad network of the promises: ten megabits, and a round trip of 60 ms, with a home router's queue of 100 ms.
var narrow = network{rate: 10_000_000, delay: 30 * time.Millisecond, queue: 125_000}

func (n network) String() string {
	if n.rate == 0 {
		return "loopback"
	}
	return fmt.Sprintf("%d Mbit/s, %v each way", n.rate/1_000_000, n.delay)
}

// errNoNetworks says that lines other than loopback can't be made here.
var errNoNetworks = errors.New("network namespaces need Linux, root, and the programs ip and tc")

// Addresses at both ends of a line. Players may use any that nomad gives.
const (
	nearHost = "10.77.0.1"
	farHost  = "10.77.0.2"
)

// nomad gives the n-th address of the players' end beside farHost: one that the gateway has not seen before.
func nomad(n int) string { return fmt.Sprintf("10.77.%d.%d", 1+n/250, 1+n%250) }
