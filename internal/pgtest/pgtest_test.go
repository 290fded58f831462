package pgtest

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func TestEachTestHasADatabaseOfItsOwn(t *testing.T) {
	addresses := make(map[string]bool)
	for range 2 {
		address := URL(t)
		conn, err := pgx.Connect(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), `CREATE TABLE mine (id bigint)`); err != nil {
			t.Errorf("the database is not fresh: %v", err)
		}
		var order string
		if err := conn.QueryRow(t.Context(), `SELECT string_agg(w, ' ' ORDER BY w) FROM unnest(ARRAY['б', 'А', 'В', 'а']) w`).Scan(&order); err != nil || order != "а А б В" {
			t.Errorf("words sort as %q, %v", order, err)
		}
		conn.Close(t.Context())
		addresses[address] = true
	}
	if len(addresses) != 2 {
		t.Error("two databases have one address")
	}
}

func TestDatabasesOfATemplateAreCopies(t *testing.T) {
	prepared := 0
	fresh := Template(func(address string) error {
		prepared++
		conn, err := pgx.Connect(t.Context(), address)
		if err != nil {
			return err
		}
		defer conn.Close(t.Context())
		_, err = conn.Exec(t.Context(), `CREATE TABLE theirs (id bigint); INSERT INTO theirs VALUES (1)`)
		return err
	})
	for range 2 {
		conn, err := pgx.Connect(t.Context(), fresh(t))
		if err != nil {
			t.Fatal(err)
		}
		var rows int
		if err := conn.QueryRow(t.Context(), `SELECT count(*) FROM theirs`).Scan(&rows); err != nil || rows != 1 {
			t.Errorf("the copy has %d rows, %v", rows, err)
		}
		if _, err := conn.Exec(t.Context(), `INSERT INTO theirs VALUES (2)`); err != nil {
			t.Error(err)
		}
		conn.Close(t.Context())
	}
	if prepared != 1 {
		t.Errorf("prepared %d times", prepared)
	}
}

// TestNothingIsLeftBehind kills a test binary that runs a cluster, as a timeout or a lost terminal would.
func TestNothingIsLeftBehind(t *testing.T) {
	if os.Getenv("PGTEST_VICTIM") != "" {
		c, err := Start()
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println("cluster in", c.dir)
		select {}
	}
	URL(t) // skips without PostgreSQL
	victim := exec.Command(os.Args[0], "-test.run=^TestNothingIsLeftBehind$")
	victim.Env = append(os.Environ(), "PGTEST_VICTIM=1")
	victim.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // should this test fail first
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	var dir string
	for lines := bufio.NewScanner(out); dir == "" && lines.Scan(); {
		_, dir, _ = strings.Cut(lines.Text(), "cluster in ")
	}
	victim.Process.Kill()
	victim.Wait()
	if dir == "" {
		t.Fatal("the victim has started no cluster")
	}
	pid, err := os.ReadFile(dir + "/data/postmaster.pid")
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	proc, _, _ := strings.Cut(string(pid), "\n")
	deadline := time.Now().Add(startBound)
	for {
		_, folder := os.Stat(dir)
		server := error(os.ErrNotExist)
		if proc != "" {
			_, server = os.Stat("/proc/" + proc)
		}
		if errors.Is(folder, os.ErrNotExist) && errors.Is(server, os.ErrNotExist) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("left behind: folder %v, server %v", folder == nil, server == nil)
		}
		<-time.After(10 * time.Millisecond)
	}
}
