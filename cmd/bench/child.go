package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// readyWithin bounds how long a process may take until it is ready; drawing the cameras' clips the first time takes longest.
const readyWithin = 5 * time.Minute

// child is a process that this one started. It dies with it.
type child struct {
	name   string
	cmd    *exec.Cmd
	stderr *tailBuffer
	lines  chan string   // of its standard output; closed when that ends
	ended  chan struct{} // closed when it has been waited for
	err    error         // of its end; set before ended is closed
}

// order says what to start.
type order struct {
	name  string // for words
	space string // network namespace; empty: ours
	path  string
	args  []string
	env   []string
	stdin io.Reader
}

// start starts a process.
func (o order) start() (*child, error) {
	path, args := o.path, o.args
	if o.space != "" {
		path, args = "ip", append([]string{"netns", "exec", o.space, o.path}, o.args...) // ip execs: the process id stays
	}
	c := &child{name: o.name, cmd: exec.Command(path, args...), stderr: &tailBuffer{}, lines: make(chan string, 64), ended: make(chan struct{})}
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "RTSP_VIEWER_") || strings.HasPrefix(v, "RTSP_VIEWER_CLIPS=") {
			c.cmd.Env = append(c.cmd.Env, v)
		}
	}
	c.cmd.Env = append(c.cmd.Env, o.env...)
	c.cmd.Stdin, c.cmd.Stderr = o.stdin, c.stderr
	c.cmd.SysProcAttr = childAttributes()
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start the %s: %w", o.name, err)
	}
	started := make(chan error)
	go func() {
		// The signal that follows the parent's death belongs to the thread that started the child: it lives as long.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := c.cmd.Start()
		started <- err
		if err != nil {
			return
		}
		in := bufio.NewReader(out)
		for {
			line, err := in.ReadString('\n')
			if line != "" {
				c.lines <- strings.TrimRight(line, "\n")
			}
			if err != nil {
				break
			}
		}
		close(c.lines)
		c.err = c.cmd.Wait()
		close(c.ended)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start the %s: %w", o.name, err)
	}
	return c, nil
}

// line waits for a line of standard output that begins so and gives it. Lines after it are read by drain.
func (c *child) line(ctx context.Context, prefix string) (string, error) {
	late := time.NewTimer(readyWithin)
	defer late.Stop()
	for {
		select {
		case line, ok := <-c.lines:
			if !ok {
				<-c.ended
				return "", fmt.Errorf("the %s ended before it was ready: %w: %s", c.name, errors.Join(c.err, io.ErrUnexpectedEOF), c.stderr)
			}
			if strings.HasPrefix(line, prefix) {
				return line, nil
			}
		case <-late.C:
			return "", fmt.Errorf("the %s is not ready after %v: %s", c.name, readyWithin, c.stderr)
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

// drain reads the rest of standard output, until ctx ends, and waits for the process.
func (c *child) drain(ctx context.Context) (string, error) {
	var rest strings.Builder
	for {
		select {
		case line, ok := <-c.lines:
			if !ok {
				<-c.ended
				if c.err != nil {
					return "", fmt.Errorf("the %s: %w: %s", c.name, c.err, c.stderr)
				}
				return rest.String(), nil
			}
			rest.WriteString(line + "\n")
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

// end asks the process and all that it started to end, makes it so after 12 s, and waits.
func (c *child) end() {
	_ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGTERM)
	late := time.AfterFunc(12*time.Second, func() { _ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL) })
	defer late.Stop()
	for range c.lines { // nobody waits for the rest
	}
	<-c.ended
}

// tailBuffer keeps the last of what is written, for the words of a failure.
type tailBuffer struct {
	mu   sync.Mutex
	text []byte
}

func (b *tailBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text = append(b.text, p...)
	if n := len(b.text) - 4096; n > 0 {
		b.text = b.text[n:]
	}
	return len(p), nil
}

func (b *tailBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(bytes.TrimSpace(b.text))
}
