package api

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/rtsp-viewer/rtsp-viewer/camera"
	"github.com/rtsp-viewer/rtsp-viewer/probe"
)

// Probes is a job that probes many cameras.
type Probes struct {
	ID      string     `json:"id"`
	State   string     `json:"state" enum:"running,done,cancelled"`
	Of      int        `json:"of" doc:"cameras in all"`
	Done    int        `json:"done"`
	Well    int        `json:"well" doc:"of those done: they give pictures that some way to the browser carries"`
	Failed  int        `json:"failed" doc:"of those done: all others"`
	BeganAt time.Time  `json:"began_at"`
	EndedAt *time.Time `json:"ended_at" doc:"null while it runs"`
	By      string     `json:"by" doc:"who began it"`
}

func showProbes(j probe.Job) Probes {
	return Probes{
		ID: j.ID, State: string(j.State), Of: j.Of, Done: j.Done, Well: j.Well, Failed: j.Failed,
		BeganAt: utc(j.BeganAt), EndedAt: utcOr(&j.EndedAt), By: j.By,
	}
}

// NewProbes says which cameras to probe; all of them without any of the three.
type NewProbes struct {
	IDs   []string `json:"ids,omitempty" maxItems:"10000"`
	Tag   string   `json:"tag,omitempty" maxLength:"200" doc:"only cameras with this tag"`
	Group string   `json:"group,omitempty" maxLength:"100" doc:"only cameras in this group"`
}

func (a *API) beginProbes(ctx context.Context, in *struct{ Body *NewProbes }) (*created[Probes], error) {
	var of probe.Selection
	if b := in.Body; b != nil {
		named := idsOf[camera.GroupID]([]string{b.Tag, b.Group})
		of = probe.Selection{IDs: idsOf[camera.ID](b.IDs), Tag: string(named[0]), Group: named[1]}
	}
	job, err := a.probes.Begin(ctx, caller(ctx), of)
	if err != nil {
		return nil, err
	}
	return &created[Probes]{Location: v1 + "/probes/" + job.ID, Body: showProbes(job)}, nil
}

func (a *API) listProbes(context.Context, *struct{}) (*listOutput[Probes], error) {
	jobs := a.probes.Jobs()
	out := make([]Probes, len(jobs))
	for i, j := range jobs {
		out[i] = showProbes(j)
	}
	return whole(out), nil
}

type ProbesInput struct {
	ID string `path:"id"`
}

func (a *API) getProbes(_ context.Context, in *ProbesInput) (*struct{ Body Probes }, error) {
	job, err := a.probes.Job(in.ID)
	if err != nil {
		return nil, err
	}
	return &struct{ Body Probes }{showProbes(job)}, nil
}

// ProbedCamera is a camera of a job.
type ProbedCamera struct {
	Camera   ProbedName `json:"camera"`
	State    string     `json:"state" enum:"waiting,probing,done"`
	Passport *Passport  `json:"passport" doc:"null before it is done"`
}

// ProbedName names a camera of a job.
type ProbedName struct {
	ID     string `json:"id"`
	Number int    `json:"number"`
	Name   string `json:"name"`
}

func showProbed(i probe.Item) ProbedCamera {
	return ProbedCamera{
		Camera: ProbedName{ID: string(i.Camera), Number: i.Number, Name: i.Name}, State: string(i.State), Passport: showPassport(i.Passport, i.Camera),
	}
}

func (a *API) listProbed(_ context.Context, in *struct {
	ProbesInput
	PageInput
	State   string   `query:"state" enum:"waiting,probing,done" doc:"only those"`
	Outcome []string `query:"outcome,explode" maxItems:"5" enum:"none,failed,uncarried,advice,well" doc:"only those that came to this, as in the list of cameras; repeatable"`
}) (*listOutput[ProbedCamera], error) {
	page, err := a.probes.Items(in.ID, probe.ItemQuery{Query: in.query(), State: probe.ItemState(in.State), Outcomes: idsOf[camera.Outcome](in.Outcome)})
	if err != nil {
		return nil, err
	}
	return listing(page, showProbed), nil
}

func (a *API) cancelProbes(_ context.Context, in *ProbesInput) (*nothing, error) {
	return nil, a.probes.Cancel(in.ID)
}

// probesSheet writes what a job has found so far.
func (a *API) probesSheet(c *gin.Context) {
	ctx := c.Request.Context()
	found, err := a.probes.Found(c.Param("id"))
	if err != nil {
		a.refuse(c, err)
		return
	}
	release, err := a.sheetTurn(ctx)
	if err != nil {
		a.refuse(c, err)
		return
	}
	defer release()
	a.sendSheet(c, http.StatusOK, "probe.xlsx", func(to io.Writer) error {
		defer release() // before it is sent, to whoever reads slowly
		return camera.WritePassports(to, found, sheetLanguage(c), a.zone)
	})
}

// probeRoutes is the part of the table about probing.
func (a *API) probeRoutes() []route {
	return []route{
		{method: http.MethodPost, path: v1 + "/cameras/probe", need: moderator, tag: "probes", name: "probe-camera", summary: "Look at a camera: what it sends, what will carry it, what to change; within 20 s", typed: typed(a, a.probeCamera)},
		{method: http.MethodGet, path: v1 + "/cameras/{id}/passport/still", need: moderator, tag: "probes", name: "get-passport-still", summary: "The picture of a camera's last probe", media: "image/jpeg", query: []string{"at"}, raw: a.passportStill},
		{method: http.MethodPost, path: v1 + "/probes", need: moderator, tag: "probes", name: "begin-probes", summary: "Probe many cameras, one job at a time", status: http.StatusAccepted, typed: typed(a, a.beginProbes)},
		{method: http.MethodGet, path: v1 + "/probes", need: moderator, tag: "probes", name: "list-probes", summary: "The last ten jobs, the newest first", typed: typed(a, a.listProbes)},
		{method: http.MethodGet, path: v1 + "/probes/{id}", need: moderator, tag: "probes", name: "get-probes", summary: "How far a job is", typed: typed(a, a.getProbes)},
		{method: http.MethodGet, path: v1 + "/probes/{id}/cameras", need: moderator, tag: "probes", name: "list-probed-cameras", summary: "The cameras of a job with what was found", typed: typed(a, a.listProbed)},
		{method: http.MethodDelete, path: v1 + "/probes/{id}", need: moderator, tag: "probes", name: "cancel-probes", summary: "End a job; what it found stays", typed: typed(a, a.cancelProbes)},
		{method: http.MethodGet, path: v1 + "/probes/{id}/sheet", need: moderator, tag: "probes", name: "probes-sheet", summary: "What a job found, as a spreadsheet", media: camera.SheetType, query: []string{"lang"}, raw: a.probesSheet},
	}
}
