package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// line is two hosts, network namespaces, joined by a slow line: nothing leaves them. Each end is a TUN device; the kernel's tbf limits what
// goes into it, and this process carries the packets over, late. (This kernel may have no netem.)
type line struct {
	near, far string // namespaces of the gateway and of the players
	ends      [2]*os.File
	wg        sync.WaitGroup
}

// canMakeLines tells whether this process may.
func canMakeLines() bool {
	_, ip := exec.LookPath("ip")
	_, tc := exec.LookPath("tc")
	_, tun := os.Stat("/dev/net/tun")
	return os.Geteuid() == 0 && ip == nil && tc == nil && tun == nil
}

// newLine makes the hosts and the line; the players' end has so many addresses beside farHost. close removes all.
func newLine(ctx context.Context, n network, nomads int) (_ *line, err error) {
	tag := strings.ToLower(rand.Text()[:6])
	l := &line{near: "rv-g-" + tag, far: "rv-v-" + tag}
	defer func() {
		if err != nil {
			l.close()
		}
	}()
	for i, space := range []string{l.near, l.far} {
		if err := system(ctx, "ip", "netns", "add", space); err != nil {
			return nil, err
		}
		if l.ends[i], err = openTUN(space, device); err != nil {
			return nil, err
		}
		host := [2]string{nearHost, farHost}[i]
		for _, words := range []string{
			"ip -n " + space + " link set lo up",
			"ip -n " + space + " addr add " + host + "/16 dev " + device,
			"ip -n " + space + " link set " + device + " up",
			"tc -n " + space + " qdisc add dev " + device + " root tbf rate " + strconv.Itoa(n.rate) + "bit burst 8kb limit " + strconv.Itoa(n.queue),
		} {
			all := strings.Fields(words)
			if err := system(ctx, all[0], all[1:]...); err != nil {
				return nil, err
			}
		}
	}
	for i := range nomads {
		if err := system(ctx, "ip", "-n", l.far, "addr", "add", nomad(i)+"/32", "dev", device); err != nil {
			return nil, err
		}
	}
	l.wg.Go(func() { carry(l.ends[0], l.ends[1], n.delay) })
	l.wg.Go(func() { carry(l.ends[1], l.ends[0], n.delay) })
	return l, nil
}

// device is what both ends are called. The gateway leaves out addresses of devices named as container engines name theirs.
const device = "lan0"

// close removes the line and the hosts; processes in them must have ended.
func (l *line) close() {
	for _, end := range l.ends {
		if end != nil {
			_ = end.Close()
		}
	}
	l.wg.Wait()
	for _, space := range []string{l.near, l.far} {
		_ = exec.Command("ip", "netns", "del", space).Run() // it may not have been made
	}
}

// carry takes packets from one end to the other, each after the delay, until the ends are closed.
func carry(from, to *os.File, delay time.Duration) {
	type packet struct {
		text []byte
		due  time.Time
	}
	under := make(chan packet, 4096) // way; more than a line of 10 Mbit/s has in 100 ms
	var wg sync.WaitGroup
	wg.Go(func() {
		for p := range under {
			time.Sleep(time.Until(p.due))
			_, _ = to.Write(p.text) // an end that is closed takes nothing
		}
	})
	buf := make([]byte, 1<<16)
	for {
		n, err := from.Read(buf)
		if err != nil {
			break
		}
		select {
		case under <- packet{append([]byte(nil), buf[:n]...), time.Now().Add(delay)}:
		default: // lost
		}
	}
	close(under)
	wg.Wait()
}

// openTUN makes a TUN device in a namespace.
func openTUN(space, name string) (*os.File, error) {
	type opened struct {
		file *os.File
		err  error
	}
	done := make(chan opened)
	go func() {
		runtime.LockOSThread() // for good: the thread, which is in another namespace now, ends with this goroutine
		file, err := func() (*os.File, error) {
			handle, err := os.Open("/run/netns/" + space)
			if err != nil {
				return nil, err
			}
			defer handle.Close()
			if err := unix.Setns(int(handle.Fd()), unix.CLONE_NEWNET); err != nil {
				return nil, err
			}
			fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
			if err != nil {
				return nil, err
			}
			request, err := unix.NewIfreq(name)
			if err == nil {
				request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
				err = unix.IoctlIfreq(fd, unix.TUNSETIFF, request)
			}
			if err != nil {
				return nil, errors.Join(err, unix.Close(fd))
			}
			return os.NewFile(uintptr(fd), "tun:"+name), nil
		}()
		done <- opened{file, err}
	}()
	o := <-done
	if o.err != nil {
		return nil, fmt.Errorf("make a TUN device: %w", o.err)
	}
	return o.file, nil
}

func system(ctx context.Context, name string, args ...string) error {
	if out, err := exec.CommandContext(ctx, name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, out)
	}
	return nil
}
