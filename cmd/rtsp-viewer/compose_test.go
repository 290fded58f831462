package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
)

// TestComposeFile loads docker-compose.yml by the Compose specification's own schema and holds what it says of the gateway to the settings
// and ports that exist.
func TestComposeFile(t *testing.T) {
	path := filepath.Join("..", "..", "docker-compose.yml")
	load := func(profiles ...string) (services []string, environment map[string]*string) {
		t.Helper()
		options, err := cli.NewProjectOptions([]string{path}, cli.WithEnv([]string{"POSTGRES_PASSWORD=secret"}), cli.WithProfiles(profiles))
		if err != nil {
			t.Fatal(err)
		}
		project, err := options.LoadProject(t.Context())
		if err != nil {
			t.Fatalf("docker-compose.yml: %v", err)
		}
		services = project.ServiceNames()
		slices.Sort(services)
		return services, project.Services["gateway"].Environment
	}
	services, environment := load()
	if want := []string{"gateway", "postgres"}; !slices.Equal(services, want) {
		t.Errorf("services %v, want %v", services, want)
	}
	if services, _ := load("demo"); !slices.Contains(services, "cameras") {
		t.Errorf("the profile demo has %v, want cameras among them", services)
	}
	doc, err := os.ReadFile(filepath.Join("..", "..", "docs", "configuration.md"))
	if err != nil {
		t.Fatal(err)
	}
	for name := range environment {
		if !strings.Contains(string(doc), "`"+name+"`") {
			t.Errorf("the compose file sets %s, which is no setting", name)
		}
	}
	config, err := parse(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	if config.WebRTCPort != 8189 || config.Listen != ":8080" {
		t.Error("the compose file publishes 8080 and 8189, which are no longer the defaults")
	}
}
