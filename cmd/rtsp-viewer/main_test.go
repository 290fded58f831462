package main

import (
	"os"
	"testing"
)

// TestMain lets the test binary be a gateway or a camera in a network namespace (namespace_test.go).
func TestMain(m *testing.M) {
	switch os.Getenv(namespaceRole) {
	case "gateway":
		os.Exit(run(os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr))
	case "camera":
		os.Exit(cameraInNamespace())
	}
	os.Exit(m.Run())
}
