package manage

import (
	"bytes"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"handrail/broker/people"
	"handrail/broker/web"
)

// dump is everything that the office keeps.
func (o *office) dump() string {
	o.t.Helper()
	var b bytes.Buffer
	if err := o.s.Dump(o.t.Context(), &b); err != nil {
		o.t.Fatal(err)
	}
	return b.String()
}

// typed is what is typed into the forms of this package, which otherwise are
// sent as they are.
var typed = map[string]map[string]string{
	"/login/settings/tokens/new": {"name": "nightly review", "may.settings.export": "on"},
	"/login/settings/programs":   {"hooks.count": "1", "hooks.0.id": "tickets", "hooks.0.url": "https://tickets.example.org/in"},
	"/login/portals/_new":        {"id": "south", "name": "South"},
	"/login/portals/main":        {"name": "Red Branch"},
}

// TestAPageThatShowsSomethingOnceMakesItOnce sends every form of this package
// twice: to load a page again that answers a form sends that form again, and
// another broker than the first may get it.
func TestAPageThatShowsSomethingOnceMakesItOnce(t *testing.T) {
	code, err := os.ReadFile("manage.go")
	if err != nil {
		t.Fatal(err)
	}
	at := strings.NewReplacer("{id}", "main", "{what}/main", "team/1", "{what}", "default", "{sheet}/", "issues/", "{sheet}", "issues", "{version}", "1")
	var once []string
	sent := 0
	for _, m := range regexp.MustCompile(`(?m)^\t+"(/login/[^"]+)": `).FindAllStringSubmatch(string(code), -1) {
		path := at.Replace(m[1])
		o := opened(t)
		o.token(people.ExportSettings) // that of tokens/1
		form := url.Values{}
		if status, body := o.get(path); status == http.StatusOK {
			form = formOf(body)
		}
		for name, value := range typed[path] {
			form.Set(name, value)
		}
		before := o.dump()
		status, _, _ := o.post(path, form)
		sent++
		if status != http.StatusOK || o.dump() == before {
			continue // it leads to a page, or has done nothing
		}
		once = append(once, path)
		after := o.dump()
		another := *o
		another.h = o.broker(New(o.m.Config))
		for name, broker := range map[string]*office{"again": o, "at another broker": &another} {
			if status, body, _ := broker.post(path, form); status != http.StatusConflict || !strings.Contains(body, "This was sent before") {
				t.Errorf("%s %s: %d %v", path, name, status, problems(body))
			}
		}
		if o.dump() != after {
			t.Errorf("%s: the second time does something", path)
		}
	}
	slices.Sort(once)
	if want := []string{"/login/settings/programs", "/login/settings/tokens/new"}; !slices.Equal(once, want) || sent < 20 {
		t.Errorf("of %d forms, shown once is what comes of %q, want %q", sent, once, want)
	}
}

func TestA01WhatIsSavedTwiceByASecondClickIsSaved(t *testing.T) {
	o := opened(t)
	for path, change := range map[string][2]string{
		"/login/portals/main": {"name", "Red Branch"}, "/login/policies/team/1": {"take-files", "deny"},
		"/login/settings/organisation": {"people.idleMinutes", "25"}, "/login/portals/main/texts": {"greeting", "Good day."},
	} {
		form := o.form(path)
		form.Set(change[0], change[1])
		for _, click := range []string{"first", "second"} {
			status, body, header := o.post(path, form)
			if status != http.StatusSeeOther || !strings.HasSuffix(header.Get("Location"), "did=saved") {
				t.Errorf("%s, the %s click: %d to %q %v", path, click, status, header.Get("Location"), problems(body))
			}
		}
	}
	if _, version := o.settings(); version != 4 {
		t.Errorf("%d versions", version)
	}
}

func TestA01AFormWithoutItsNumberMakesNothing(t *testing.T) {
	o := opened(t)
	before := o.dump()
	for name, number := range map[string][]string{"none": {""}, "short": {"x"}, "two": {web.NewOnce(), web.NewOnce()}} {
		status, _, _ := o.post("/login/settings/tokens/new", url.Values{"name": {"review"}, "may.settings.export": {"on"}, web.FieldOnce: number})
		if status != http.StatusBadRequest || o.dump() != before {
			t.Errorf("%s: %d", name, status)
		}
	}
}
