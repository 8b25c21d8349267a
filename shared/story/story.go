// Package story runs stories, for the tests of packages that decide: text files
// in testdata/stories, each of which tells what a sentence of the product means.
// What people do in a story is written by hand. What comes of it stands below
// each act: it is compared, or with `go test -update` written anew.
package story

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the stories' outcomes anew")

// Run has play tell each story of the package under test: its text with the
// outcomes as they are now.
func Run(t *testing.T, play func(t *testing.T, text string) string) {
	t.Helper()
	files, err := filepath.Glob("testdata/stories/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories found: %v", err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			got := play(t, string(text))
			if *update {
				if err := os.WriteFile(f, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != string(text) {
				t.Errorf("the story goes differently:\n%s", got)
			}
		})
	}
}
