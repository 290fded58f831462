package main

// streetHost is the gateway's address at home.
const streetHost = "10.77.1.1"

// street is another host, behind a line of its own.
type street struct{ space, host string }

// streets are a home, where gateway, cameras and healthy viewers live, and two hosts behind bad lines: one is too narrow for what is asked over
// it, the other loses packets.
type streets struct {
	home        string
	slow, lossy street
}

// What the lines are like.
const (
	slowRate  = "4mbit" // for ten viewers of 2 Mbit/s
	lossyPart = 5       // of a hundred packets are lost
)
