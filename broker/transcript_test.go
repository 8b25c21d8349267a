package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"handrail/shared/vault"
	"handrail/shared/wire"
)

// TestT01WhatIsSealedPassesTheBrokerUnread goes the whole way: an organisation
// that wants what is said sealed, a session, its report, and the auditor who has
// the organisation's key. In between nothing that was said is to be found, in no
// page and in no file of the broker's.
func TestT01WhatIsSealedPassesTheBrokerUnread(t *testing.T) {
	const said = "my password is hunter2"
	sealed, key, public, organisation := organisationKey(t)
	dir := t.TempDir()
	b := start(t, dir, "127.0.0.1:0")
	good(t, "apply", "--data", dir, "--yes", wrote(t, good(t, "export", "--data", dir)+"\nrecords:\n  keep: sealed\n"))
	_, console := b.enrol(dir, "Anna Weber")
	requests := wrote(t, good(t, "certificates", "--data", dir, "--organisation-key", public, "--export-requests"))
	good(t, "certificates", "--data", dir, "--import", wrote(t, good(t, "certify", "--key", key, "--passphrase-file", sealed, "--requests", requests, "--all")))

	anna, _ := b.signIn(console)
	certificate, told := anna.equipped()
	for told.Keep != wire.KeepSealed {
		told = *hear[*wire.Keeping](anna)
	}
	to, err := vault.Check(told.Key, organisation)
	if err != nil {
		t.Fatal(err)
	}
	anna.say(&wire.NewKey{Request: [16]byte{1}})
	maria := b.dial(wire.RoleCustomer)
	maria.say(&wire.Join{Number: hear[*wire.KeyMade](anna).Number, Name: "Maria"})
	session := hear[*wire.Start](anna).Session
	hear[*wire.Start](maria)

	all := []wire.Entry{
		{At: time.Now().UnixMilli(), Happened: wire.HappenedAsked, What: wire.View},
		{At: time.Now().UnixMilli(), Happened: wire.HappenedSaid, By: wire.RoleCustomer, Text: said},
	}
	log := wire.Log{Session: session, Part: 1, Entries: all}
	if log.Sealed, err = to.Seal(console, certificate, log); err != nil {
		t.Fatal(err)
	}
	log.Entries = all[:1]
	anna.say(&log)
	if l := hear[*wire.Logged](anna); l.Session != session || l.Part != 1 {
		t.Errorf("logged %+v", l)
	}
	anna.say(&wire.Leave{Session: session, Why: wire.EndByRep})
	hear[*wire.Ended](maria)

	olga := b.owner(dir)
	page := olga.get("/login/reports/session/" + session.String())
	file := "/login/reports/session/" + session.String() + "/session.handrail-transcript"
	if !strings.Contains(page, file) || strings.Contains(page, said) {
		t.Errorf("the report's page is %s", page)
	}
	text := good(t, "open-transcript", "--key", key, "--passphrase-file", sealed, wrote(t, olga.get(file)))
	for _, want := range []string{"Session " + session.String() + " with Maria\n", "  Anna Weber asked to see the screen.\n", "  Maria: " + said + "\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		if f.IsDir() {
			continue
		}
		kept, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(kept, []byte("hunter2")) {
			t.Errorf("%s has what was said", f.Name())
		}
	}
}
