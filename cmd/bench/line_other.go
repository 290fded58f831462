//go:build !linux

package main

import "context"

// line is a slow line between two hosts, which only Linux can make.
type line struct{ near, far string }

func canMakeLines() bool { return false }

func newLine(context.Context, network, int) (*line, error) { return nil, errNoNetworks }

func (*line) close() {}
