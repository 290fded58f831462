package hls

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Bounds of what is read of FFmpeg, in bytes.
const (
	maxHeader = 1 << 20  // a box that describes
	maxMedia  = 16 << 20 // a box that holds one picture
)

// errBoxes says that something is no ISO base media file (ISO/IEC 14496-12), or none as FFmpeg is asked for.
var errBoxes = errors.New("not the fragments that were asked for")

// boxReader reads boxes one after the other from a pipe.
type boxReader struct{ r *bufio.Reader }

func newBoxReader(r io.Reader) *boxReader { return &boxReader{bufio.NewReaderSize(r, 64<<10)} }

// next gives the next box's name and content, which is the caller's. It gives io.EOF between boxes only.
func (b *boxReader) next() (name string, body []byte, err error) {
	var head [8]byte
	if _, err = io.ReadFull(b.r, head[:]); err != nil {
		return "", nil, err
	}
	name = string(head[4:])
	size := uint64(binary.BigEndian.Uint32(head[:]))
	read := uint64(8)
	if size == 1 {
		var large [8]byte
		if _, err = io.ReadFull(b.r, large[:]); err != nil {
			return "", nil, cutShort(err)
		}
		size, read = binary.BigEndian.Uint64(large[:]), 16
	}
	limit := uint64(maxHeader)
	if name == "mdat" {
		limit = maxMedia
	}
	if size < read || size-read > limit {
		return "", nil, fmt.Errorf("%w: a box of %d bytes", errBoxes, size)
	}
	if body, err = b.body(int(size - read)); err != nil {
		return "", nil, cutShort(err)
	}
	return name, body, nil
}

// believed is how many bytes a box may claim to hold before they are seen.
const believed = 1 << 20

func (b *boxReader) body(size int) ([]byte, error) {
	body := make([]byte, min(size, believed))
	if _, err := io.ReadFull(b.r, body); err != nil || size == len(body) {
		return body, err
	}
	whole := bytes.NewBuffer(body)
	_, err := io.CopyN(whole, b.r, int64(size-len(body)))
	return whole.Bytes(), err
}

func cutShort(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// eachBox walks the boxes in b. What f gets lies in b.
func eachBox(b []byte, f func(name string, whole, body []byte) error) error {
	for len(b) > 0 {
		if len(b) < 8 {
			return errBoxes
		}
		size := uint64(binary.BigEndian.Uint32(b))
		if size < 8 || size > uint64(len(b)) {
			return errBoxes
		}
		if err := f(string(b[4:8]), b[:size:size], b[8:size:size]); err != nil {
			return err
		}
		b = b[size:]
	}
	return nil
}

// within gives the content of the first box of a path below b; nil if there is none.
func within(b []byte, path ...string) []byte {
	for _, name := range path {
		var found []byte
		_ = eachBox(b, func(n string, _, body []byte) error {
			if n == name && found == nil {
				found = body
			}
			return nil
		})
		if found == nil {
			return nil
		}
		b = found
	}
	return b
}

// box writes a box around its parts.
func box(name string, parts ...[]byte) []byte {
	size := 8
	for _, p := range parts {
		size += len(p)
	}
	b := make([]byte, 0, size)
	b = append(binary.BigEndian.AppendUint32(b, uint32(size)), name...)
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

// numbers writes 32-bit numbers.
func numbers(n ...uint32) []byte {
	b := make([]byte, 0, 4*len(n))
	for _, v := range n {
		b = binary.BigEndian.AppendUint32(b, v)
	}
	return b
}
