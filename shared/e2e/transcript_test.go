//go:build linux

package e2e

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"handrail/broker/chromium"
)

const (
	askedInChat = "Which colour is the lamp?"
	toldInChat  = "It is violet, like my passport."
)

// TestT01WhatIsSaidCanBeReadByThoseLetIn: an organisation keeps what is said
// sealed. The report has what happened and the rep's notes; what was said is in
// a file, which a console with a grant opens, and so does the organisation's
// key. The broker has it nowhere.
func TestT01WhatIsSaidCanBeReadByThoseLetIn(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	secret, key := o.file("correct horse battery\n"), filepath.Join(t.TempDir(), "organisation.key")
	o.tell("certificates", "--organisation-key", o.offline("organisation-key", "--passphrase-file", secret, "--out", key))
	anna := sit(t, "anna", "1400x900")
	o.console(anna)
	requests := o.file(o.tell("certificates", "--export-requests"))
	signed := o.offline("certify", "--key", key, "--passphrase-file", secret, "--requests", requests, "--all", "--readers", "all")
	o.tell("certificates", "--import", o.file(signed))
	o.team(1, "Printers", 1)
	o.apply(plain + "records: {keep: sealed, days: 90}\n")
	anna.click("account")
	anna.reads("certificate", "Example Ltd has certified this console")
	anna.click("account")

	h := helped{broker: o.brokerRun, rep: anna, customer: sit(t, "customer", "1280x800")}
	h.customer.joins(o.brokerRun, tellsProblem(chromium.Open(t, o.https), "Maria", "It hums."))
	anna.picks("Maria")
	anna.click("queue-accept")
	h.customer.reads("lines", "Example Ltd keeps this conversation. Only people whom it has let in can read it.")
	h.talk(askedInChat, toldInChat)
	h.grant("control")
	anna.click("notes")
	anna.click("note-text")
	anna.types("New toner, it hums no more.")
	anna.click("note-outcome-1")
	anna.reads("note-state", "Kept")
	anna.photo("transcript-notes")
	h.customer.photo("transcript-kept")
	anna.click("end")
	anna.click("yes")
	h.customer.reads("screen", "ended")

	desk := o.desk
	desk.Go("/login/reports")
	desk.Follow("main td a, main th a")
	desk.WaitText("New toner, it hums no more.")
	if page := desk.Text("main"); strings.Contains(page, "violet") || !strings.Contains(page, "asked to see and control the screen") {
		t.Errorf("the report says\n%s", page)
	}
	file := desk.Save(`a[href$=".handrail-transcript"]`)
	for _, said := range []string{askedInChat, toldInChat} {
		if text := o.offline("open-transcript", "--key", key, "--passphrase-file", secret, file); !strings.Contains(text, said) {
			t.Errorf("the organisation's key reads\n%s", text)
		}
		o.hasNot(said)
	}

	anna.drops("start", 0.5, 0.5, file)
	anna.reads("transcript-line-1", askedInChat)
	anna.reads("transcript-signed", "Anna Weber")
	anna.photo("transcript")
	anna.click("transcript-find")
	anna.types("violet")
	anna.gone("transcript-line-2")
	anna.keys("Escape")
	anna.gone("transcript-find")
	o.quiet()
}

// hasNot fails if a text is in any file of the broker's.
func (b *brokerRun) hasNot(text string) {
	b.t.Helper()
	err := filepath.WalkDir(b.data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		all, err := os.ReadFile(path)
		if bytes.Contains(all, []byte(text)) {
			b.t.Errorf("%s has %q", path, text)
		}
		return err
	})
	if err != nil {
		b.t.Error(err)
	}
}
