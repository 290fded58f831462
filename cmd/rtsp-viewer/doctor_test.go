package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDoctorNamesWhatFails beside a running gateway that is well, then with the wrong keys and a taken port.
func TestDoctorNamesWhatFails(t *testing.T) {
	g := startGateway(t)
	dir := g.app.config.DataDir
	code, out, errOut := typed("", "doctor", "--data-dir", dir, "--listen", g.app.Addr().String(), "--webrtc-port", "0")
	if code != 0 || strings.Contains(out, "fail") || !strings.Contains(out, "a gateway answers") || !strings.Contains(out, "they open what is sealed") {
		t.Errorf("of a gateway that is well: exit code %d: %q\n%s", code, errOut, out)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, encryptionKeysFile)); err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	go func() { // a program that is no gateway
		for {
			c, err := taken.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	code, out, _ = typed("", "doctor", "--data-dir", dir, "--listen", taken.Addr().String(), "--webrtc-port", "0")
	if code != 1 || !strings.Contains(out, "is taken by another program") || !strings.Contains(out, "put back encryption-keys") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
}
