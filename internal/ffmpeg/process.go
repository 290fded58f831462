package ffmpeg

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

const (
	// termPatience is what a child gets between TERM and KILL.
	termPatience = 2 * time.Second
	// stderrPatience is how long the last words of a dead child may take.
	stderrPatience = time.Second
)

// ErrStopped is the end of a Process that Stop or Kill ended.
var ErrStopped = errors.New("stopped")

// Process is a child. It is safe for concurrent use.
type Process struct {
	// Outputs are the reading ends of its pipes: stdout, then file descriptors 3, 4 and so on. They are closed by Stop and Kill,
	// else by whoever reads them.
	Outputs []*os.File

	runner *Runner
	pid    int
	done   chan struct{}
	words  tail
	err    error // set before done is closed

	mu      sync.Mutex // guards what follows, and that no signal is sent to a number that is another's by now
	gone    bool       // the child has ended; it may not be reaped yet
	stopped bool
}

// Start starts a child whose stdin is empty and which writes to so many pipes (at least 1). The caller must read them, and must call
// Stop or Kill, or wait for Done.
func (r *Runner) Start(outputs int, args ...string) (*Process, error) {
	return r.StartReading(nil, outputs, args...)
}

// StartReading is Start of a child whose stdin is a file, from where it stands; nil is empty. The file stays the caller's, who may close it
// at once.
func (r *Runner) StartReading(input *os.File, outputs int, args ...string) (*Process, error) {
	p := &Process{runner: r, done: make(chan struct{})}
	cmd := exec.Command(r.path, args...)
	cmd.Env = environment()
	cmd.SysProcAttr = attributes()
	if input != nil {
		cmd.Stdin = input
	}
	var theirs []*os.File
	closeAll := func(files []*os.File) {
		for _, f := range files {
			_ = f.Close()
		}
	}
	for range outputs + 1 {
		ours, child, err := os.Pipe()
		if err != nil {
			closeAll(p.Outputs)
			closeAll(theirs)
			return nil, fmt.Errorf("make a pipe: %w", err)
		}
		p.Outputs, theirs = append(p.Outputs, ours), append(theirs, child)
	}
	stderr := p.Outputs[outputs]
	p.Outputs = p.Outputs[:outputs:outputs]
	cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = theirs[0], theirs[outputs], theirs[1:outputs]

	started := make(chan error, 1)
	go p.live(cmd, stderr, started)
	err := <-started
	closeAll(theirs)
	if err != nil {
		closeAll(p.Outputs)
		_ = stderr.Close()
		return nil, fmt.Errorf("%w: %w", ErrMissing, err)
	}
	return p, nil
}

// live starts the child, waits for it, and reaps it, all on one OS thread: were the thread to end earlier, the kernel would kill the child.
func (p *Process) live(cmd *exec.Cmd, stderr *os.File, started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		started <- err
		return
	}
	p.pid = cmd.Process.Pid
	p.runner.started.Add(1)
	p.runner.live.Add(1)
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		_, _ = io.Copy(&p.words, stderr)
	}()
	started <- nil

	awaitExit(p.pid)
	p.mu.Lock()
	p.gone = true
	stopped := p.stopped
	_ = syscall.Kill(-p.pid, syscall.SIGKILL) // whatever it left in its group; the number is ours until it is reaped
	p.mu.Unlock()
	err := cmd.Wait()
	_ = stderr.SetReadDeadline(time.Now().Add(stderrPatience))
	<-heard
	_ = stderr.Close()
	p.runner.live.Add(-1)
	switch {
	case stopped:
		p.err = ErrStopped
	case err != nil:
		p.runner.failed.Add(1)
		p.err = fmt.Errorf("ffmpeg ended: %w", err)
	default:
		p.err = io.EOF
	}
	close(p.done)
}

// Done is closed when the child has ended and was waited for.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err tells how it ended, once Done is closed: ErrStopped, io.EOF if it ended by itself and without an error, or its exit status.
func (p *Process) Err() error {
	<-p.done
	return p.err
}

// PID gives the process id.
func (p *Process) PID() int { return p.pid }

// LastWords gives the end of what it wrote on stderr, without addresses.
func (p *Process) LastWords() string { return p.words.String() }

// Stop closes the pipes, sends TERM and, if it has not ended after 2 s, KILL, and waits until it is reaped.
func (p *Process) Stop() {
	p.signal(syscall.SIGTERM)
	late := time.NewTimer(termPatience)
	defer late.Stop()
	select {
	case <-p.done:
	case <-late.C:
		p.Kill()
	}
}

// Kill closes the pipes, sends KILL and waits until it is reaped. It ends stopped children (SIGSTOP) too.
func (p *Process) Kill() {
	p.signal(syscall.SIGKILL)
	<-p.done
}

func (p *Process) signal(s syscall.Signal) {
	for _, f := range p.Outputs {
		_ = f.Close() // a child that writes would not hear TERM otherwise
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone {
		return
	}
	p.stopped = true
	if s == syscall.SIGKILL {
		p.runner.killed.Add(1)
	}
	_ = syscall.Kill(-p.pid, s)
}
