// Package pgtest gives tests a real PostgreSQL: one private cluster for each test binary, a fresh database for each test,
// empty or copied from one that was prepared once.
//
// It owns the cluster, which listens on a Unix socket in a temporary folder and on nothing else, and syncs nothing. It refuses to leave
// anything behind: a shell beside the cluster waits for the test binary's end, however that comes, then stops the server and removes
// the folder. It sorts by ICU's Russian, so that a column that forgot its byte order is found out. It runs no goroutines.
package pgtest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"sort"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrMissing says that PostgreSQL is not installed, or that nobody is there to run it.
var ErrMissing = errors.New("PostgreSQL can't be run here")

// startBound is how long a cluster may take to be made and started; machines that run other tests are slow.
const startBound = 90 * time.Second

// shared is the test binary's cluster. A test binary has no other place that outlives its tests.
var shared = sync.OnceValues(Start)

// URL gives the address of a new, empty database, which goes with the test. Without PostgreSQL it fails the test where the environment
// has CI=true, and skips it elsewhere.
func URL(tb testing.TB) string {
	tb.Helper()
	return running(tb).forTest(tb, "")
}

// Template gives what makes databases for tests that begin as prepare leaves an empty one, and go with the test as URL's do. prepare runs
// once, for the first test that asks, and must have closed its connections when it returns.
func Template(prepare func(address string) error) func(tb testing.TB) string {
	var once sync.Once
	var name string
	var failed error
	return func(tb testing.TB) string {
		tb.Helper()
		cluster := running(tb)
		once.Do(func() {
			if name, failed = cluster.create(tb.Context(), ""); failed == nil {
				failed = prepare(cluster.address(name))
			}
		})
		if failed != nil {
			tb.Fatalf("preparing a database: %v", failed)
		}
		return cluster.forTest(tb, name)
	}
}

// running gives the test binary's cluster.
func running(tb testing.TB) *Cluster {
	tb.Helper()
	cluster, err := shared()
	if errors.Is(err, ErrMissing) && os.Getenv("CI") != "true" {
		tb.Skipf("install PostgreSQL to run this test: %v", err)
	}
	if err != nil {
		tb.Fatalf("starting PostgreSQL: %v", err)
	}
	return cluster
}

// forTest makes a database that goes with the test.
func (c *Cluster) forTest(tb testing.TB, template string) string {
	tb.Helper()
	name, err := c.create(tb.Context(), template)
	if err != nil {
		tb.Fatalf("making a database: %v", err)
	}
	tb.Cleanup(func() {
		if err := c.drop(name); err != nil {
			tb.Errorf("dropping a database: %v", err)
		}
	})
	return c.address(name)
}

// Cluster is a running PostgreSQL.
type Cluster struct {
	dir    string
	alive  *os.File // the keeper's standard input; closing it ends the cluster
	keeper *exec.Cmd
}

// keep starts the server, waits until nobody holds standard input any more, and cleans up.
const keep = `
"$1/postgres" -D "$2/data" >"$2/log" 2>&1 </dev/null &
server=$!
cat >/dev/null
kill -QUIT $server 2>/dev/null
wait $server
rm -rf "$2"
`

// Start makes a cluster and waits until it answers. Most tests want URL.
func Start() (*Cluster, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	runAs, err := identity()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "pgtest-")
	if err != nil {
		return nil, fmt.Errorf("making a folder: %w", err)
	}
	c := &Cluster{dir: dir}
	if err := c.start(bin, runAs); err != nil {
		c.Stop()
		os.RemoveAll(dir)
		return nil, err
	}
	return c, nil
}

func (c *Cluster) start(bin string, runAs *syscall.Credential) error {
	if runAs != nil {
		if err := os.Chown(c.dir, int(runAs.Uid), int(runAs.Gid)); err != nil {
			return fmt.Errorf("giving the folder to postgres: %w", err)
		}
	}
	data := filepath.Join(c.dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions",
		"--locale=C", "--locale-provider=icu", "--icu-locale=ru-RU")
	initdb.Dir, initdb.SysProcAttr = c.dir, &syscall.SysProcAttr{Credential: runAs, Setpgid: true}
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, bytes.TrimSpace(out))
	}
	settings := fmt.Sprintf("listen_addresses = ''\nunix_socket_directories = '%s'\nmax_connections = 200\nshared_buffers = 32MB\n"+
		"fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nautovacuum = off\nwal_level = minimal\nmax_wal_senders = 0\n", c.dir)
	file, err := os.OpenFile(filepath.Join(data, "postgresql.auto.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("configuring: %w", err)
	}
	_, err = file.WriteString(settings)
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("configuring: %w", err)
	}

	theirs, ours, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("making a pipe: %w", err)
	}
	defer theirs.Close()
	c.alive = ours
	c.keeper = exec.Command("/bin/sh", "-c", keep, "sh", bin, c.dir)
	c.keeper.Dir, c.keeper.Stdin = c.dir, theirs
	c.keeper.SysProcAttr = &syscall.SysProcAttr{Credential: runAs, Setpgid: true} // a group of its own: Ctrl-C must not reach it first
	if err := c.keeper.Start(); err != nil {
		c.keeper = nil
		return fmt.Errorf("starting the server: %w", err)
	}
	return c.awaitAnswer()
}

func (c *Cluster) awaitAnswer() error {
	ctx, cancel := context.WithTimeout(context.Background(), startBound)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, c.address("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			log, _ := os.ReadFile(filepath.Join(c.dir, "log"))
			return fmt.Errorf("the server does not answer: %w: %s", err, log)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// create makes a database, empty or as the template is, and gives its name.
func (c *Cluster) create(ctx context.Context, template string) (name string, err error) {
	name = "t_" + rand.Text()
	statement := `CREATE DATABASE "` + name + `" STRATEGY FILE_COPY` // less work than the other one where nothing is synced
	if template != "" {
		statement += ` TEMPLATE "` + template + `"`
	}
	return name, c.exec(ctx, statement)
}

// drop removes a database with all its connections.
func (c *Cluster) drop(name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), startBound)
	defer cancel()
	return c.exec(ctx, `DROP DATABASE "`+name+`" WITH (FORCE)`)
}

func (c *Cluster) exec(ctx context.Context, statement string) error {
	conn, err := pgx.Connect(ctx, c.address("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	return err
}

// Address gives the address of a database that is there from the start, for a program that needs one only.
func (c *Cluster) Address() string { return c.address("postgres") }

func (c *Cluster) address(database string) string {
	return "postgres://postgres@/" + database + "?" + url.Values{"host": {c.dir}, "sslmode": {"disable"}}.Encode()
}

// Stop ends the cluster and waits for it. A cluster that URL started needs no Stop.
func (c *Cluster) Stop() {
	if c.alive != nil {
		c.alive.Close()
	}
	if c.keeper != nil {
		c.keeper.Wait() //nolint:errcheck // it ends with what the server ended with
	}
}

// binaries gives the folder of the newest PostgreSQL programs.
func binaries() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	sort.Slice(found, func(i, j int) bool { return version(found[i]) < version(found[j]) })
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1]), nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", fmt.Errorf("%w: initdb is neither in /usr/lib/postgresql/*/bin nor in PATH", ErrMissing)
	}
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return "", fmt.Errorf("finding PostgreSQL: %w", err)
	}
	return filepath.Dir(path), nil
}

func version(initdb string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(initdb))))
	return n
}

// identity gives whom the server runs as: nil for ourselves, or the user postgres if we are root, whom PostgreSQL refuses.
func identity() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(u.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(u.Gid, 10, 32)
		if errUID == nil && errGID == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, fmt.Errorf("%w: we are root, and there is no user postgres or nobody to run it as", ErrMissing)
}
