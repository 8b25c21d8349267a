package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"handrail/broker/people"
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

func TestA01PeopleAreAppliedFromAFileAlsoAtAnotherBroker(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	for _, d := range []string{dir, other} {
		s, err := store.Open(t.Context(), store.Place{Dir: d})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(s.SetSetting(t.Context(), settingOrganisation, []byte("Green Branch")), s.Close()); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(t.TempDir(), "settings.yaml")
	apply := func(dir, text string, args ...string) (string, string, int) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return broker(t, append(append([]string{"apply", "--data", dir}, args...), file)...)
	}
	first, _, _ := broker(t, "export", "--data", dir)
	for _, part := range []string{"staff:\n", "  roles: {}\n", "  teams: {}\n", "  reps: {}\n"} {
		if !strings.Contains(first, part) {
			t.Errorf("%q is missing in\n%s", part, first)
		}
	}
	base, _, _ := strings.Cut(first, "staff:\n")
	staff := `staff:
  roles:
    night:
      name: Night
      may:
        - reports.team
  teams:
    "7":
      name: Printers
      members:
        ann@example.org: lead
  reps:
    ann@example.org:
      name: Ann
      listed: true
      roles:
        - night
        - owner
`
	issues := strings.Replace(base, "    name: Green Branch\n", "    name: Green Branch\n    issues:\n      - id: paper\n        names:\n          en: Paper\n        team: 7\n", 1)
	if out, notice, code := apply(dir, issues+strings.Replace(staff, `"7"`, `"8"`, 1), "--yes"); code != 1 || !strings.Contains(notice, "There is no team with the number 7") {
		t.Errorf("a number that is nobody's: %d, %s, %s", code, out, notice)
	}
	out, notice, code := apply(dir, issues+staff)
	if code != 0 || !strings.Contains(out, "Rep ann@example.org") || !strings.Contains(out, `"night, owner"`) || !strings.Contains(notice, "--yes") {
		t.Errorf("review: code %d, %s, %s", code, out, notice)
	}
	if _, notice, code := apply(dir, issues+staff, "--yes"); code != 0 {
		t.Fatalf("applied: code %d, %s", code, notice)
	}
	kept, _, _ := broker(t, "export", "--data", dir)
	if !strings.Contains(kept, staff) {
		t.Errorf("it is not as it was said:\n%s", kept)
	}
	s, err := store.Open(t.Context(), store.Place{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	given, err := s.Audit(t.Context(), people.AuditFilter{Act: "role.give", Actor: people.Actor(0), Limit: 10})
	if err := errors.Join(err, s.Close()); err != nil || len(given) != 2 {
		t.Errorf("the audit log tells of %d roles: %v", len(given), err)
	}
	if _, notice, code := apply(other, kept, "--yes"); code != 0 {
		t.Fatalf("at another broker: code %d, %s", code, notice)
	}
	if there, _, _ := broker(t, "export", "--data", other); there != kept {
		t.Errorf("at another broker it is\n%s", there)
	}
	if _, notice, code := apply(dir, base, "--yes"); code != 0 || strings.Contains(notice, "staff") {
		t.Errorf("without people: code %d, %s", code, notice)
	}
	if now, _, _ := broker(t, "export", "--data", dir); !strings.Contains(now, staff) {
		t.Errorf("what is not said has changed:\n%s", now)
	}
	for name, c := range map[string]struct{ text, want string }{
		"the last owner": {strings.Replace(staff, "        - owner\n", "", 1), "last owner"},
		"a role twice":   {strings.Replace(staff, "  teams:", "    night:\n      name: Day\n  teams:", 1), "night is here twice"},
		"unknown mail":   {strings.Replace(staff, "ann@example.org: lead", "who@example.org: lead", 1), "staff.teams.7.members.who@example.org: Nobody has"},
		"a password":     {staff + "      password: x\n", "There is no setting called"},
	} {
		if _, notice, code := apply(dir, base+c.text, "--yes"); code != 1 || !strings.Contains(notice, c.want) || !strings.Contains(notice, "Nothing is changed") {
			t.Errorf("%s: code %d, %s", name, code, notice)
		}
	}
}
