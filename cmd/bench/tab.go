package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// tab is one page of a browser, moved by the DevTools protocol.
type tab struct {
	socket  *websocket.Conn
	session string
	done    chan struct{} // closed when nothing more is read

	mu    sync.Mutex // also orders what is written
	last  int
	calls map[int]chan reply
}

type reply struct {
	ID     int             `json:"id"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// openTab finds the browser by the file that it writes into its folder, and opens a page.
func openTab(ctx context.Context, dir string) (*tab, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	address, err := devtools(ctx, dir)
	if err != nil {
		return nil, fmt.Errorf("wait for the browser: %w", err)
	}
	socket, _, err := websocket.DefaultDialer.DialContext(ctx, address, nil)
	if err != nil {
		return nil, fmt.Errorf("connect to the browser: %w", err)
	}
	t := &tab{socket: socket, done: make(chan struct{}), calls: make(map[int]chan reply)}
	go t.read()
	var target struct{ TargetID string }
	var session struct{ SessionID string }
	if err = t.call(ctx, "Target.createTarget", map[string]any{"url": "about:blank"}, &target); err == nil {
		err = t.call(ctx, "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &session)
	}
	if err != nil {
		t.close()
		return nil, fmt.Errorf("open a page: %w", err)
	}
	t.session = session.SessionID
	return t, nil
}

// devtools waits for the address at which the browser listens.
func devtools(ctx context.Context, dir string) (string, error) {
	for {
		text, err := os.ReadFile(filepath.Join(dir, "DevToolsActivePort"))
		if port, path, ok := strings.Cut(strings.TrimSpace(string(text)), "\n"); err == nil && ok {
			return "ws://127.0.0.1:" + port + path, nil
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

func (t *tab) close() {
	_ = t.socket.Close()
	<-t.done
}

func (t *tab) read() {
	defer close(t.done)
	for {
		var r reply
		if err := t.socket.ReadJSON(&r); err != nil {
			return
		}
		t.mu.Lock()
		waiting := t.calls[r.ID]
		delete(t.calls, r.ID)
		t.mu.Unlock()
		if waiting != nil {
			waiting <- r
		}
	}
}

// call calls a method of the browser or, once there is a page, of the page.
func (t *tab) call(ctx context.Context, method string, params map[string]any, out any) error {
	answered := make(chan reply, 1)
	t.mu.Lock()
	t.last++
	message := map[string]any{"id": t.last, "method": method, "params": params}
	if t.session != "" {
		message["sessionId"] = t.session
	}
	t.calls[t.last] = answered
	err := t.socket.WriteJSON(message)
	t.mu.Unlock()
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	select {
	case r := <-answered:
		if r.Error != nil {
			return fmt.Errorf("%s: %s", method, r.Error.Message)
		}
		if out == nil {
			return nil
		}
		return json.Unmarshal(r.Result, out)
	case <-t.done:
		return fmt.Errorf("%s: %w", method, errors.New("the browser hung up"))
	case <-ctx.Done():
		return ctx.Err()
	}
}

// navigate opens an address and waits until the page is there.
func (t *tab) navigate(ctx context.Context, url string) error {
	var answer struct{ ErrorText string }
	if err := t.call(ctx, "Page.navigate", map[string]any{"url": url}, &answer); err != nil {
		return err
	}
	if answer.ErrorText != "" {
		return fmt.Errorf("open %s: %s", url, answer.ErrorText)
	}
	return t.evaluate(ctx, `new Promise((r) => document.readyState === "complete" ? r() : addEventListener("load", () => r()))`, nil)
}

// evaluate runs JavaScript in the page, waits for its promise, if it gives one, and decodes what that gives.
func (t *tab) evaluate(ctx context.Context, script string, out any) error {
	var answer struct {
		Result struct {
			Value json.RawMessage `json:"value"`
		} `json:"result"`
		ExceptionDetails *struct {
			Text      string `json:"text"`
			Exception struct {
				Description string `json:"description"`
			} `json:"exception"`
		} `json:"exceptionDetails"`
	}
	params := map[string]any{"expression": script, "awaitPromise": true, "returnByValue": true}
	if err := t.call(ctx, "Runtime.evaluate", params, &answer); err != nil {
		return err
	}
	if e := answer.ExceptionDetails; e != nil {
		return fmt.Errorf("the page: %s %s", e.Text, e.Exception.Description)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer.Result.Value, out)
}
