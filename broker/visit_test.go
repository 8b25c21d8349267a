package main

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"handrail/broker/chromium"
	"handrail/broker/people"
	"handrail/broker/settings"
	"handrail/broker/store"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// TestP14PortalFollowsARealVisit: a customer describes an issue in a browser,
// the program comes with the code on the page, a rep takes the customer, and the
// page tells of all of it by itself.
func TestP14PortalFollowsARealVisit(t *testing.T) {
	dir := t.TempDir()
	b := start(t, dir, "127.0.0.1:0", "--name", "Nordlicht")
	anna, key := b.enrol(dir, "Anna Weber")
	if err := b.end(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	anna.over()
	withPrinters(t, dir)
	b = start(t, dir, "127.0.0.1:0")
	anna, _ = b.signIn(key)

	w := chromium.Open(t, b.site)
	w.Go("/")
	chromium.Eval[string](w, `document.getElementById("f-about").value = "issue:printer"`)
	w.Type("#f-name", "Maria")
	w.Type("#f-description", "The printer says no.")
	w.Follow("form[action='/issue'] button")
	w.Wait("#open")
	code := strings.Join(strings.Fields(w.Text(".digits")), "")
	if len(code) != 9 {
		t.Fatalf("the page shows the code %q", code)
	}
	maria := b.dial(wire.RoleCustomer)
	maria.say(&wire.Enter{Code: code})
	if in := hear[*wire.Admitted](maria); in.Name != "Maria" || in.Portal != "Nordlicht" {
		t.Errorf("admitted as %+v", in)
	}
	w.WaitText(string(words.VisitConnected))
	w.WaitText(string(words.VisitNext))
	w.Check("waiting")
	anna.say(&wire.Take{Request: [16]byte{7}})
	s := hear[*wire.Start](anna)
	w.WaitText(string(words.VisitSessionTitle))
	anna.say(&wire.Leave{Session: s.Session, Why: wire.EndByRep})
	w.WaitText(string(words.VisitOverTitle))
	w.Check("over")
}

// withPrinters has the first rep in a team that helps with printers, and the
// portal offer that.
func withPrinters(t *testing.T, dir string) {
	t.Helper()
	kept, err := store.Open(t.Context(), store.Place{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	now := time.Now()
	if err := kept.AddFirst(t.Context(), people.Hash{1}, now, now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	owner, err := kept.TakeFirst(t.Context(), people.Hash{1}, people.Rep{PublicName: "Olga", Mail: "olga@example.org"}, "phc", now)
	if err != nil {
		t.Fatal(err)
	}
	team, err := kept.Change(t.Context(), owner, people.SetTeam{
		Team: people.Team{Name: "Printers", Members: map[uint64]people.Rank{1: people.Member}},
	}, now)
	if err != nil {
		t.Fatal(err)
	}
	all, version, err := kept.Settings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	portal := all.Portals[settings.Main]
	portal.Starts = settings.Starts{Key: true, Issues: true}
	portal.Issues = []settings.Issue{{ID: "printer", Names: map[string]string{"en": "Printers"}, Team: team}}
	all.Portals[settings.Main] = portal
	if err := kept.SetSettings(t.Context(), owner, version, all, now); err != nil {
		t.Fatal(err)
	}
}
