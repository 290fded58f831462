//go:build !linux || (!amd64 && !arm64)

package main

import (
	"context"
	"errors"
)

// errFanOut says where many viewers can be measured.
var errFanOut = errors.New("measuring many viewers needs Linux on amd64 or arm64")

func canFanOut() error { return errFanOut }

func withoutGSO(string) (order, error) { return order{}, errFanOut }

// plainCommand needs Linux.
type plainCommand struct{}

// Run fails.
func (plainCommand) Run() error { return errFanOut }

// crowdCommand needs Linux.
type crowdCommand struct {
	Host string `default:"127.0.0.1"`
}

// Run fails.
func (crowdCommand) Run(context.Context, console) error { return errFanOut }

// Run fails.
func (floorCommand) Run(context.Context, console) error { return errFanOut }
