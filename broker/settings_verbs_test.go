package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"handrail/broker/store"
)

func TestA01SettingsAreReviewedAsAFileAndApplied(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(t.Context(), store.Place{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.SetSetting(t.Context(), settingOrganisation, []byte("Green Branch")); err != nil {
		t.Fatal(err)
	}
	export := func() string {
		t.Helper()
		out, notice, code := broker(t, "export", "--data", dir)
		if code != 0 || notice != "" {
			t.Fatalf("export: code %d, says %s", code, notice)
		}
		return out
	}
	file := filepath.Join(t.TempDir(), "settings.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	first := export()
	write(first)
	if out, notice, code := broker(t, "apply", "--data", dir, file); code != 0 || out != "" || !strings.Contains(notice, "already") {
		t.Errorf("the same again: code %d, %s, %s", code, out, notice)
	}
	write(strings.Replace(first, "name: Green Branch", "name: Red Branch", 1))
	out, notice, code := broker(t, "apply", "--data", dir, file)
	if code != 0 || !strings.Contains(out, `"Green Branch" → "Red Branch"`) || !strings.Contains(notice, "--yes") {
		t.Errorf("review: code %d, %s, %s", code, out, notice)
	}
	if export() != first {
		t.Error("a review changed something")
	}
	if _, notice, code = broker(t, "apply", "--data", dir, "--yes", file); code != 0 || !strings.Contains(notice, "are changed") {
		t.Errorf("applied: code %d, %s", code, notice)
	}
	if now := export(); !strings.Contains(now, "name: Red Branch") {
		t.Errorf("after it: %s", now)
	}
	for name, c := range map[string]struct{ text, want string }{
		"unknown":   {"portals:\n  main:\n    nam: x\n", "line 3: portals.main.nam: There is no setting"},
		"unfit":     {"portals:\n  main:\n    name: x\n    exitUrl: http://x\n", "line 4: portals.main.exitUrl"},
		"no team":   {first + "teamPolicies:\n  \"9\":\n    view: deny\n", "There is no team with the number 9"},
		"not YAML":  {"{", "cannot be read as YAML"},
		"no portal": {"portals: {}\n", "has to be there"},
	} {
		write(c.text)
		before := export()
		if out, notice, code := broker(t, "apply", "--data", dir, "--yes", file); code != 1 || out != "" ||
			!strings.Contains(notice, c.want) || !strings.Contains(notice, "Nothing is changed") {
			t.Errorf("%s: code %d, %s, %s", name, code, out, notice)
		}
		if export() != before {
			t.Errorf("%s: something changed", name)
		}
	}
	if _, notice, code := broker(t, "apply", "--data", dir); code != 2 || !strings.Contains(notice, "Say the file") {
		t.Errorf("without a file: code %d, %s", code, notice)
	}
	if _, notice, code := broker(t, "apply", "--data", dir, file+"-not"); code != 1 || !strings.Contains(notice, "cannot be read") {
		t.Errorf("no such file: code %d, %s", code, notice)
	}
}
