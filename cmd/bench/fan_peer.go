package main

// peer is another system that serves the same cameras by WHEP.
type peer struct{ name, url string }
