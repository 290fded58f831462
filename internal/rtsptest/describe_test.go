package rtsptest_test

import (
	"slices"
	"testing"
	"time"

	"github.com/bluenviron/gortsplib/v5/pkg/description"
	"github.com/bluenviron/gortsplib/v5/pkg/format"

	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

func TestADescriptionMaySayOtherThanWhatIsSent(t *testing.T) {
	cam := rtsptest.Start(t, small(1), func(o *rtsptest.Options) {
		o.Misdescribe = func(desc *description.Session) {
			desc.Medias[0].Formats[0].(*format.H264).SafeSetParams(nil, nil)
			more := &description.Media{Type: description.MediaTypeVideo, Formats: []format.Format{&format.H265{PayloadTyp: 98}}}
			desc.Medias = append(desc.Medias, more)
		}
	})
	r := watch(t, cam.URL())
	if n := len(r.desc.Medias); n != 2 {
		t.Fatalf("%d media are described, not 2", n)
	}
	if sps, pps := r.desc.Medias[0].Formats[0].(*format.H264).SafeParams(); sps != nil || pps != nil {
		t.Errorf("parameter sets are described: %x, %x", sps, pps)
	}
	for limit := time.Now().Add(patience); !r.picture(t).keyframe; {
		if time.Now().After(limit) {
			t.Fatal("no parameter sets come with the pictures")
		}
	}
}

func TestABlindCameraSendsItsSound(t *testing.T) {
	spec := small(1)
	spec.Audio = "pcmu"
	soundFirst := func(o *rtsptest.Options) {
		o.Misdescribe = func(desc *description.Session) { slices.Reverse(desc.Medias) }
	}
	cam := rtsptest.Start(t, spec, soundFirst)
	r := watch(t, cam.URL()) // its packets are those of the first medium
	cam.Blind()
	hear := func() uint64 {
		for range 20 {
			r.packet(t)
		}
		return cam.Stats().Frames
	}
	hear() // a picture may have been on its way
	if before, after := hear(), hear(); after != before {
		t.Errorf("%d pictures were sent", after-before)
	}
	cam.Resume()
	if before, after := hear(), hear(); after == before {
		t.Error("no pictures after the blindness")
	}
}
