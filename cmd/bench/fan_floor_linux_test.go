//go:build amd64 || arm64

package main

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
	"golang.org/x/sys/unix"
)

// TestFloorsSendWhatViewersCanRead sends a frame to a viewer in each way; all of its packets arrive, each whole, and SRTP opens them.
func TestFloorsSendWhatViewersCanRead(t *testing.T) {
	host := netip.MustParseAddr("127.0.0.1")
	key := bareKey()
	var packets []*rtp.Packet
	for i, size := range []int{30, 1188, 1188, 1188, 700} {
		packets = append(packets, &rtp.Packet{Header: rtp.Header{SequenceNumber: uint16(i), Marker: i == 4}, Payload: bytes.Repeat([]byte{byte(i)}, size)})
	}
	for _, way := range []string{floorPlain, floorMany, floorCut} {
		t.Run(way, func(t *testing.T) {
			from, _, err := crowdSocket(host)
			if err != nil {
				t.Fatal(err)
			}
			defer unix.Close(from)
			to, at, err := crowdSocket(host)
			if err != nil {
				t.Fatal(err)
			}
			defer unix.Close(to)
			f, err := newFloor(floorPlan{Way: way, Key: key, Ports: [][]int{{int(at.Port())}}}, 0, from)
			if err != nil {
				t.Fatal(err)
			}
			f.send(packets, 3600)
			type datagram struct {
				b  []byte
				at int64
			}
			var came []datagram
			var inbox crowdInbox
			for late := time.Now().Add(10 * time.Second); len(came) < len(packets) && time.Now().Before(late); {
				_, _ = unix.Poll([]unix.PollFd{{Fd: int32(to), Events: unix.POLLIN}}, 100)
				n, _ := inbox.receive(to) // nothing is there yet
				for i := range n {
					b, arrived, _, _ := inbox.datagram(i)
					came = append(came, datagram{bytes.Clone(b), arrived})
				}
			}
			if len(came) != len(packets) {
				t.Fatalf("%d datagrams, want %d", len(came), len(packets))
			}
			in, err := srtp.CreateContext(key[:16], key[16:], srtp.ProtectionProfileAeadAes128Gcm)
			if err != nil {
				t.Fatal(err)
			}
			for i, d := range came {
				plain, err := in.DecryptRTP(nil, d.b, nil)
				if err != nil {
					t.Fatalf("packet %d: %v", i, err)
				}
				var p rtp.Packet
				if err := p.Unmarshal(plain); err != nil || !bytes.Equal(p.Payload, packets[i].Payload) || p.Marker != packets[i].Marker || p.Timestamp != 3600 {
					t.Errorf("packet %d came as %v (%v)", i, p.Header, err)
				}
				if age := time.Since(time.Unix(0, d.at)); age < 0 || age > time.Minute {
					t.Errorf("packet %d arrived %v ago", i, age)
				}
			}
		})
	}
}
