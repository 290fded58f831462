package rtsptest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/bluenviron/mediacommon/v2/pkg/codecs/g711"
	"github.com/bluenviron/mediacommon/v2/pkg/codecs/mpeg4audio"
	"github.com/bluenviron/mediacommon/v2/pkg/formats/mpegts"
)

// track is one sound as it goes over the wire: frames of equal length that loop by themselves, apart from the video.
type track struct {
	frames  [][]byte // RTP payloads
	samples int      // in one frame
	rate    int      // samples a second: the RTP clock
	config  *mpeg4audio.AudioSpecificConfig
}

// soundRate is the sampling rate of the sound that is encoded.
func soundRate(s Spec) int {
	if s.Audio == "pcmu" || s.Audio == "pcma" {
		return 8000
	}
	return 48000
}

// encodeAudio writes G.711 as it is, Opus in MPEG-TS, AAC in ADTS.
func encodeAudio(ctx context.Context, file string, s Spec) error {
	wave := signal(s, soundRate(s))
	var args []string
	switch s.Audio {
	case "pcmu", "pcma":
		marshal := g711.Mulaw(wave).Marshal
		if s.Audio == "pcma" {
			marshal = g711.Alaw(wave).Marshal
		}
		coded, err := marshal()
		if err != nil {
			return fmt.Errorf("encode G.711: %w", err)
		}
		if err := os.WriteFile(file, coded, 0o644); err != nil {
			return fmt.Errorf("write the sound: %w", err)
		}
		return nil
	case "opus":
		args = []string{"-c:a", "libopus", "-b:a", "32k", "-frame_duration", "20", "-muxdelay", "0", "-f", "mpegts"}
	default:
		args = []string{"-c:a", "aac", "-b:a", "64k", "-f", "adts"}
	}
	args = append([]string{"-f", "s16le", "-ar", fmt.Sprint(soundRate(s)), "-ac", "1", "-i", "pipe:0"}, args...)
	err := runFFmpeg(ctx, append(args, file), func(stdin io.Writer) error {
		text := make([]byte, 0, len(wave))
		for i := 0; i < len(wave); i += 2 { // the signal is big endian, as G.711's encoder wants it
			text = append(text, wave[i+1], wave[i])
		}
		_, err := stdin.Write(text)
		return err
	})
	if err != nil {
		return fmt.Errorf("encode sound: %w", err)
	}
	return nil
}

// signal is a second of quiet chime, repeated over the loop: two tones, higher with the camera's number, over a soft
// hum. 16 bit big endian, mono. All frequencies are whole numbers, so that the seam can't be heard.
func signal(s Spec, rate int) []byte {
	low := float64(220 + s.Number%24*20)
	seconds := int(math.Ceil(s.duration().Seconds()))
	wave := make([]byte, 0, seconds*rate*2)
	for i := range seconds * rate {
		t := float64(i%rate) / float64(rate)
		v := 0.02 * math.Sin(2*math.Pi*50*t)
		v += 0.25 * math.Exp(-9*t) * math.Sin(2*math.Pi*low*t)
		if half := t - 0.25; half > 0 {
			v += 0.2 * math.Exp(-9*half) * math.Sin(2*math.Pi*(low*1.5)*half)
		}
		wave = binary.BigEndian.AppendUint16(wave, uint16(int16(v*math.MaxInt16)))
	}
	return wave
}

// loadAudio reads the encoded sound back as frames.
func loadAudio(file string, s Spec) (*track, error) {
	switch s.Audio {
	case "pcmu", "pcma":
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		t := &track{samples: 160, rate: 8000}
		for ; len(text) >= t.samples; text = text[t.samples:] {
			t.frames = append(t.frames, text[:t.samples:t.samples])
		}
		return t, nil
	case "opus":
		return loadOpus(file)
	default:
		return loadAAC(file)
	}
}

func loadOpus(file string) (*track, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := &mpegts.Reader{R: f}
	if err := r.Initialize(); err != nil {
		return nil, fmt.Errorf("read MPEG-TS: %w", err)
	}
	t := &track{samples: 960, rate: 48000}
	r.OnDataOpus(r.Tracks()[0], func(_ int64, packets [][]byte) error {
		t.frames = append(t.frames, packets...)
		return nil
	})
	for {
		if err := r.Read(); errors.Is(err, io.EOF) {
			return t, nil
		} else if err != nil {
			return nil, fmt.Errorf("read MPEG-TS: %w", err)
		}
	}
}

func loadAAC(file string) (*track, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var packets mpeg4audio.ADTSPackets
	if err := packets.Unmarshal(text); err != nil {
		return nil, fmt.Errorf("read ADTS: %w", err)
	}
	t := &track{samples: 1024, rate: packets[0].SampleRate, config: &mpeg4audio.AudioSpecificConfig{
		Type: packets[0].Type, SampleRate: packets[0].SampleRate,
		ChannelConfig: packets[0].ChannelConfig, ChannelCount: packets[0].ChannelCount,
	}}
	aus := make([][]byte, len(packets))
	for i, p := range packets {
		aus[i] = p.AU
	}
	if t.frames, err = packAAC(aus); err != nil {
		return nil, fmt.Errorf("pack AAC: %w", err)
	}
	return t, nil
}
