package store

import (
	"strings"

	"github.com/rtsp-viewer/rtsp-viewer/internal/fold"
)

// folded gives the form in which a text is compared and searched.
func folded(s string) string { return fold.Text(s) }

// sortKey gives the form in which a text is sorted.
func sortKey(s string) string { return fold.Key(s) }

// searchable joins texts into one column for likePattern; a search never matches across two of them.
func searchable(texts ...string) string {
	for i, text := range texts {
		texts[i] = fold.Text(text)
	}
	return strings.Join(texts, "\n")
}

// likePattern gives the pattern that finds q anywhere in a folded column, for LIKE … ESCAPE '\'. An empty q finds everything.
func likePattern(q string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(fold.Text(q)) + "%"
}
