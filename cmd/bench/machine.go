package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// machine is what it was measured on, and when.
type machine struct {
	began   time.Time
	took    time.Duration
	kernel  string
	cpu     string
	load    string // average over the minute before
	browser string
	commit  string
}

// describeMachine finds out what there is to be told; what can't be found stays empty.
func describeMachine(ctx context.Context) machine {
	m := machine{began: time.Now()}
	m.kernel = first("/proc/sys/kernel/osrelease")
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(text)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				m.cpu = strings.TrimSpace(value)
				break
			}
		}
	}
	m.load, _, _ = strings.Cut(first("/proc/loadavg"), " ")
	if out, err := exec.CommandContext(ctx, "chromium", "--version").Output(); err == nil {
		m.browser = strings.Join(strings.Fields(string(out))[:2], " ")
	}
	if out, err := exec.CommandContext(ctx, "git", "rev-parse", "--short=12", "HEAD").Output(); err == nil {
		m.commit = strings.TrimSpace(string(out))
	}
	return m
}

func (m machine) String() string {
	text := fmt.Sprintf("Measured %s at commit %s: %d cores (%s), Linux %s, %s, %s; load before: %s.",
		m.began.Format("2006-01-02 15:04"), m.commit, runtime.NumCPU(), m.cpu, m.kernel, runtime.Version(), m.browser, m.load)
	if m.took > 0 {
		text += fmt.Sprintf(" The run took %v.", m.took)
	}
	return text
}

func first(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return line
}
