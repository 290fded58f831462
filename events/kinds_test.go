package events

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"
)

// TestKindsAreAll: a kind that filters and documents do not list could not be asked for.
func TestKindsAreAll(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "event.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var declared []Kind
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if of, ok := spec.Type.(*ast.Ident); ok && of.Name == "Kind" {
			for _, value := range spec.Values {
				text, err := strconv.Unquote(value.(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				declared = append(declared, Kind(text))
			}
		}
		return true
	})
	listed := Kinds()
	slices.Sort(declared)
	slices.Sort(listed)
	if !slices.Equal(declared, listed) {
		t.Errorf("declared are\n%v, listed are\n%v", declared, listed)
	}
}

func TestKindsNamed(t *testing.T) {
	for word, want := range map[string][]Kind{
		"view.": {ViewBegun, ViewEnded}, "view.begun": {ViewBegun}, "view": nil, "": nil, "view.none": nil, ".": nil,
	} {
		if got := KindsNamed(word); !slices.Equal(got, want) {
			t.Errorf("%q means %v, want %v", word, got, want)
		}
	}
	if families := Families(); !slices.Contains(families, "session.") || len(families) >= len(Kinds()) {
		t.Errorf("the families are %v", families)
	}
}
