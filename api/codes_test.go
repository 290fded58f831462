package api

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rtsp-viewer/rtsp-viewer/internal/fault"
)

// codesFile holds every code that somebody may meet; the page of errors is made of it and of words.json, which a test of the web app keeps.
const codesFile = "docs/codes.json"

// toldCode is one code as the page tells of it.
type toldCode struct {
	Code   string `json:"code"`
	Kind   string `json:"kind"`
	Status int    `json:"status"` // of HTTP; 0 where the code is no answer: the state of a camera, the end of a view
	Retry  string `json:"retry"`
	Detail string `json:"detail"`
}

// When trying again can help.
const (
	retryNo    = "no"    // the request or the rights must change first
	retryLater = "later" // after Retry-After, or a few seconds
	retryFresh = "fresh" // after refreshing the token or signing in
	retryRead  = "read"  // after reading the object again
	retrySelf  = "self"  // the gateway tries again by itself
)

var retryOf = map[fault.Kind]string{
	fault.Internal: retryLater, fault.Invalid: retryNo, fault.Unauthenticated: retryFresh, fault.Forbidden: retryNo, fault.NotFound: retryNo,
	fault.Conflict: retryNo, fault.Precondition: retryRead, fault.Gone: retryNo, fault.TooMany: retryLater, fault.TooLarge: retryNo,
	fault.Unavailable: retryLater, fault.Unsupported: retryNo,
}

var kindsByName = map[string]fault.Kind{
	"Internal": fault.Internal, "Invalid": fault.Invalid, "Unauthenticated": fault.Unauthenticated, "Forbidden": fault.Forbidden,
	"NotFound": fault.NotFound, "Conflict": fault.Conflict, "Precondition": fault.Precondition, "Gone": fault.Gone, "TooMany": fault.TooMany,
	"TooLarge": fault.TooLarge, "Unavailable": fault.Unavailable, "Unsupported": fault.Unsupported,
}

// translated are the codes that api gives for errors of others (problem.go, api.go): no fault.New makes them.
var translated = []toldCode{
	{Code: "request.malformed", Kind: "invalid", Status: 400, Retry: retryNo, Detail: "the body is missing or is not JSON"},
	{Code: "request.timeout", Kind: "unavailable", Status: 408, Retry: retryLater, Detail: "the body came too slowly"},
	{Code: "request.too_large", Kind: "too_large", Status: 413, Retry: retryNo, Detail: "the body exceeds 1 MiB"},
	{Code: "request.media_type", Kind: "unsupported", Status: 415, Retry: retryNo, Detail: "send application/json"},
	{Code: "route.method", Kind: "invalid", Status: 405, Retry: retryNo, Detail: "this address does not take this method; see Allow"},
}

// atStart are codes that end a start or stay between parts of the gateway: they reach its log and no caller.
var atStart = []string{"store.", "keys.", "peer.", "relay."}

// states says of the constants of these packages when what they name passes: they are no answers of HTTP.
var states = map[string]struct {
	kind  string
	retry func(code string) string
}{
	"relay": {"state", func(string) string { return retrySelf }},
	"viewers": {"end", func(code string) string {
		if code == "view.expired" || code == "server.stopping" {
			return retryLater
		}
		return retryNo
	}},
}

// TestCodesAreTold reads the sources for every code that a caller may meet and holds codesFile to them; with -renew it writes it.
func TestCodesAreTold(t *testing.T) {
	found := map[string]toldCode{}
	for _, c := range translated {
		found[c.Code] = c
	}
	dirs := map[string]bool{}
	must(t, filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		name := d.Name()
		if err != nil || d.IsDir() && (name == "web" || name == "cmd" || name == "bin" || name == "fault" || name != ".." && strings.HasPrefix(name, ".")) {
			return fs.SkipDir
		}
		if strings.HasSuffix(name, ".go") {
			dirs[filepath.Dir(path)] = true
		}
		return nil
	}))
	for dir := range dirs {
		codesOf(t, dir, found)
	}
	if len(found) < 80 {
		t.Fatalf("only %d codes were found", len(found))
	}
	var all []toldCode
	for _, code := range slices.Sorted(maps.Keys(found)) {
		if c := found[code]; c.Retry == "" {
			t.Errorf("%s has no rule for trying again", code)
		}
		all = append(all, found[code])
	}
	var want bytes.Buffer
	out := json.NewEncoder(&want)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	must(t, out.Encode(all))
	if *renew {
		must(t, os.WriteFile(codesFile, want.Bytes(), 0o644))
	}
	got, err := os.ReadFile(codesFile)
	must(t, err)
	if !bytes.Equal(got, want.Bytes()) {
		t.Errorf("%s is stale at %s: run make schema", codesFile, firstDifference(string(got), want.String()))
	}
}

// codesOf adds the codes of one package.
func codesOf(t *testing.T, dir string, found map[string]toldCode) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	must(t, err)
	constants := map[string]string{}
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		must(t, err)
		files = append(files, file)
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok {
				for i, name := range spec.Names {
					if i < len(spec.Values) {
						if text, ok := literal(spec.Values[i]); ok {
							constants[name.Name] = text
						}
					}
				}
			}
			return true
		})
	}
	if of, ok := states[filepath.Base(dir)]; ok {
		for name, code := range constants {
			if strings.HasPrefix(name, "Code") {
				found[code] = toldCode{Code: code, Kind: of.kind, Retry: of.retry(code)}
			}
		}
	}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 3 {
				return true
			}
			fn, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || fn.Sel.Name != "New" {
				return true
			}
			if of, ok := fn.X.(*ast.Ident); !ok || of.Name != "fault" {
				return true
			}
			kind, isKind := call.Args[0].(*ast.SelectorExpr)
			code, known := literal(call.Args[1])
			if name, ok := call.Args[1].(*ast.Ident); ok {
				code, known = constants[name.Name]
			}
			inside := slices.ContainsFunc(atStart, func(family string) bool { return strings.HasPrefix(code, family) })
			if !isKind || !known || inside {
				return true // or made of something else at run time
			}
			k, ok := kindsByName[kind.Sel.Name]
			if !ok {
				t.Errorf("%s has an unknown kind %s", code, kind.Sel.Name)
			}
			detail, _ := literal(call.Args[2])
			c := toldCode{Code: code, Kind: k.String(), Status: statusOf(k), Retry: retryOf[k], Detail: detail}
			if before, ok := found[code]; ok && before.Detail != "" && before.Detail < detail {
				return true // one of several places that give the same code: always the same one
			}
			found[code] = c
			return true
		})
	}
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}
