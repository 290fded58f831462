package api

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/rtsp-viewer/rtsp-viewer/store"
)

// schemaFile holds the TypeScript types of everything that the OpenAPI document tells.
const schemaFile = "../web/src/api/schema.d.ts"

var renew = flag.Bool("renew", false, "write "+schemaFile+" anew")

// TestSchemaIsFresh: the web app's types are those of the routes. make schema renews them. The layout is openapi-typescript's (paths,
// components, operations), whose program does not run on the compiler that the app is built with.
func TestSchemaIsFresh(t *testing.T) {
	s := open(t, store.Options{})
	var d document
	must(t, json.Unmarshal(s.api.openAPI, &d))
	want := d.typescript()
	if *renew {
		must(t, os.WriteFile(schemaFile, []byte(want), 0o644))
	}
	got, err := os.ReadFile(schemaFile)
	must(t, err)
	if string(got) != want {
		t.Errorf("%s is stale at %q: run make schema", schemaFile, firstDifference(string(got), want))
	}
}

func firstDifference(got, want string) string {
	gotLines, wantLines := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i, line := range wantLines {
		if i >= len(gotLines) || gotLines[i] != line {
			return strings.TrimSpace(line)
		}
	}
	return "the end"
}

// document is as much of an OpenAPI document as types are made of.
type document struct {
	Paths      map[string]map[string]operation
	Components struct{ Schemas map[string]*schema }
}

type operation struct {
	OperationID string
	Summary     string
	Parameters  []struct {
		Name, In, Description string
		Required              bool
		Schema                *schema
	}
	RequestBody *struct {
		Required bool
		Content  map[string]struct{ Schema *schema }
	}
	Responses map[string]struct {
		Content map[string]struct{ Schema *schema }
	}
}

type schema struct {
	Ref                  string `json:"$ref"`
	Type                 any
	Enum                 []any
	Items                *schema
	Properties           map[string]*schema
	Required             []string
	AdditionalProperties json.RawMessage
	Description          string
	ReadOnly             bool
	AnyOf, OneOf         []*schema
}

// typescript writes the types.
func (d document) typescript() string {
	var b strings.Builder
	b.WriteString("// Made from the OpenAPI document of the gateway by `make schema`. Do not edit: a test holds it to the document.\n\nexport interface paths {\n")
	var operations []operation
	for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
		fmt.Fprintf(&b, "  %q: {\n", path)
		for _, method := range slices.Sorted(maps.Keys(d.Paths[path])) {
			op := d.Paths[path][method]
			operations = append(operations, op)
			comment(&b, "    ", op.Summary)
			fmt.Fprintf(&b, "    %s: operations[%q];\n", method, op.OperationID)
		}
		b.WriteString("  };\n")
	}
	b.WriteString("}\n\nexport interface components {\n  schemas: {\n")
	for _, name := range slices.Sorted(maps.Keys(d.Components.Schemas)) {
		s := d.Components.Schemas[name]
		comment(&b, "    ", s.Description)
		fmt.Fprintf(&b, "    %s: %s;\n", key(name), s.typescript("    "))
	}
	b.WriteString("  };\n}\n\nexport interface operations {\n")
	slices.SortFunc(operations, func(a, b operation) int { return strings.Compare(a.OperationID, b.OperationID) })
	for _, op := range operations {
		fmt.Fprintf(&b, "  %s: %s;\n", key(op.OperationID), op.typescript())
	}
	b.WriteString("}\n")
	return b.String()
}

func (op operation) typescript() string {
	var b strings.Builder
	b.WriteString("{\n")
	for _, in := range []string{"query", "header", "path"} {
		var members []member
		for _, p := range op.Parameters {
			if p.In == in {
				members = append(members, member{p.Name, p.Description, !p.Required, p.Schema})
			}
		}
		if members != nil {
			fmt.Fprintf(&b, "    %s: %s;\n", in, inside(members, "    "))
		}
	}
	if op.RequestBody != nil {
		optional := "?"
		if op.RequestBody.Required {
			optional = ""
		}
		fmt.Fprintf(&b, "    body%s: {\n", optional)
		for _, media := range slices.Sorted(maps.Keys(op.RequestBody.Content)) {
			fmt.Fprintf(&b, "      %q: %s;\n", media, op.RequestBody.Content[media].Schema.typescript("      "))
		}
		b.WriteString("    };\n")
	}
	b.WriteString("    responses: {\n")
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		content := op.Responses[status].Content
		if len(content) == 0 {
			fmt.Fprintf(&b, "      %s: undefined;\n", status)
			continue
		}
		fmt.Fprintf(&b, "      %s: {\n", status)
		for _, media := range slices.Sorted(maps.Keys(content)) {
			fmt.Fprintf(&b, "        %q: %s;\n", media, content[media].Schema.typescript("        "))
		}
		b.WriteString("      };\n")
	}
	b.WriteString("    };\n  }")
	return b.String()
}

// member is one name in an object.
type member struct {
	name, description string
	optional          bool
	schema            *schema
}

func inside(members []member, indent string) string {
	var b strings.Builder
	b.WriteString("{\n")
	for _, m := range members {
		comment(&b, indent+"  ", m.description)
		mark := ""
		if m.schema != nil && m.schema.ReadOnly {
			b.WriteString(indent + "  readonly ")
		} else {
			b.WriteString(indent + "  ")
		}
		if m.optional {
			mark = "?"
		}
		fmt.Fprintf(&b, "%s%s: %s;\n", key(m.name), mark, m.schema.typescript(indent+"  "))
	}
	b.WriteString(indent + "}")
	return b.String()
}

func (s *schema) typescript(indent string) string {
	if s == nil {
		return "unknown"
	}
	if s.Ref != "" {
		return fmt.Sprintf("components[%q][%q]", "schemas", s.Ref[strings.LastIndexByte(s.Ref, '/')+1:])
	}
	if of := append(slices.Clone(s.AnyOf), s.OneOf...); len(of) > 0 {
		var parts []string
		for _, part := range of {
			parts = append(parts, part.typescript(indent))
		}
		return strings.Join(parts, " | ")
	}
	var types []string
	switch t := s.Type.(type) {
	case string:
		types = []string{t}
	case []any:
		for _, one := range t {
			types = append(types, one.(string))
		}
	}
	var parts []string
	for _, t := range types {
		switch t {
		case "null":
			parts = append(parts, "null")
		case "integer", "number":
			parts = append(parts, "number")
		case "boolean":
			parts = append(parts, "boolean")
		case "array":
			parts = append(parts, "Array<"+s.Items.typescript(indent)+">")
		case "object":
			parts = append(parts, s.object(indent))
		case "string":
			if len(s.Enum) == 0 {
				parts = append(parts, "string")
			}
			for _, value := range s.Enum {
				text, err := json.Marshal(value)
				if err == nil && value != nil {
					parts = append(parts, string(text))
				}
			}
		}
	}
	if len(parts) == 0 {
		return "unknown"
	}
	return strings.Join(parts, " | ")
}

func (s *schema) object(indent string) string {
	if len(s.Properties) == 0 {
		var of schema
		if json.Unmarshal(s.AdditionalProperties, &of) != nil {
			return "Record<string, unknown>"
		}
		return "Record<string, " + of.typescript(indent) + ">"
	}
	var members []member
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		members = append(members, member{name, p.Description, !slices.Contains(s.Required, name), p})
	}
	return inside(members, indent)
}

func comment(b *strings.Builder, indent, text string) {
	if text != "" {
		fmt.Fprintf(b, "%s/** %s */\n", indent, strings.ReplaceAll(text, "*/", "* /"))
	}
}

// key gives a name as a member: quoted where it is no identifier.
func key(name string) string {
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '_' && (r < '0' || r > '9') {
			return fmt.Sprintf("%q", name)
		}
	}
	return name
}
