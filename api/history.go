package api

import (
	"context"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
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

// EventFilter says which events: in a list as in a stream.
type EventFilter struct {
	Kind   []string  `query:"kind,explode" maxItems:"50" doc:"only these kinds; view. is all that begin so; may be given again"`
	Code   []string  `query:"code,explode" maxItems:"50" doc:"only these codes; may be given again"`
	Camera string    `query:"camera" maxLength:"100" doc:"only about this camera's id"`
	User   string    `query:"user" maxLength:"100" doc:"only by or about this user's id"`
	Q      string    `query:"q" maxLength:"200" doc:"words in names, logins, camera numbers, addresses and notes as they were then; case and ё do not matter"`
	From   time.Time `query:"from" doc:"inclusive"`
	To     time.Time `query:"to" doc:"exclusive"`
}

// EventsInput is the query of the event log.
type EventsInput struct {
	EventFilter
	After  int64  `query:"after" minimum:"0" doc:"only events with greater ids"`
	Limit  int    `query:"limit" minimum:"1" doc:"100 if absent, at most 1,000"`
	Cursor string `query:"cursor" maxLength:"20" pattern:"^[0-9]*$" doc:"next_cursor of the page before"`
	Sort   string `query:"sort" enum:"id,-id" doc:"id: oldest first, as without it; -id: newest first"`
}

var errEventKind = errFilter.At("kind", "not_allowed")

// errFilter begins the refusals of a filter's values.
var errFilter = fault.New(fault.Invalid, "request.invalid", "some fields are wrong")

// logQuery gives the filter as the log takes it.
func (f EventFilter) logQuery() (events.Query, error) {
	q := events.Query{Camera: f.Camera, User: f.User, Q: f.Q, From: f.From, To: f.To, Codes: listed(f.Code)}
	for _, word := range listed(f.Kind) {
		kinds := events.KindsNamed(word)
		if kinds == nil {
			return q, errEventKind
		}
		q.Kinds = append(q.Kinds, kinds...)
	}
	return q, nil
}

// listed gives the values of a parameter that may be given again, and may hold several with commas between.
func listed(values []string) (all []string) {
	for _, v := range values {
		for part := range strings.SplitSeq(v, ",") {
			if part != "" {
				all = append(all, part)
			}
		}
	}
	return all
}

func (a *API) listEvents(ctx context.Context, in *EventsInput) (*listOutput[Event], error) {
	q, err := in.EventFilter.logQuery()
	if err != nil {
		return nil, err
	}
	q.After = in.After
	total, err := a.events.CountEvents(ctx, q)
	if err != nil {
		return nil, err
	}
	q.Limit = min(in.Limit, paging.MaxLimit)
	if q.Limit == 0 {
		q.Limit = paging.DefaultLimit
	}
	at, err := strconv.ParseInt(in.Cursor, 10, 64)
	if err != nil && in.Cursor != "" {
		return nil, errCursor
	}
	switch given := err == nil; {
	case in.Sort == "-id" && given:
		q.Before = at
	case in.Sort == "-id":
		q.Before = math.MaxInt64
	case given:
		q.After = max(q.After, at)
	}
	found, err := a.events.Events(ctx, q)
	if err != nil {
		return nil, err
	}
	page := paging.Page[events.Event]{Items: found, Total: total}
	if len(found) == q.Limit {
		page.NextCursor = strconv.FormatInt(found[len(found)-1].ID, 10)
	}
	return listing(page, showEvent), nil
}

// documentKinds tells the document the kinds there are, in an event and in its filter; they stand in events, which knows no huma.
func documentKinds(document *huma.OpenAPI) {
	var kinds, words []any
	for _, k := range events.Kinds() {
		kinds = append(kinds, string(k))
	}
	for _, family := range events.Families() {
		words = append(words, family)
	}
	if s := document.Components.Schemas.Map()["Event"]; s != nil {
		s.Properties["kind"].Enum = kinds
	}
	for _, path := range []string{"/events", "/events/stream"} {
		item := document.Paths[v1+path]
		for i, p := range item.Get.Parameters {
			if p.Name == "kind" {
				named := *p // the one that huma goes by when it reads requests takes commas too
				named.Schema = &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString, Enum: append(words, kinds...)}}
				item.Get.Parameters[i] = &named
			}
		}
	}
}
