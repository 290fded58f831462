package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"
)

// audience is a crowd in a process of its own, as this one sees it.
type audience struct {
	*child
	orders *os.File
}

// startAudience starts a crowd in a network namespace (empty: ours), whose viewers are at an address.
func startAudience(space, host string) (*audience, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make a pipe: %w", err)
	}
	defer read.Close()
	c, err := order{name: "crowd", space: space, path: self, args: []string{"crowd", "--host", host}, stdin: read}.start()
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	return &audience{c, write}, nil
}

// end lets all viewers leave.
func (a *audience) end() {
	_ = a.orders.Close()
	a.child.end()
}

func (a *audience) do(ctx context.Context, o crowdOrder) (answer crowdAnswer, err error) {
	if err := json.NewEncoder(a.orders).Encode(o); err != nil {
		return answer, fmt.Errorf("tell the crowd: %w", err)
	}
	line, err := a.line(ctx, "{")
	if err != nil {
		return answer, err
	}
	if err := json.Unmarshal([]byte(line), &answer); err != nil {
		return answer, fmt.Errorf("read what the crowd says: %w", err)
	}
	if answer.Fault != "" {
		return answer, fmt.Errorf("the crowd: %s", answer.Fault)
	}
	return answer, nil
}

// join lets viewers come.
func (a *audience) join(ctx context.Context, joins []crowdJoin, within time.Duration) ([]opening, error) {
	answer, err := a.do(ctx, crowdOrder{Do: "join", Joins: joins, Within: within})
	return answer.Joined, err
}

// mark begins a window.
func (a *audience) mark(ctx context.Context) error {
	_, err := a.do(ctx, crowdOrder{Do: "mark"})
	return err
}

// read gives what came since the mark.
func (a *audience) read(ctx context.Context) (crowdWindow, error) {
	answer, err := a.do(ctx, crowdOrder{Do: "read"})
	return answer.Window, err
}
