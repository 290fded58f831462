//go:build !linux

package main

import "context"

func canMakeStreets() bool { return false }

func newStreets(context.Context) (*streets, error) { return nil, errNoNetworks }

func (*streets) close() {}
