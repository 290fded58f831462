package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/rtsp-viewer/rtsp-viewer/signaling"
)

// page is one WebSocket of somebody signed in, as the wall has it.
type page struct {
	socket *websocket.Conn
	done   chan struct{} // closed when nothing more is read

	mu    sync.Mutex      // also orders what is written
	tiles map[string]seat // by view
}

// seat is what waits for messages about its view.
type seat interface {
	answer(sdp string)
	fail(err error)
}

// openPage opens the WebSocket and waits for the gateway's hello.
func openPage(ctx context.Context, url, token string) (*page, error) {
	dialer := websocket.Dialer{Subprotocols: []string{signaling.Protocol}, HandshakeTimeout: 10 * time.Second}
	address := "ws" + strings.TrimPrefix(url, "http") + "/api/v1/signaling"
	socket, _, err := dialer.DialContext(ctx, address, http.Header{"Authorization": {"Bearer " + token}})
	if err != nil {
		return nil, fmt.Errorf("open the page's socket: %w", err)
	}
	if _, _, err := socket.ReadMessage(); err != nil {
		_ = socket.Close()
		return nil, fmt.Errorf("wait for hello: %w", err)
	}
	p := &page{socket: socket, done: make(chan struct{}), tiles: make(map[string]seat)}
	go p.read()
	return p, nil
}

// close closes the socket and waits for its reader. Tiles are closed by whoever opened them.
func (p *page) close() {
	_ = p.socket.Close()
	<-p.done
}

func (p *page) send(m signaling.ClientMessage) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.socket.WriteJSON(m)
}

func (p *page) add(view string, s seat) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tiles[view] = s
}

func (p *page) remove(view string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.tiles, view)
}

func (p *page) read() {
	defer close(p.done)
	for {
		_, text, err := p.socket.ReadMessage()
		if err != nil {
			return
		}
		var m struct {
			Type, View, SDP, Code, Detail string
		}
		if json.Unmarshal(text, &m) != nil {
			continue
		}
		p.mu.Lock()
		t := p.tiles[m.View]
		p.mu.Unlock()
		if t == nil {
			continue
		}
		switch m.Type {
		case "answer":
			t.answer(m.SDP)
		case "end", "error":
			t.fail(fmt.Errorf("the gateway says %s: %s", m.Type, strings.TrimSpace(m.Code+" "+m.Detail)))
		}
	}
}
