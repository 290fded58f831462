package api

import (
	"context"
	"math"
	"strconv"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/paging"
)

// Event is one thing that happened. Names in it are those of the moment, readable after a deletion.
type Event struct {
	ID        int64      `json:"id" doc:"growing"`
	At        time.Time  `json:"at"`
	Kind      string     `json:"kind" example:"view.begun"`
	Actor     Person     `json:"actor" doc:"who did it; empty for the gateway itself"`
	User      Person     `json:"user" doc:"whom it was done to, if not the actor"`
	Camera    CameraName `json:"camera" doc:"empty if none"`
	View      string     `json:"view"`
	Transport string     `json:"transport"`
	Remote    string     `json:"remote"`
	Code      string     `json:"code" doc:"why"`
	LastedMS  int64      `json:"lasted_ms"`
	Fields    []string   `json:"fields" nullable:"false" doc:"names of changed fields"`
	Note      string     `json:"note"`
	Times     int        `json:"times" doc:"how many occurrences this one stands for"`
}

func showEvent(e events.Event) Event {
	return Event{
		ID: e.ID, At: utc(e.At), Kind: string(e.Kind), Actor: showNames(e.Actor), User: showNames(e.User),
		Camera: CameraName{ID: e.Camera.ID, Number: e.Camera.Number, Name: e.Camera.Name}, View: e.View, Transport: e.Transport,
		Remote: e.Remote, Code: e.Code, LastedMS: e.Lasted.Milliseconds(), Fields: texts(e.Fields), Note: e.Note, Times: max(e.Times, 1),
	}
}

func showNames(p events.Person) Person { return Person{ID: p.ID, Login: p.Login, Name: p.Name} }

// EventsInput is the query of the event log.
type EventsInput struct {
	After  int64     `query:"after" minimum:"0" doc:"only events with greater ids, oldest first"`
	Limit  int       `query:"limit" minimum:"1" doc:"100 if absent, at most 1,000"`
	Cursor string    `query:"cursor" maxLength:"20" pattern:"^[0-9]*$" doc:"next_cursor of the page before"`
	Sort   string    `query:"sort" enum:"id,-id" doc:"-id: newest first"`
	Kind   []string  `query:"kind" maxItems:"50" doc:"only these kinds, separated by commas"`
	Camera string    `query:"camera" maxLength:"100" doc:"only about this camera's id"`
	User   string    `query:"user" maxLength:"100" doc:"only by or about this user's id"`
	From   time.Time `query:"from" doc:"inclusive"`
	To     time.Time `query:"to" doc:"exclusive"`
}

// eventsBody is a list without a total: the log is long, and nobody counts it.
type eventsBody struct {
	Items      []Event `json:"items" nullable:"false"`
	NextCursor string  `json:"next_cursor" doc:"empty when there is no more now; the last id then still serves as after"`
	Total      *int    `json:"total" doc:"always null: the log is not counted"`
}

func (in EventsInput) logQuery() events.Query {
	q := events.Query{
		After: in.After, Limit: min(in.Limit, paging.MaxLimit), Camera: in.Camera, User: in.User, From: in.From, To: in.To,
	}
	if q.Limit == 0 {
		q.Limit = paging.DefaultLimit
	}
	for _, k := range in.Kind {
		q.Kinds = append(q.Kinds, events.Kind(k))
	}
	at, err := strconv.ParseInt(in.Cursor, 10, 64)
	given := err == nil
	switch {
	case in.Sort == "-id" && given:
		q.Before = at
	case in.Sort == "-id":
		q.Before = math.MaxInt64
	case given:
		q.After = at
	}
	return q
}

func (a *API) listEvents(ctx context.Context, in *EventsInput) (*struct{ Body eventsBody }, error) {
	q := in.logQuery()
	found, err := a.events.Events(ctx, q)
	if err != nil {
		return nil, err
	}
	body := eventsBody{Items: make([]Event, 0, len(found))}
	for _, e := range found {
		body.Items = append(body.Items, showEvent(e))
	}
	if len(found) == q.Limit {
		body.NextCursor = strconv.FormatInt(found[len(found)-1].ID, 10)
	}
	return &struct{ Body eventsBody }{body}, nil
}
