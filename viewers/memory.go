package viewers

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
)

const (
	maxRemembered = 256 // ends of one user; the oldest are forgotten first
	kickQueue     = 256
)

// Memory is the Tracker of a gateway that is alone: one process, nothing kept over a restart.
type Memory struct {
	now func() time.Time

	mu    sync.Mutex // guards what follows
	users map[auth.UserID]*household
	kicks map[string][]chan Loss // by node
}

var _ Tracker = (*Memory)(nil)

// household is all that is known of one user.
type household struct {
	seats      map[ViewID]*seat
	remembered map[ViewID]memory
	counter    int64 // the last generation and order given
}

type seat struct {
	entry   Entry
	expires time.Time
}

type memory struct {
	end     End
	expires time.Time
}

// NewMemory makes a Tracker in memory. now must be given.
func NewMemory(now func() time.Time) (*Memory, error) {
	if now == nil {
		return nil, errors.New("viewers: the clock of Memory is nil")
	}
	return &Memory{now: now, users: map[auth.UserID]*household{}, kicks: map[string][]chan Loss{}}, nil
}

// Admit takes a place; see Tracker.
func (m *Memory) Admit(_ context.Context, c Claim) (Admission, error) {
	if c.Limit < 1 {
		return Admission{}, ErrNotAllowed
	}
	m.mu.Lock()
	admission, err := m.admit(c)
	m.mu.Unlock()
	if err != nil {
		return Admission{}, err
	}
	m.kick(admission.Evicted)
	return admission, nil
}

func (m *Memory) admit(c Claim) (Admission, error) {
	now := m.now()
	h := m.household(c.Entry.User, now)
	if h == nil {
		h = &household{seats: map[ViewID]*seat{}, remembered: map[ViewID]memory{}}
		m.users[c.Entry.User] = h
	}
	id := c.Entry.View
	if mem, ok := h.remembered[id]; ok && c.Admit == IfFree {
		return Admission{}, mem.end.Fault()
	}
	present, replaced := h.seats[id], h.seats[c.Replaces]
	if c.Replaces == id {
		replaced = nil
	}
	if present == nil && replaced == nil && len(h.seats) >= c.Limit && c.Admit == IfFree {
		return Admission{}, ErrLimit.With("limit", itoa(c.Limit))
	}

	entry := c.Entry
	h.counter = max(h.counter+1, now.UnixMilli())
	entry.Generation = h.counter
	if present != nil && present.entry.Camera == entry.Camera {
		entry.Order, entry.OpenedAt = present.entry.Order, present.entry.OpenedAt
	} else {
		entry.Order, entry.OpenedAt = h.counter, now.UTC()
	}
	var losses []Loss
	if replaced != nil {
		losses = append(losses, h.take(replaced, End{Code: CodeClosed, Params: map[string]string{"replaced_by": string(id)}}, now))
	}
	if present == nil && replaced == nil {
		losses = append(losses, h.trim(c.Limit-1, EvictedBy(entry), now)...)
	}
	delete(h.remembered, id)
	h.seats[id] = &seat{entry: entry, expires: now.Add(c.TTL)}
	return Admission{Entry: entry, Evicted: losses}, nil
}

// EvictedBy gives the end of a view whose place e took.
func EvictedBy(e Entry) End {
	where := e.Label
	if where == "" {
		where = e.Remote
	}
	return End{Code: CodeEvicted, Params: map[string]string{
		"camera": e.Name, "number": itoa(e.Number), "where": where, "address": e.Remote, "by": e.Person,
	}}
}

// Renew prolongs leases; see Tracker.
func (m *Memory) Renew(_ context.Context, leases []Lease) ([]Loss, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	var losses []Loss
	for _, l := range leases {
		loss := Loss{Seat: l.Entry.Seat, Node: l.Entry.Node, End: End{Code: CodeExpired, At: now.UTC()}}
		h := m.household(l.Entry.User, now)
		if h != nil {
			if s := h.seats[l.Entry.View]; s != nil {
				if s.entry.Generation == l.Entry.Generation {
					s.expires = now.Add(l.TTL)
					continue
				}
				loss.End.Code = CodeReplaced
			} else if mem, ok := h.remembered[l.Entry.View]; ok {
				loss.End = mem.end.clone()
			}
		}
		losses = append(losses, loss)
	}
	return losses, nil
}

// Release gives a seat back; see Tracker.
func (m *Memory) Release(_ context.Context, s Seat) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := m.household(s.User, m.now())
	if h == nil {
		return nil
	}
	if present := h.seats[s.View]; present != nil && present.entry.Generation == s.Generation {
		delete(h.seats, s.View)
	}
	return nil
}

// End takes a place away; see Tracker.
func (m *Memory) End(_ context.Context, s Seat, end End) (Entry, bool, error) {
	m.mu.Lock()
	var losses []Loss
	var entry Entry
	now := m.now()
	if h := m.household(s.User, now); h != nil {
		present := h.seats[s.View]
		if present != nil && (s.Generation == 0 || s.Generation == present.entry.Generation) {
			entry = present.entry
			losses = append(losses, h.take(present, end, now))
		}
	}
	m.mu.Unlock()
	m.kick(losses)
	return entry, len(losses) > 0, nil
}

// Trim ends a user's oldest views; see Tracker.
func (m *Memory) Trim(_ context.Context, user auth.UserID, limit int, end End) ([]Loss, error) {
	m.mu.Lock()
	var losses []Loss
	now := m.now()
	if h := m.household(user, now); h != nil {
		losses = h.trim(limit, end, now)
	}
	m.mu.Unlock()
	m.kick(losses)
	return losses, nil
}

// List gives views; see Tracker.
func (m *Memory) List(_ context.Context, user auth.UserID) ([]Entry, error) {
	m.mu.Lock()
	now := m.now()
	users := []auth.UserID{user}
	if user == "" {
		users = users[:0]
		for id := range m.users {
			users = append(users, id)
		}
	}
	var entries []Entry
	for _, id := range users {
		if h := m.household(id, now); h != nil {
			for _, s := range h.seats {
				entries = append(entries, s.entry)
			}
		}
	}
	m.mu.Unlock()
	slices.SortFunc(entries, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Login, b.Login), cmp.Compare(a.User, b.User), cmp.Compare(a.Order, b.Order))
	})
	return entries, nil
}

// Kicks gives a node's losses; see Tracker.
func (m *Memory) Kicks(ctx context.Context, node string) (<-chan Loss, error) {
	in := make(chan Loss, kickQueue)
	m.mu.Lock()
	m.kicks[node] = append(slices.Clip(m.kicks[node]), in)
	m.mu.Unlock()
	context.AfterFunc(ctx, func() {
		m.mu.Lock()
		m.kicks[node] = slices.DeleteFunc(slices.Clone(m.kicks[node]), func(c chan Loss) bool { return c == in })
		m.mu.Unlock()
	})
	return in, nil
}

// kick tells the nodes; a full queue drops, since Renew tells it again.
func (m *Memory) kick(losses []Loss) {
	for _, l := range losses {
		m.mu.Lock()
		listeners := m.kicks[l.Node]
		m.mu.Unlock()
		for _, c := range listeners {
			select {
			case c <- l:
			default:
			}
		}
	}
}

// household gives a user's state without what has lapsed; nil when nothing is left, but for the counter, which the clock makes up for.
func (m *Memory) household(user auth.UserID, now time.Time) *household {
	h := m.users[user]
	if h == nil {
		return nil
	}
	for id, s := range h.seats {
		if !now.Before(s.expires) {
			delete(h.seats, id)
		}
	}
	for id, mem := range h.remembered {
		if !now.Before(mem.expires) {
			delete(h.remembered, id)
		}
	}
	if len(h.seats) == 0 && len(h.remembered) == 0 && h.counter < now.UnixMilli() {
		delete(m.users, user)
		return nil
	}
	return h
}

// take removes a seat and remembers why, where that is to be remembered.
func (h *household) take(s *seat, end End, now time.Time) Loss {
	end = end.clone()
	end.At = now.UTC()
	id := s.entry.View
	delete(h.seats, id)
	if end.Remembered() {
		h.remembered[id] = memory{end: end, expires: now.Add(Remember)}
		h.forget()
	}
	return Loss{Seat: s.entry.Seat, Node: s.entry.Node, End: end}
}

// trim takes the oldest seats until limit are left.
func (h *household) trim(limit int, end End, now time.Time) []Loss {
	surplus := len(h.seats) - limit
	if surplus <= 0 {
		return nil
	}
	oldest := make([]*seat, 0, len(h.seats))
	for _, s := range h.seats {
		oldest = append(oldest, s)
	}
	slices.SortFunc(oldest, func(a, b *seat) int { return cmp.Compare(a.entry.Order, b.entry.Order) })
	losses := make([]Loss, 0, surplus)
	for _, s := range oldest[:surplus] {
		losses = append(losses, h.take(s, end, now))
	}
	return losses
}

// forget keeps what is remembered bounded.
func (h *household) forget() {
	for len(h.remembered) > maxRemembered {
		var oldest ViewID
		var at time.Time
		for id, mem := range h.remembered {
			if oldest == "" || mem.expires.Before(at) {
				oldest, at = id, mem.expires
			}
		}
		delete(h.remembered, oldest)
	}
}
