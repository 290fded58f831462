package hls

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/internal/ffmpeg"
	"github.com/rtsp-viewer/rtsp-viewer/relay"
)

var (
	errSilent = errors.New("FFmpeg gave nothing while the camera sent pictures")
	// errAnew marks an end that is nobody's fault: the next FFmpeg begins at once.
	errAnew = errors.New("another FFmpeg is needed")
)

// arguments tell FFmpeg to copy the pictures and to make the sound AAC, each into fragments of one frame on a pipe of its own: one
// file for both would hold pictures back for late sound, and counts wrongly. Times stay as they are, so that they can be told apart
// from the camera's clock (-copyts, frag_discont, no edit list, which would shift pictures that are out of order). The probe must see the pictures it reads (no nobuffer), and enough of them.
func arguments(url string, l layout) []string {
	const flags = "+frag_every_frame+empty_moov+default_base_moof+frag_discont"
	args := []string{
		"-hide_banner", "-nostdin", "-loglevel", "error", "-rtsp_transport", "tcp", "-probesize", "5000000", "-fpsprobesize", "0",
		"-copyts", "-i", url,
		"-map", "0:v:0", "-c:v", "copy", "-f", "mp4", "-movflags", flags, "-flush_packets", "1", "-avoid_negative_ts", "disabled",
		"-use_editlist", "0", "-video_track_timescale", "90000", "pipe:1",
	}
	if l == picturesAndSound {
		args = append(args, "-map", "0:a:0?", "-c:a", "aac", "-b:a", audioKbps, "-ar", "48000", "-ac", "1", "-f", "mp4", "-movflags", flags,
			"-flush_packets", "1", "-avoid_negative_ts", "disabled", "-use_editlist", "0", "-use_stream_ids_as_track_ids", "1", "-streamid", "0:2", "pipe:3")
	}
	return args
}

// play runs one FFmpeg until it ends, gives nothing any more, or is not wanted. Its end is always waited for.
func (s *stream) play(ctx context.Context, reader *relay.Reader) error {
	url, err := s.hls.relay.LoopbackURL(s.key)
	if err != nil {
		return err
	}
	state := reader.State()
	sound := state.Media.Audio.Name != ""
	if !s.layoutKnown {
		s.layoutKnown = true
		if sound {
			s.layout = picturesAndSound
		}
	}
	asked := s.layout
	if !sound || s.failures >= deafAfter {
		asked = pictures // what players get keeps its track of sound: silence
	}
	outputs := 1
	if asked == picturesAndSound {
		outputs = 2
	}
	process, err := s.hls.runner.Start(outputs, arguments(url, asked)...)
	if err != nil {
		return err
	}
	s.spawned.Add(1)
	s.hls.count.spawned.Add(1)
	p := &performance{
		stream: s, reader: reader, process: process, began: s.hls.now(), media: state.Media, sound: asked == picturesAndSound,
		news: make(chan trackNews, 256), failed: make(chan error, outputs), over: make(chan struct{}),
	}
	p.clocks = newClocks(reader, func(t relay.Track) (uint32, bool) { return s.hls.relay.LoopbackOrigin(url, t) }, state.Media.Audio.ClockRate)
	for i, pipe := range process.Outputs {
		p.readers.Go(func() { p.read(relay.Track(i), pipe) })
	}
	err = p.run(ctx)
	close(p.over)
	if ctx.Err() != nil {
		process.Stop()
	} else {
		process.Kill() // it may be stopped, or deaf
	}
	p.readers.Wait()
	if p.mixer == nil {
		s.failures++
	} else {
		s.failures = 0
	}
	failing := p.mixer == nil && ctx.Err() == nil
	s.update(func() { s.failing = failing })
	if words := process.LastWords(); words != "" && err != nil && !errors.Is(err, errAnew) {
		err = fmt.Errorf("%w; it said: %s", err, words)
	}
	return err
}

// performance is one FFmpeg from its start to its end. It is the stream's goroutine's, but for what readers do.
type performance struct {
	stream  *stream
	reader  *relay.Reader
	process *ffmpeg.Process
	began   time.Time
	media   relay.Media
	sound   bool
	clocks  *clocks

	readers sync.WaitGroup
	news    chan trackNews
	failed  chan error
	over    chan struct{}

	mixer *mixer    // nil before the pictures' description
	paid  time.Time // when the camera's newest picture had come as the last one came out
	owed  time.Time // since when pictures have not come out that should have; zero: nothing is owed
}

type trackNews struct {
	track relay.Track
	news
}

// read tells what comes out of a pipe.
func (p *performance) read(track relay.Track, pipe *os.File) {
	defer pipe.Close()
	err := readTrack(pipe, func(n news) bool {
		select {
		case p.news <- trackNews{track, n}:
			return true
		case <-p.over:
			return false
		}
	})
	if errors.Is(err, io.EOF) || errors.Is(err, os.ErrClosed) {
		return // its end says more
	}
	if err != nil {
		p.failed <- fmt.Errorf("read FFmpeg's %v: %w", track, err)
	}
}

func (p *performance) run(ctx context.Context) error {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	flush := time.NewTimer(time.Hour)
	defer flush.Stop()
	for {
		if p.mixer != nil {
			if due, ok := p.mixer.due(); ok {
				flush.Reset(max(due.Sub(p.stream.hls.now()), time.Millisecond))
			}
		}
		select {
		case n := <-p.news:
			if err := p.take(n); err != nil {
				return err
			}
		case <-flush.C:
			if p.mixer != nil {
				p.mixer.flush(p.stream.hls.now())
			}
		case <-look.C:
			if err := p.look(); err != nil {
				return err
			}
		case err := <-p.failed:
			return err
		case <-p.process.Done():
			return p.process.Err()
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (p *performance) take(n trackNews) error {
	now := p.stream.hls.now()
	if n.track == relay.Audio {
		if p.mixer == nil || n.about != nil {
			return nil // sound before pictures is of no use
		}
		for _, s := range n.samples {
			p.mixer.hear(s, now)
		}
		return nil
	}
	_, p.paid = p.reader.Clock(relay.Video)
	p.owed = time.Time{}
	if n.about != nil {
		return p.present(n.about, now)
	}
	for _, s := range n.samples {
		if p.mixer == nil {
			return errBoxes
		}
		err := p.mixer.picture(s, now)
		if errors.Is(err, errOtherSPS) {
			return fmt.Errorf("%w: %w", errAnew, err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// present begins a generation.
func (p *performance) present(about *description, now time.Time) error {
	if !about.video || p.mixer != nil {
		return errBoxes
	}
	s := p.stream
	p.clocks.follow()
	s.generations++
	g := &generation{number: s.generations, about: about, layout: s.layout, head: about.initSegment(s.layout), began: now, wall: p.wall}
	s.window.begin(g)
	l := s.layout
	p.mixer = newMixer(s.window, l, about, now, func() time.Duration { return p.reader.State().FrameInterval }, p.clocks.skew)
	if !p.sound {
		p.mixer.started = time.Time{} // nobody waits for sound that does not come
	}
	s.playing.Store(true)
	s.see(p.reader.State())
	s.log.Info("HLS plays", "generation", g.number, "video", about.codec, "sound", p.sound, "took", now.Sub(p.began).Round(time.Millisecond))
	return nil
}

// wall gives when a picture was; what the stream's clock can't tell is now.
func (p *performance) wall(pts int64) time.Time {
	if at := p.clocks.wall(pts); !at.IsZero() {
		return at
	}
	return p.stream.hls.now()
}

// look watches over FFmpeg: it must give pictures as long as the camera does.
func (p *performance) look() error {
	p.clocks.follow()
	now, state := p.stream.hls.now(), p.reader.State()
	p.stream.see(state)
	if refusalOf(state) != nil {
		return fmt.Errorf("%w: the camera sends something else now", errAnew)
	}
	if p.mixer != nil && state.Media.Audio.Name != "" && p.media.Audio.Name == "" && p.stream.layout == picturesAndSound {
		return fmt.Errorf("%w: the camera has sound again", errAnew)
	}
	// FFmpeg always holds the last few pictures back, and gives them when more come.
	if _, at := p.reader.Clock(relay.Video); p.owed.IsZero() && at.Sub(p.paid) > max(owedLeast, 4*state.FrameInterval) {
		p.owed = now
	}
	limit := max(silentMost, 4*state.FrameInterval+time.Second)
	if p.mixer == nil {
		limit = max(startMost, limit)
	}
	if !p.owed.IsZero() && now.Sub(p.owed) > limit {
		p.stream.hls.count.silent.Add(1)
		return errSilent
	}
	return nil
}
