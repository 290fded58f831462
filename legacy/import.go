package legacy

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/events"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
	"github.com/rtsp-viewer/rtsp-viewer/internal/fold"
)

// Mode says how far an import goes.
type Mode uint8

// The modes.
const (
	DryRun      Mode = iota // all is tried and nothing kept
	Apply                   // kept unless a row is wrong
	SkipInvalid             // kept without the rows that are wrong
)

// ErrWrongRows is the end of an import in mode Apply with wrong rows: nothing was kept.
var ErrWrongRows = errors.New("some rows are wrong, so nothing was taken over")

// ErrNoAddressOpens refuses a key that opens none of the addresses.
var ErrNoAddressOpens = errors.New("the predecessor's key opens none of its cameras' addresses: it is another key")

// Options are what an Importer needs; Progress may be nil.
type Options struct {
	Store    Store
	Cameras  *camera.Service
	Now      func() time.Time
	Progress func(kind Kind, done, all int) // from the caller's goroutine, now and then
}

// Importer takes records over.
type Importer struct{ o Options }

// NewImporter makes an Importer. It starts nothing.
func NewImporter(o Options) (*Importer, error) {
	switch {
	case o.Store == nil:
		return nil, errors.New("legacy: Options.Store is missing")
	case o.Cameras == nil:
		return nil, errors.New("legacy: Options.Cameras is missing")
	case o.Now == nil:
		return nil, errors.New("legacy: Options.Now is missing")
	}
	if o.Progress == nil {
		o.Progress = func(Kind, int, int) {}
	}
	return &Importer{o}, nil
}

// errTried takes back what a dry run did.
var errTried = errors.New("a dry run")

// Run takes records over, in one transaction, or tries to: a dry run goes the very same way and is taken back at its end, so that its
// verdicts are those of the import. The report is good with ErrWrongRows too. ErrNoAddressOpens.
func (i *Importer) Run(ctx context.Context, from Records, key Key, mode Mode) (Report, error) {
	var report Report
	err := i.o.Store.TakeOver(ctx, func(tx Tx) error {
		r := run{Importer: i, tx: tx, key: key, from: from, now: i.o.Now().UTC().Truncate(time.Millisecond), taken: map[Origin]string{}}
		err := r.all(ctx)
		report = r.report
		switch {
		case err != nil:
			return err
		case mode == DryRun:
			return errTried
		case mode == Apply && report.Wrong() > 0:
			return ErrWrongRows
		}
		return nil
	})
	if errors.Is(err, errTried) {
		err = nil
	}
	return report, err
}

// run is one try at it.
type run struct {
	*Importer
	tx     Tx
	key    Key
	from   Records
	now    time.Time
	before map[Origin]string
	taken  map[Origin]string
	events []events.Event
	report Report

	byMail  map[string]auth.User
	logins  map[string]bool // folded
	users   map[string]auth.User
	cameras map[int64]camera.Record
}

func (r *run) all(ctx context.Context) error {
	var err error
	if r.before, err = r.tx.Origins(ctx); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{r.takeUsers, r.takeCameras, r.takeGrants, r.takeFavourites} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if err := r.tx.Remember(ctx, r.taken); err != nil {
		return err
	}
	return r.tx.Tell(ctx, r.events)
}

func (r *run) tell(row Row) { r.report.Rows = append(r.report.Rows, row) }

// took notes that a row was taken over.
func (r *run) took(o Origin, id string) {
	if _, known := r.before[o]; !known {
		r.taken[o] = id
	}
}

const note = "import-legacy"

func (r *run) happened(e events.Event) {
	e.At, e.Note = r.now, note
	r.events = append(r.events, e)
}

func (r *run) takeUsers(ctx context.Context) error {
	people, err := r.tx.People(ctx)
	if err != nil {
		return err
	}
	byID := map[string]auth.User{}
	r.byMail, r.logins, r.users = map[string]auth.User{}, map[string]bool{}, map[string]auth.User{}
	for _, u := range people {
		byID[string(u.ID)] = u
		r.logins[fold.Text(u.Login)] = true
		if u.Email != "" {
			r.byMail[fold.Text(u.Email)] = u
		}
	}
	shared := sharedPhones(r.from.Users)
	mine := map[string]string{} // e-mail of a row to its id
	for n, old := range r.from.Users {
		row := Row{Origin: Origin{KindUser, old.ID}, Name: clean(old.Email)}
		id, before := r.before[row.Origin]
		here, met := r.byMail[fold.Text(old.Email)]
		if before {
			here, met = byID[id], byID[id].ID != ""
		}
		switch other := mine[fold.Text(old.Email)]; {
		case before && !met:
			row.Verdict, row.Why = Gone, "deleted here since"
		case other != "" && !before:
			row.Verdict, row.Why = Wrong, "email: "+auth.ErrEmailTaken.Code+" by "+other
		case met:
			row.Verdict, row.As = Present, here.Login+", "+string(here.Role)
			if role, ok := roleOf(old.Role); ok && role != here.Role {
				row.Why = "stays what it is here; there: " + string(role)
			}
			r.users[old.ID] = here
			r.took(row.Origin, string(here.ID))
		default:
			if err := r.newUser(ctx, old, shared, &row); err != nil {
				return err
			}
		}
		if row.Verdict != Wrong && row.Verdict != Gone {
			mine[fold.Text(old.Email)] = old.ID
		}
		r.tell(row)
		r.o.Progress(KindUser, n+1, len(r.from.Users))
	}
	return nil
}

func (r *run) newUser(ctx context.Context, old User, shared map[string]bool, row *Row) error {
	wrong := func(why string) { row.Verdict, row.Why = Wrong, why }
	role, ok := roleOf(old.Role)
	if !ok {
		wrong("role: not_allowed")
		return nil
	}
	banned, ok := banOf(old.Ban)
	if !ok {
		wrong("ban: not_allowed")
		return nil
	}
	if strings.TrimSpace(old.Email) == "" {
		wrong("email: required") // nobody could sign in
		return nil
	}
	u := auth.User{
		Login: r.login(old.Email), Email: old.Email, FirstName: old.FirstName, LastName: old.LastName, MiddleName: old.Paternal,
		Phone: old.Phone, Role: role, Banned: banned,
	}
	var besides []string
	if shared[phone(old.Phone)] {
		u.Phone = ""
		besides = append(besides, "phone dropped: others have the same")
	}
	hash := old.Password.reveal()
	row.Verdict = New
	if !auth.BcryptHash(hash) {
		hash, row.Verdict = "", Reset
	}
	created, updated := r.times(old.CreatedAt, old.UpdatedAt)
	account, err := auth.Prepare(u, hash, created, updated)
	if err != nil {
		wrong(why(err))
		return nil
	}
	if err := r.tx.AddUser(ctx, account); err != nil {
		return err
	}
	r.users[old.ID] = account.User
	r.logins[fold.Text(account.Login)] = true
	r.byMail[fold.Text(account.Email)] = account.User
	r.took(row.Origin, string(account.ID))
	if banned {
		besides = append(besides, "banned")
	}
	row.As, row.Why = account.Login+", "+string(role), strings.Join(besides, "; ")
	r.happened(events.Event{Kind: events.UserCreated, User: account.Person()})
	return nil
}

// login makes a login name that is free: what stands before the "@", else the whole e-mail with a dot in place of the "@", which no login may hold.
func (r *run) login(email string) string {
	local, domain, _ := strings.Cut(strings.TrimSpace(email), "@")
	first := loginOf(local)
	if first == "" {
		first = "user"
	}
	whole := loginOf(first + "." + domain)
	for _, name := range []string{first, whole} {
		if !r.logins[fold.Text(name)] {
			return name
		}
	}
	for n := 2; ; n++ {
		if name := whole + "-" + strconv.Itoa(n); !r.logins[fold.Text(name)] {
			return name
		}
	}
}

func (r *run) takeCameras(ctx context.Context) error {
	records, err := r.tx.Cameras(ctx)
	if err != nil {
		return err
	}
	byID, byNumber, byAddress := map[string]camera.Record{}, map[int]camera.Record{}, map[string]int{}
	for _, c := range records {
		byID[string(c.ID)], byNumber[c.Number] = c, c
		if address, err := r.o.Cameras.AddressOf(c); err == nil {
			byAddress[address] = c.Number
		}
	}
	r.cameras = map[int64]camera.Record{}
	opened := 0
	for n, old := range r.from.Cameras {
		row := Row{Origin: Origin{KindCamera, strconv.FormatInt(old.ID, 10)}, Name: clean(old.Name)}
		text, sealed := r.key.open(old.StreamURL)
		if sealed == nil {
			opened++
		}
		if err := r.takeCamera(ctx, old, text, sealed, byID, byNumber, byAddress, &row); err != nil {
			return err
		}
		r.tell(row)
		r.o.Progress(KindCamera, n+1, len(r.from.Cameras))
	}
	if opened == 0 && len(r.from.Cameras) > 0 {
		return ErrNoAddressOpens
	}
	return nil
}

func (r *run) takeCamera(
	ctx context.Context, old Camera, text string, sealed error,
	byID map[string]camera.Record, byNumber map[int]camera.Record, byAddress map[string]int, row *Row,
) error {
	wrong := func(why string) { row.Verdict, row.Why = Wrong, why }
	if id, before := r.before[row.Origin]; before {
		here, met := byID[id]
		if !met {
			row.Verdict, row.Why = Gone, "deleted here since"
			return nil
		}
		row.Verdict, row.As = Present, "number "+strconv.Itoa(here.Number)
		r.cameras[old.ID] = here
		return nil
	}
	if sealed != nil {
		wrong("stream_url: " + sealed.Error())
		return nil
	}
	if old.ID < 1 || old.ID > 1<<31 {
		wrong("number: out_of_range")
		return nil
	}
	created, updated := r.times(old.CreatedAt, old.UpdatedAt)
	record, err := r.o.Cameras.Prepare(
		camera.NewCamera{Number: int(old.ID), Name: old.Name, Location: old.Location, Address: text}, created, updated)
	if err != nil {
		if fault.From(err).Kind != fault.Invalid {
			return err
		}
		wrong(why(err))
		return nil
	}
	address, err := r.o.Cameras.AddressOf(record)
	if err != nil {
		return err
	}
	double, doubled := byAddress[address]
	if here, taken := byNumber[record.Number]; taken && doubled && double == here.Number {
		row.Verdict, row.As = Present, "number "+strconv.Itoa(here.Number)
		r.cameras[old.ID] = here
		r.took(row.Origin, string(here.ID))
		return nil
	}
	switch err := r.tx.AddCamera(ctx, record); {
	case errors.Is(err, camera.ErrNumberTaken), errors.Is(err, camera.ErrNumberRetired):
		wrong(why(err))
		return nil
	case err != nil:
		return err
	}
	row.Verdict, row.As = New, "number "+strconv.Itoa(record.Number)
	if doubled {
		row.Why = "same address as camera " + strconv.Itoa(double)
	}
	byNumber[record.Number], byAddress[address] = record, record.Number
	r.cameras[old.ID] = record
	r.took(row.Origin, string(record.ID))
	r.happened(events.Event{Kind: events.CameraCreated, Camera: subject(record)})
	return nil
}

func (r *run) takeGrants(ctx context.Context) error {
	via := camera.Via{GrantedAt: r.now, GrantedBy: note}
	return r.pairs(KindGrant, r.from.Grants, func(u auth.User, c camera.Record) (bool, error) {
		given, err := r.tx.Grant(ctx, u.ID, c.ID, via)
		if given {
			r.happened(events.Event{Kind: events.GrantGiven, User: u.Person(), Camera: subject(c)})
		}
		return given, err
	})
}

func (r *run) takeFavourites(ctx context.Context) error {
	return r.pairs(KindFavourite, r.from.Favourites, func(u auth.User, c camera.Record) (bool, error) {
		return r.tx.Favourite(ctx, u.ID, c.ID, r.now)
	})
}

// pairs takes over what ties a user to a camera. What was taken over before is not given again: it may have been withdrawn since.
func (r *run) pairs(kind Kind, from []Pair, give func(auth.User, camera.Record) (bool, error)) error {
	for n, p := range from {
		row := Row{Origin: Origin{kind, p.User + "/" + strconv.FormatInt(p.Camera, 10)}}
		u, person := r.users[p.User]
		c, cam := r.cameras[p.Camera]
		row.Name = u.Email + " " + clean(c.Name)
		_, before := r.before[row.Origin]
		switch {
		case before && person && cam:
			row.Verdict = Present
		case r.gone(p):
			row.Verdict = Gone
		case !person:
			row.Verdict, row.Why = Wrong, "the person is not taken over"
		case !cam:
			row.Verdict, row.Why = Wrong, "the camera is not taken over"
		default:
			given, err := give(u, c)
			if err != nil {
				return err
			}
			row.Verdict = Present
			if given {
				row.Verdict = New
			}
			r.took(row.Origin, "")
		}
		r.tell(row)
		r.o.Progress(kind, n+1, len(from))
	}
	return nil
}

// gone reports whether one of the two was taken over once and deleted since.
func (r *run) gone(p Pair) bool {
	_, user := r.before[Origin{KindUser, p.User}]
	_, person := r.users[p.User]
	_, cam := r.before[Origin{KindCamera, strconv.FormatInt(p.Camera, 10)}]
	_, there := r.cameras[p.Camera]
	return user && !person || cam && !there
}

// times gives times that are not missing.
func (r *run) times(created, updated time.Time) (time.Time, time.Time) {
	if created.IsZero() {
		created = r.now
	}
	if updated.Before(created) {
		updated = created
	}
	return created, updated
}

func subject(c camera.Record) events.Subject {
	return events.Subject{ID: string(c.ID), Number: c.Number, Name: c.Name}
}

// why gives in a word what an error says: the field and the code, or the code alone.
func why(err error) string {
	f := fault.From(err)
	if len(f.Fields) > 0 {
		return f.Fields[0].Path + ": " + f.Fields[0].Code
	}
	return f.Code
}
