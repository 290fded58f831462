package api

import (
	"embed"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/rtsp-viewer/rtsp-viewer/internal/patch"
)

//go:embed docs
var docsFiles embed.FS

var problemGoType = reflect.TypeFor[Problem]()

// humaConfig describes the API and how bodies are read: JSON only, unknown fields ignored (a PATCH takes back whole objects).
func humaConfig(version string) huma.Config {
	config := huma.DefaultConfig("RTSP Viewer", version)
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", "" // the route table serves documents itself
	config.CreateHooks = nil                                             // no $schema links in answers
	config.AllowAdditionalPropertiesByDefault = true
	config.Transformers = []huma.Transformer{translateHuma}
	config.Info.Description = "Surveillance cameras over RTSP, shown in browsers. Times are RFC 3339 UTC; ids are opaque text."
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"bearer": {Type: "http", Scheme: "bearer", Description: "an access or API token"},
		"cookie": {Type: "apiKey", In: "cookie", Name: accessCookie, Description: "set by signing in"},
	}
	registry := config.Components.Schemas
	registry.RegisterTypeAlias(reflect.TypeFor[huma.ErrorModel](), problemGoType)
	nullable[string](registry)
	nullable[int](registry)
	nullable[bool](registry)
	nullable[[]string](registry)
	return config
}

// nullable tells the document that patch.Optional[T] is a T or null on the wire.
func nullable[T any](registry huma.Registry) {
	registry.RegisterTypeAlias(reflect.TypeFor[patch.Optional[T]](), reflect.TypeFor[*T]())
}

// writeDocument freezes the OpenAPI document once every route is in it.
func (a *API) writeDocument() error {
	for _, s := range a.document.Components.Schemas.Map() {
		if s.AdditionalProperties == true {
			s.AdditionalProperties = nil // the same by JSON Schema, and clients' generators make plain types of it
		}
	}
	body, err := json.Marshal(a.document)
	if err != nil {
		return fmt.Errorf("write the OpenAPI document: %w", err)
	}
	a.openAPI = body
	return nil
}

func (a *API) serveOpenAPI(c *gin.Context) {
	c.Header("Cache-Control", "no-cache")
	c.Data(http.StatusOK, "application/json", a.openAPI)
}

// page serves one file of the documentation.
func page(name, contentType string) gin.HandlerFunc {
	return func(c *gin.Context) {
		body, err := docsFiles.ReadFile("docs/" + name)
		if err != nil {
			c.Status(http.StatusNotFound)
			return
		}
		c.Header("Cache-Control", "no-cache")
		c.Data(http.StatusOK, contentType, body)
	}
}
