package admin

import (
	"io/fs"
	"regexp"
	"testing"
	"time"
)

func TestEveryTextOfATemplateIsThereAndEachIsUsed(t *testing.T) {
	used := map[string]bool{"how-": true, "how-password": true, "how-passkey": true, "how-oidc": true}
	names, err := fs.Glob(pageFiles, "*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		page, err := fs.ReadFile(pageFiles, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile(`T "([a-z-]+)"`).FindAllStringSubmatch(string(page), -1) {
			used[found[1]] = true
			if texts[found[1]] == "" {
				t.Errorf("%s: no text %q", name, found[1])
			}
		}
	}
	for name := range texts {
		if !used[name] {
			t.Errorf("nobody says %q", name)
		}
	}
}

func TestHowLongSomethingTakesIsSaidRoundedUp(t *testing.T) {
	var s talk
	for d, want := range map[time.Duration]string{
		0: "a second", time.Second: "a second", 1500 * time.Millisecond: "2 seconds", 89 * time.Second: "89 seconds", 90 * time.Second: "2 minutes",
		15 * time.Minute: "15 minutes", 2 * time.Hour: "2 hours", 90*time.Minute + 1: "2 hours",
	} {
		if got := s.Life(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
	if got := s.When(time.Time{}); got != "–" {
		t.Errorf("no moment is %q", got)
	}
	if _, err := s.T("nothing"); err == nil {
		t.Error("a text that isn't there is said")
	}
}
