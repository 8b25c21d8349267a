package main

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

// owner is a browser in which the first administrator is logged in.
func (r *running) owner(dir string, more ...string) *browser {
	r.t.Helper()
	code := strings.TrimSpace(good(r.t, append([]string{"first-admin", "--data", dir}, more...)...))
	b := r.browser()
	b.post("/login/first", url.Values{
		"code": {code}, "name": {"Olga"}, "mail": {"olga@example.org"}, "new": {"a long walk by the sea"}, "again": {"a long walk by the sea"},
	})
	return b
}

func TestA01TheAdministrationSeesWhoIsThere(t *testing.T) {
	dir := t.TempDir()
	b := start(t, dir, "127.0.0.1:0")
	olga := b.owner(dir)
	if page := olga.get("/login/queues"); strings.Contains(page, "Anna Weber") {
		t.Fatal("Anna is there before she came")
	}
	b.enrol(dir, "Anna Weber")
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for late := time.After(patience); !strings.Contains(olga.get("/login/queues"), "Anna Weber"); {
		select {
		case <-tick.C:
		case <-late:
			t.Fatal("Anna is not seen")
		}
	}
}
