package relay

import (
	"fmt"
	"log/slog"
	"testing"
)

// BenchmarkPublish is the cost of one access unit of 8 packets, from RTP packets of the camera to the cursors of n readers.
func BenchmarkPublish(b *testing.B) {
	for _, n := range []int{1, 10, 200} {
		b.Run(fmt.Sprintf("readers=%d", n), func(b *testing.B) {
			r, err := New(Options{Addresses: &book{}, Source: newScript(), Logger: slog.New(slog.DiscardHandler)})
			if err != nil {
				b.Fatal(err)
			}
			readers := make([]*Reader, n)
			for i := range readers {
				if readers[i], err = r.Read(Key{"a", "main"}); err != nil {
					b.Fatal(err)
				}
			}
			s := r.find(Key{"a", "main"})
			c := (&call{in: s.feed.begin(), ctx: b.Context()}).describe()
			b.ReportAllocs()
			for i := range b.N {
				typ := byte(nalSlice)
				if i%50 == 0 {
					typ = nalIDR
				}
				c.frame(typ, 9000, 3600)
				for _, r := range readers {
					for {
						if _, ok := r.Next(); !ok {
							break
						}
					}
				}
			}
		})
	}
}
