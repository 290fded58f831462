package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestDocumentKeepsWhatIsWrittenByHand writes twice: the second run replaces the first one's tables and nothing else.
func TestDocumentKeepsWhatIsWrittenByHand(t *testing.T) {
	path := filepath.Join(t.TempDir(), "performance.md")
	if err := os.WriteFile(path, []byte("# By hand\n\n"+measuredBegin+"\nformer table\n"+measuredEnd+"\n\nAlso by hand.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	slow := opening{Connect: time.Second, First: 2 * time.Second, Live: 2 * time.Second}
	quick := opening{Connect: time.Second / 10, First: time.Second / 5, Live: time.Second}
	r := result{scenario: scenario{id: "x", player: "pion", clip: small, tiles: 1, promise: quarter}, cached: []opening{quick}, bare: []opening{slow}}
	r.judge()
	for range 2 {
		if err := writeDocument(path, machine{}, []result{r}, nil); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# By hand\n", "\nAlso by hand.\n", "**0.10**", "**0.50**", "**does not hold**"} {
		if strings.Count(string(text), want) != 1 {
			t.Errorf("%q is there %d times, want once:\n%s", want, strings.Count(string(text), want), text)
		}
	}
	if strings.Contains(string(text), "former table") {
		t.Error("the former tables are still there")
	}
}

func TestWhatCannotBeCountedBreaksTheRun(t *testing.T) {
	good := opening{First: time.Second, Live: time.Second}
	r := result{scenario: scenario{promise: quarter}, cached: []opening{{Fault: "not live after 15s"}}, bare: []opening{good}}
	r.judge()
	if len(r.broken) != 3 {
		t.Errorf("broken: %q, want the fault and both promises", r.broken)
	}
}
