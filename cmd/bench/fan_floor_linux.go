//go:build amd64 || arm64

package main

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"sync"
	"unsafe"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/base"
	"github.com/bluenviron/gortsplib/v5/pkg/format"
	"github.com/bluenviron/gortsplib/v5/pkg/format/rtph264"
	"github.com/pion/rtp"
	"golang.org/x/sys/unix"

	"github.com/rtsp-viewer/rtsp-viewer/internal/srtpkey"
)

// Run pulls the plan's cameras and does with each frame what the plan says, until ctx ends. It says "ready" when each camera has sent one.
func (floorCommand) Run(ctx context.Context, con console) error {
	var p floorPlan
	if err := readPlan(os.Stdin, &p); err != nil {
		return err
	}
	fd, _, err := crowdSocket(netip.MustParseAddr("127.0.0.1"))
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, 4<<20)
	var first sync.WaitGroup
	for i, s := range p.Sources {
		f, err := newFloor(p, i, fd)
		if err != nil {
			return err
		}
		first.Add(1)
		closing, err := f.pull(s.Address, first.Done)
		if err != nil {
			return fmt.Errorf("pull camera %d: %w", i+1, err)
		}
		defer closing()
	}
	first.Wait()
	fmt.Fprintln(con.out, "ready")
	<-ctx.Done()
	return nil
}

// floor is a bare loop for one camera: what any gateway has to do at the least, in one goroutine, with all that can be prepared prepared.
type floor struct {
	way     string
	fd      int
	viewers []floorViewer
	encoder *rtph264.Encoder
	decoder *rtph264.Decoder
	sealed  []byte // one frame for one viewer, its packets after one another
	sizes   []int
	control [24]byte
	heads   []mmsghdr
	vectors []unix.Iovec
}

// floorViewer is where packets go, and their cipher.
type floorViewer struct {
	name   unix.RawSockaddrInet4
	ssrc   uint32
	secret cipher.AEAD
	salt   [12]byte
}

func newFloor(p floorPlan, camera, fd int) (*floor, error) {
	f := &floor{way: p.Way, fd: fd, sealed: make([]byte, 0, 1<<20)}
	if p.Way == floorPull {
		return f, nil
	}
	for i, port := range p.Ports[camera] {
		v := floorViewer{ssrc: uint32(camera)<<16 | uint32(i+1)}
		v.name = unix.RawSockaddrInet4{Family: unix.AF_INET, Addr: [4]byte{127, 0, 0, 1}}
		binary.BigEndian.PutUint16((*[2]byte)(unsafe.Pointer(&v.name.Port))[:], uint16(port))
		key, salt, err := srtpkey.Derive(p.Key[:16], p.Key[16:])
		if err != nil {
			return nil, err
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		if v.secret, err = cipher.NewGCM(block); err != nil {
			return nil, err
		}
		copy(v.salt[:], salt)
		f.viewers = append(f.viewers, v)
	}
	var low uint16
	f.encoder = &rtph264.Encoder{PayloadType: crowdVideo, PayloadMaxSize: floorPayload, PacketizationMode: 1, InitialSequenceNumber: &low}
	if err := f.encoder.Init(); err != nil {
		return nil, err
	}
	binary.NativeEndian.PutUint64(f.control[:], unix.SizeofCmsghdr+2)
	binary.NativeEndian.PutUint32(f.control[8:], unix.SOL_UDP)
	binary.NativeEndian.PutUint32(f.control[12:], unix.UDP_SEGMENT)
	f.heads, f.vectors = make([]mmsghdr, 1024), make([]unix.Iovec, 1024)
	return f, nil
}

// pull plays the camera over TCP. first is called with the first packet.
func (f *floor) pull(address string, first func()) (closing func(), err error) {
	u, err := base.ParseURL(address)
	if err != nil {
		return nil, err
	}
	tcp := gortsplib.ProtocolTCP
	c := &gortsplib.Client{Scheme: u.Scheme, Host: u.Host, Protocol: &tcp}
	if err := c.Start(); err != nil {
		return nil, err
	}
	desc, _, err := c.Describe(u)
	if err != nil {
		c.Close()
		return nil, err
	}
	var video *format.H264
	media := desc.FindFormat(&video)
	if media == nil {
		c.Close()
		return nil, fmt.Errorf("no H.264")
	}
	if f.decoder, err = video.CreateDecoder(); err == nil {
		_, err = c.Setup(desc.BaseURL, media, 0, 0)
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	var once sync.Once
	c.OnPacketRTP(media, video, func(p *rtp.Packet) {
		once.Do(first)
		if f.way == floorPull {
			return
		}
		units, err := f.decoder.Decode(p)
		if err != nil {
			return // the frame goes on, or has not begun
		}
		if packets, err := f.encoder.Encode(units); err == nil {
			f.send(packets, p.Timestamp)
		}
	})
	if _, err := c.Play(nil); err != nil {
		c.Close()
		return nil, err
	}
	return c.Close, nil
}

// send enciphers a frame for each viewer and sends it.
func (f *floor) send(packets []*rtp.Packet, stamp uint32) {
	for i := range f.viewers {
		v := &f.viewers[i]
		f.seal(v, packets, stamp)
		switch f.way {
		case floorPlain:
			f.plain(v)
		case floorMany:
			f.many(v)
		case floorCut:
			f.cut(v)
		}
	}
}

// seal writes a frame's packets for a viewer after one another.
func (f *floor) seal(v *floorViewer, packets []*rtp.Packet, stamp uint32) {
	f.sealed, f.sizes = f.sealed[:0], f.sizes[:0]
	for _, p := range packets {
		begin := len(f.sealed)
		marker := byte(0)
		if p.Marker {
			marker = 0x80
		}
		f.sealed = append(f.sealed, 0x80, marker|crowdVideo)
		f.sealed = binary.BigEndian.AppendUint16(f.sealed, p.SequenceNumber)
		f.sealed = binary.BigEndian.AppendUint32(f.sealed, stamp)
		f.sealed = binary.BigEndian.AppendUint32(f.sealed, v.ssrc)
		// The rollover counter stays 0: no floor is measured for as long as 65,536 packets, and all sequence numbers begin low.
		nonce := v.salt
		for i, b := range f.sealed[begin+8 : begin+12] {
			nonce[2+i] ^= b
		}
		nonce[10] ^= f.sealed[begin+2]
		nonce[11] ^= f.sealed[begin+3]
		f.sealed = v.secret.Seal(f.sealed, nonce[:], p.Payload, f.sealed[begin:begin+12])
		f.sizes = append(f.sizes, len(f.sealed)-begin)
	}
}

// plain sends one packet with one system call.
func (f *floor) plain(v *floorViewer) {
	for rest, i := f.sealed, 0; i < len(f.sizes); i++ {
		_, _, _ = unix.RawSyscall6(unix.SYS_SENDTO, uintptr(f.fd), uintptr(unsafe.Pointer(&rest[0])), uintptr(f.sizes[i]),
			unix.MSG_DONTWAIT, uintptr(unsafe.Pointer(&v.name)), unix.SizeofSockaddrInet4)
		rest = rest[f.sizes[i]:]
	}
}

// many sends a frame with one sendmmsg.
func (f *floor) many(v *floorViewer) {
	n := min(len(f.sizes), len(f.heads))
	for rest, i := f.sealed, 0; i < n; i++ {
		f.head(i, v, rest[:f.sizes[i]])
		rest = rest[f.sizes[i]:]
	}
	_, _, _ = unix.RawSyscall6(unix.SYS_SENDMMSG, uintptr(f.fd), uintptr(unsafe.Pointer(&f.heads[0])), uintptr(n), unix.MSG_DONTWAIT, 0, 0)
}

// head prepares a message.
func (f *floor) head(i int, v *floorViewer, b []byte) *unix.Msghdr {
	f.vectors[i].Base = &b[0]
	f.vectors[i].SetLen(len(b))
	h := &f.heads[i].header
	*h = unix.Msghdr{Name: (*byte)(unsafe.Pointer(&v.name)), Namelen: unix.SizeofSockaddrInet4, Iov: &f.vectors[i]}
	h.SetIovlen(1)
	return h
}

// floorRun is how many bytes the kernel takes in one call at most: an IP datagram's, before it is cut.
const floorRun = 65_000

// cut sends a frame with one sendmsg for each run of equal packets, the last of which may be shorter.
func (f *floor) cut(v *floorViewer) {
	for rest, i := f.sealed, 0; i < len(f.sizes); {
		size, bytes, n := f.sizes[i], f.sizes[i], 1
		for i+n < len(f.sizes) && f.sizes[i+n] <= size && bytes+f.sizes[i+n] <= floorRun && n < 64 {
			bytes += f.sizes[i+n]
			n++
			if f.sizes[i+n-1] < size {
				break
			}
		}
		h := f.head(0, v, rest[:bytes])
		if n > 1 {
			binary.NativeEndian.PutUint16(f.control[16:], uint16(size))
			h.Control = &f.control[0]
			h.SetControllen(len(f.control))
		}
		_, _, _ = unix.RawSyscall(unix.SYS_SENDMSG, uintptr(f.fd), uintptr(unsafe.Pointer(h)), unix.MSG_DONTWAIT)
		rest = rest[bytes:]
		i += n
	}
}
