package api

import (
	"context"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/rtsp-viewer/rtsp-viewer/auth"
)

// access says who may call a route.
type access string

// The kinds of access. All but anyone need a sign-in; a stronger role may do what a weaker one may.
const (
	anyone    access = ""
	user      access = access(auth.RoleUser)
	moderator access = access(auth.RoleModerator)
	admin     access = access(auth.RoleAdmin)
)

// route is one line of the table: all that gin, the gate and the OpenAPI document know of it. Exactly one of typed and raw is set.
type route struct {
	method  string
	path    string // from the root, parameters as {name}
	need    access
	tag     string
	name    string // operation id; unique
	summary string

	typed func(huma.API, huma.Operation)
	raw   gin.HandlerFunc
	media string       // what a raw route answers with on success; empty for none
	body  string       // what a raw route reads; empty for none
	query []string     // what a raw route takes in its query
	json  reflect.Type // what a raw route answers with besides media, as JSON; nil for none
	lines reflect.Type // what a raw route answers with besides, as lines of JSON; nil for none
	most  int64        // bound of the body in bytes, if not maxBody

	screen bool // a wall screen may call it too; anyone's routes are its as well
	status int  // of success; 0: 200, or 204 where a typed route answers nothing
	quiet  bool // not worth a line in the access log at its usual level
	rest   bool // answers whatever no other route does
	stays  bool // its answer lasts as long as the caller stays: no HEAD
}

// ginPath gives the path as gin writes it.
func (r route) ginPath() string {
	return strings.NewReplacer("{", ":", "}", "").Replace(r.path)
}

// typed makes a route's registration out of a handler: huma parses and validates, the handler works, faults become Problems.
func typed[I, O any](a *API, handle func(context.Context, *I) (*O, error)) func(huma.API, huma.Operation) {
	return func(h huma.API, op huma.Operation) {
		huma.Register(h, op, func(ctx context.Context, in *I) (*O, error) {
			out, err := handle(ctx, in)
			if err != nil {
				return nil, a.problemOf(ctx, err)
			}
			return out, nil
		})
	}
}

// raw makes a route of a plain handler, which finds the path's parameters by http.Request.PathValue and the principal in the context.
func raw(h http.Handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		for _, p := range c.Params {
			c.Request.SetPathValue(p.Key, p.Value)
		}
		h.ServeHTTP(c.Writer, c.Request)
	}
}

// operation gives what the OpenAPI document says of the route.
func (r route) operation(registry huma.Registry) huma.Operation {
	op := huma.Operation{
		OperationID:   r.name,
		Method:        r.method,
		Path:          r.path,
		Summary:       r.summary,
		Tags:          []string{r.tag},
		DefaultStatus: r.status,
		MaxBodyBytes:  maxBody,
		Responses:     map[string]*huma.Response{},
	}
	op.Responses["default"] = &huma.Response{
		Description: "Problem",
		Content:     map[string]*huma.MediaType{problemType: {Schema: registry.Schema(problemGoType, true, "")}},
	}
	if r.need != anyone {
		op.Security = []map[string][]string{{"bearer": {}}, {"cookie": {}}}
		op.Description = "Needs the role " + string(r.need) + "."
		if !r.screen {
			op.Description += " Not for wall screens."
		}
	}
	return op
}

// documentRaw gives a raw route's operation in full, since no Go types speak for it.
func (r route) documentRaw(registry huma.Registry) *huma.Operation {
	op := r.operation(registry)
	status := r.status
	if status == 0 {
		status = http.StatusOK
	}
	answer := &huma.Response{Description: http.StatusText(status)}
	if r.media != "" {
		answer.Content = map[string]*huma.MediaType{r.media: {Schema: &huma.Schema{}}}
		if strings.HasPrefix(r.media, "text/") || r.media == sdpType {
			answer.Content[r.media].Schema = &huma.Schema{Type: huma.TypeString}
		}
	}
	if r.json != nil {
		if answer.Content == nil {
			answer.Content = map[string]*huma.MediaType{}
		}
		answer.Content["application/json"] = &huma.MediaType{Schema: registry.Schema(r.json, true, "")}
	}
	if r.lines != nil {
		answer.Content[linesType] = &huma.MediaType{Schema: registry.Schema(r.lines, true, "")}
	}
	op.Responses[statusText(status)] = answer
	if r.body != "" {
		schema := &huma.Schema{Type: huma.TypeString}
		if r.body == formType {
			schema = &huma.Schema{Type: huma.TypeObject, Required: []string{"file"}, Properties: map[string]*huma.Schema{
				"file": {Type: huma.TypeString, Format: "binary"},
			}}
		}
		op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{r.body: {Schema: schema}}}
	}
	for part := range strings.SplitSeq(r.path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			op.Parameters = append(op.Parameters, &huma.Param{
				Name: strings.TrimSuffix(name, "}"), In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString},
			})
		}
	}
	for _, name := range r.query {
		op.Parameters = append(op.Parameters, &huma.Param{Name: name, In: "query", Schema: &huma.Schema{Type: huma.TypeString}})
	}
	return &op
}
