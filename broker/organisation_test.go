package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"handrail/broker/store"
	"handrail/shared/secret"
	"handrail/shared/transcript"
	"handrail/shared/vault"
	"handrail/shared/wire"
)

// wrote puts a text into a file of its own.
func wrote(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// good runs a verb that must succeed and gives what it prints.
func good(t testing.TB, args ...string) string {
	t.Helper()
	out, notice, code := broker(t, args...)
	if code != 0 {
		t.Fatalf("%s: code %d, says %s", args[0], code, notice)
	}
	return out
}

// organisationKey makes an organisation's key: files with its passphrase and with
// the key, and the public half, as it is printed and as it is.
func organisationKey(t *testing.T) (sealed, key, public string, organisation ed25519.PublicKey) {
	t.Helper()
	sealed, key = wrote(t, "correct horse battery\n"), filepath.Join(t.TempDir(), "organisation.key")
	public = strings.TrimSpace(good(t, "organisation-key", "--passphrase-file", sealed, "--out", key))
	organisation, err := base64.StdEncoding.DecodeString(public)
	if err != nil {
		t.Fatal(err)
	}
	return sealed, key, public, organisation
}

// refusesImport has the broker refuse a file of certificates, and say why.
func refusesImport(t *testing.T, dir, name string, file certificateFile, says string) {
	t.Helper()
	file.Handrail = certificatesTitle
	text, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, notice, code := broker(t, "certificates", "--data", dir, "--import", wrote(t, string(text))); code != 1 || !strings.Contains(notice, says) {
		t.Errorf("%s: code %d, says %s", name, code, notice)
	}
}

// TestZ04FromAKeyToACertifiedConsole goes the whole way on both engines, with
// the organisation's key where no broker is.
func TestZ04FromAKeyToACertifiedConsole(t *testing.T) {
	sealed, key, public, organisation := organisationKey(t)
	if again := good(t, "organisation-key", "--passphrase-file", sealed, "--of", key); strings.TrimSpace(again) != public {
		t.Errorf("another key is printed: %s", again)
	}
	if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file is %v, %v", info, err)
	}
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			dir := t.TempDir()
			place := []string{"--data", dir}
			if engine == "postgres" {
				place = append(place, "--database", server.Database(t))
			}
			certificates := func(more ...string) []string { return append(append([]string{"certificates"}, place...), more...) }
			b := start(t, dir, "127.0.0.1:0", place[2:]...)
			_, console := b.enrol(dir, "Anna Weber", place[2:]...)
			if _, notice, code := broker(t, certificates("--export-requests")...); code != 1 || !strings.Contains(notice, "organisation-key --out") {
				t.Errorf("without a key: code %d, says %s", code, notice)
			}
			requests := wrote(t, good(t, certificates("--organisation-key", public, "--export-requests")...))
			if site := good(t, append([]string{"site"}, place...)...); !strings.Contains(site, `"organisationKey":"`+public+`"`) {
				t.Errorf("site says %s", site)
			}
			list := good(t, "certify", "--requests", requests)
			if want := base64.StdEncoding.EncodeToString(console.Public().(ed25519.PublicKey)); !strings.Contains(list, want) || !strings.Contains(list, "Anna Weber") {
				t.Errorf("listed is %s", list)
			}
			signed := good(t, "certify", "--key", key, "--passphrase-file", sealed, "--requests", requests, "--only", "1", "--days", "90")
			good(t, certificates("--import", wrote(t, signed))...)
			anna, _ := b.signIn(console)
			c, err := secret.ReadCertificate(hear[*wire.Certified](anna).Certificate, organisation, time.Now())
			if err != nil || c.Name != "Anna Weber" || !c.Key.Equal(console.Public()) || time.Until(c.To) < 89*day {
				t.Errorf("certified %+v, %v", c, err)
			}
			if again := good(t, certificates("--export-requests")...); strings.Contains(again, "Anna") {
				t.Errorf("still wanted: %s", again)
			}
		})
	}
}

// TestZ04TheBrokerTakesNoForgedCertificate: it would be of no use to it either,
// but an administrator should hear of it.
func TestZ04TheBrokerTakesNoForgedCertificate(t *testing.T) {
	ours, private, _ := ed25519.GenerateKey(rand.Reader)
	_, forger, _ := ed25519.GenerateKey(rand.Reader)
	dir := t.TempDir()
	b := start(t, dir, "127.0.0.1:0")
	_, console := b.enrol(dir, "Anna Weber")
	good(t, "certificates", "--data", dir, "--organisation-key", base64.StdEncoding.EncodeToString(ours))
	now := time.Now().Truncate(time.Second)
	certify := func(by ed25519.PrivateKey, of ed25519.PrivateKey, from time.Time) []byte {
		c, err := secret.Certify(by, secret.Certificate{Key: of.Public().(ed25519.PublicKey), Name: "Anna", From: from, To: from.Add(day)})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	right := certify(private, console, now)
	for name, row := range map[string]struct {
		all  [][]byte
		says string
	}{
		"forged":           {[][]byte{certify(forger, console, now)}, "number 1 is not signed"},
		"one of two":       {[][]byte{right, certify(forger, console, now)}, "number 2 is not signed"},
		"over":             {[][]byte{certify(private, console, now.Add(-2*day))}, "does not hold now"},
		"nobody's console": {[][]byte{right, certify(private, forger, now)}, "not known here"},
		"none":             {nil, "cannot be read"},
	} {
		refusesImport(t, dir, name, certificateFile{Certificates: row.all}, row.says)
	}
	s, err := store.OpenKept(t.Context(), store.Place{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if kept, err := s.Certificate(t.Context(), console.Public().(ed25519.PublicKey), now); err != nil || kept != nil {
		t.Errorf("kept %x, %v", kept, err)
	}
}

func TestZ04AnotherKeyForgetsNothingUnasked(t *testing.T) {
	sealed, key, public, _ := organisationKey(t)
	sealed2, key2, public2, _ := organisationKey(t)
	dir := t.TempDir()
	b := start(t, dir, "127.0.0.1:0")
	b.enrol(dir, "Anna Weber")
	certificates := func(more ...string) []string { return append([]string{"certificates", "--data", dir}, more...) }
	wants := func(when string, want bool) {
		t.Helper()
		if got := strings.Contains(good(t, certificates("--export-requests")...), "Anna"); got != want {
			t.Errorf("%s: Anna wants a certificate: %v", when, got)
		}
	}
	requests := wrote(t, good(t, certificates("--organisation-key", public, "--export-requests")...))
	signed := wrote(t, good(t, "certify", "--key", key, "--passphrase-file", sealed, "--requests", requests, "--all"))
	good(t, certificates("--organisation-key", public, "--import", signed)...) // the same key takes no yes
	wants("certified", false)
	if _, notice, code := broker(t, certificates("--organisation-key", public2)...); code != 1 || !strings.Contains(notice, "--yes") {
		t.Errorf("another key: code %d, says %s", code, notice)
	}
	wants("unasked", false)
	if _, notice, code := broker(t, certificates("--organisation-key", public2, "--yes", "--import", signed)...); code != 1 {
		t.Errorf("certificates of the key before: code %d, says %s", code, notice)
	}
	wants("the file was refused", false)
	again := wrote(t, good(t, "certify", "--key", key2, "--passphrase-file", sealed2, "--requests", requests, "--all"))
	good(t, certificates("--organisation-key", public2, "--yes", "--import", again)...)
	wants("with the other key", false)
	if site := good(t, "site", "--data", dir); !strings.Contains(site, public2) {
		t.Errorf("site says %s", site)
	}
}

func TestZ04TheKeysVerbsAnswerMistakesInWords(t *testing.T) {
	sealed, wrong := wrote(t, "correct horse battery\n"), wrote(t, "another passphrase\n")
	key := filepath.Join(t.TempDir(), "key")
	good(t, "organisation-key", "--passphrase-file", sealed, "--out", key)
	console := base64.StdEncoding.EncodeToString(make([]byte, ed25519.PublicKeySize))
	requests := wrote(t, `{"handrail":"certificate requests","requests":[{"console":"`+console+`","rep":1,"name":"Anna"}]}`)
	hostile := wrote(t, `{"handrail":"certificate requests","requests":[{"console":"`+console+`","rep":1,"name":"Anna\u001b[2J"}]}`)
	certify := []string{"certify", "--key", key, "--passphrase-file", sealed}
	for _, row := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"organisation-key", "--passphrase-file", sealed}, 2, "--out FILE"},
		{[]string{"organisation-key", "--passphrase-file", sealed, "--out", key}, 2, "is there already"},
		{[]string{"organisation-key", "--out", key + "2"}, 2, "passphrase"},
		{[]string{"organisation-key", "--passphrase-file", sealed, "--out", "/no/such/folder/key"}, 1, "cannot be written"},
		{[]string{"organisation-key", "--passphrase-file", wrong, "--of", key}, 1, "another passphrase"},
		{[]string{"organisation-key", "--passphrase-file", sealed, "--of", sealed}, 1, "no organisation's key"},
		{append(certify, "--requests", requests, "--all", "--readers", "2"), 2, "not the number"},
		{append(certify, "--requests", requests, "--all", "--reader"), 2, "belongs to --console"},
		{append(certify, "--console", console, "--name", "Anna", "--readers", "all"), 2, "belongs to --requests"},
		{[]string{"certify", "--passphrase-file", sealed, "--console", console, "--name", "Anna"}, 2, "--key FILE"},
		{certify, 2, "what is to be signed"},
		{append(certify, "--console", console), 2, "--name NAME"},
		{append(certify, "--console", "hello", "--name", "Anna"), 2, "no console's key"},
		{append(certify, "--console", console, "--name", "Anna", "--days", "5000"), 2, "1 to 399 days"},
		{append(certify, "--requests", requests, "--only", "2"), 2, "not the number"},
		{append(certify, "--requests", hostile, "--all"), 1, "cannot be read"},
		{append(certify, "--requests", sealed), 1, "cannot be read"},
		{append(certify, "--requests", requests, "--all", "extra"), 2, "extra"},
		{[]string{"certificates", "--organisation-key", "x"}, 2, "--data DIR"},
	} {
		out, notice, code := broker(t, row.args...)
		if code != row.code || !strings.Contains(notice, row.says) || out != "" {
			t.Errorf("%v: code %d, prints %q, says %s", row.args, code, out, notice)
		}
	}
	var file certificateFile
	text := good(t, append(certify, "--console", console, "--name", "Anna")...)
	if err := json.Unmarshal([]byte(text), &file); err != nil || len(file.Certificates) != 1 {
		t.Errorf("prints %s, %v", text, err)
	}
}

// equipped hears what a console needs to seal, and to open what was sealed, in
// whatever order.
func (x *client) equipped() (certificate []byte, k wire.Keeping) {
	x.t.Helper()
	ctx, cancel := context.WithTimeout(x.t.Context(), patience)
	defer cancel()
	for certificate == nil || k.Key == nil {
		m, err := x.c.Receive(ctx)
		if err != nil {
			x.t.Fatal(err)
		}
		switch m := m.(type) {
		case *wire.Certified:
			certificate = m.Certificate
		case *wire.Keeping:
			k = *m
		}
	}
	return certificate, k
}

// TestT01FromAConsoleToAnAuditor seals at a console that the broker has told
// how, and opens at another one that was let in, and with the organisation's key.
func TestT01FromAConsoleToAnAuditor(t *testing.T) {
	sealed, key, public, organisation := organisationKey(t)
	dir := t.TempDir()
	b := start(t, dir, "127.0.0.1:0")
	_, first := b.enrol(dir, "Anna Weber")
	_, second := b.enrol(dir, "Ben Maier")
	good(t, "certificates", "--data", dir, "--organisation-key", public)
	requests := wrote(t, good(t, "certificates", "--data", dir, "--export-requests"))
	signed := good(t, "certify", "--key", key, "--passphrase-file", sealed, "--requests", requests, "--all", "--readers", "2")
	good(t, "certificates", "--data", dir, "--import", wrote(t, signed))

	anna, _ := b.signIn(first)
	certificate, told := anna.equipped()
	if told.Keep != wire.KeepNothing || len(told.Grants) != 0 {
		t.Errorf("Anna is told %+v", told)
	}
	to, err := vault.Check(told.Key, organisation)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	log := wire.Log{Session: wire.SessionID{7}, Part: 1, Entries: []wire.Entry{
		{At: now.UnixMilli(), Happened: wire.HappenedSaid, By: wire.RoleCustomer, Text: "my password is hunter2"},
	}}
	part, err := to.Seal(first, certificate, log)
	if err != nil {
		t.Fatal(err)
	}

	ben, _ := b.signIn(second)
	_, toldBen := ben.equipped()
	reader, err := vault.Unlock(toldBen.Grants, second)
	if err != nil {
		t.Fatal(err)
	}
	if read, err := reader.Open(part, organisation); err != nil || read.By != "Anna Weber" || read.Log.Entries[0] != log.Entries[0] {
		t.Errorf("Ben reads %+v, %v", read, err)
	}

	file := func(session wire.SessionID, part []byte) string {
		var text strings.Builder
		if err := transcript.Write(&text, transcript.File{Session: session, Customer: "Carla", Began: now.UnixMilli(), Parts: []transcript.Part{
			{Rep: 1, Name: "Anna", Number: 1, Kept: now.UnixMilli(), Sealed: part},
		}}); err != nil {
			t.Fatal(err)
		}
		return wrote(t, text.String())
	}
	open := []string{"open-transcript", "--key", key, "--passphrase-file", sealed}
	if text := good(t, append(open, file(log.Session, part))...); !strings.Contains(text, "  Carla: my password is hunter2\n") {
		t.Errorf("prints %s", text)
	}
	another := filepath.Join(t.TempDir(), "another.key")
	good(t, "organisation-key", "--passphrase-file", sealed, "--out", another)
	for name, row := range map[string]struct {
		args   []string
		code   int
		prints string
		says   string
	}{
		"no key":          {[]string{"open-transcript", file(log.Session, part)}, 2, "", "--key FILE"},
		"no transcript":   {open, 2, "", "which transcript"},
		"none there":      {append(open, "/no/such/file"), 1, "", "cannot be read"},
		"another file":    {append(open, requests), 1, "", "is no transcript"},
		"another key":     {[]string{"open-transcript", "--key", another, "--passphrase-file", sealed, file(log.Session, part)}, 1, "Part 1 of what Anna's console recorded is sealed", "had at the time of the session"},
		"another session": {append(open, file(wire.SessionID{8}, part)), 1, "not genuine", "was not recorded by a console"},
		"two":             {append(open, file(log.Session, part), "extra"), 2, "", "extra"},
	} {
		out, notice, code := broker(t, row.args...)
		if code != row.code || !strings.Contains(out, row.prints) || row.prints == "" && out != "" || !strings.Contains(notice, row.says) || strings.Contains(out, "hunter2") {
			t.Errorf("%s: code %d, prints %q, says %s", name, code, out, notice)
		}
	}

	console := base64.StdEncoding.EncodeToString(second.Public().(ed25519.PublicKey))
	good(t, "certificates", "--data", dir, "--no-reader", console)
	if told := hear[*wire.Keeping](ben); len(told.Key) == 0 || len(told.Grants) != 0 {
		t.Errorf("Ben is told %+v", told)
	}
	if _, notice, code := broker(t, "certificates", "--data", dir, "--no-reader", console); code != 1 || !strings.Contains(notice, "has not been let in") {
		t.Errorf("once more: code %d, says %s", code, notice)
	}
}

// TestT01TheBrokerTakesNoForgedRecordKey: consoles would refuse it, but then
// nothing would be kept, and an administrator should hear why.
func TestT01TheBrokerTakesNoForgedRecordKey(t *testing.T) {
	ours, private, _ := ed25519.GenerateKey(rand.Reader)
	_, forger, _ := ed25519.GenerateKey(rand.Reader)
	dir := t.TempDir()
	b := start(t, dir, "127.0.0.1:0")
	_, console := b.enrol(dir, "Anna Weber")
	good(t, "certificates", "--data", dir, "--organisation-key", base64.StdEncoding.EncodeToString(ours))
	now := time.Now().Truncate(time.Second)
	certificate, err := secret.Certify(private, secret.Certificate{Key: console.Public().(ed25519.PublicKey), Name: "Anna", From: now, To: now.Add(day)})
	if err != nil {
		t.Fatal(err)
	}
	record := func(by ed25519.PrivateKey) []byte {
		key, err := vault.Derive(by)
		if err != nil {
			t.Fatal(err)
		}
		return key.Signed()
	}
	right := []grant{{console.Public().(ed25519.PublicKey), []byte("sealed")}}
	for name, row := range map[string]struct {
		key    []byte
		grants []grant
		says   string
	}{
		"forged":             {record(forger), nil, "not signed by the organisation's key"},
		"none, but grants":   {nil, right, "not signed by the organisation's key"},
		"nobody's console":   {record(private), []grant{{forger.Public().(ed25519.PublicKey), []byte("sealed")}}, "not known here"},
		"half a key":         {record(private), []grant{{right[0].Console[:16], []byte("sealed")}}, "not one that broker certify has made"},
		"an empty grant":     {record(private), []grant{{right[0].Console, nil}}, "not one that broker certify has made"},
		"too long to be one": {record(private), []grant{{right[0].Console, make([]byte, wire.MaxGrant+1)}}, "not one that broker certify has made"},
	} {
		refusesImport(t, dir, name, certificateFile{Certificates: [][]byte{certificate}, RecordKey: row.key, Grants: row.grants}, row.says)
	}
	s, err := store.OpenKept(t.Context(), store.Place{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if kept, err := s.RecordKey(t.Context()); err != nil || kept != nil {
		t.Errorf("kept %x, %v", kept, err)
	}

	// When no console wants a certificate, a file brings the record key alone.
	text, err := json.Marshal(certificateFile{Handrail: certificatesTitle, RecordKey: record(private)})
	if err != nil {
		t.Fatal(err)
	}
	good(t, "certificates", "--data", dir, "--import", wrote(t, string(text)))
	if kept, err := s.RecordKey(t.Context()); err != nil || !bytes.Equal(kept, record(private)) {
		t.Errorf("by itself kept as %x, %v", kept, err)
	}
}

// TestZ04ABrokerThatServesHasNoWayToTheOrganisationsKey reads the broker's code:
// only the verbs in organisation.go can open or make the key or sign with it,
// and nothing but the list of verbs leads to them.
func TestZ04ABrokerThatServesHasNoWayToTheOrganisationsKey(t *testing.T) {
	const offline, notaryRoom = "organisation.go", `"handrail/broker/notary"`
	files := token.NewFileSet()
	all := map[string]*ast.File{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(files, path, nil, 0)
		all[path] = file
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	own := map[string]bool{} // what organisation.go declares
	for _, d := range all[offline].Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			own[f.Name.Name] = true
		}
	}
	if !own["certify"] || !own["makeKey"] || !own["openKey"] {
		t.Fatalf("%s declares %v", offline, own)
	}
	verbs := 0
	for path, file := range all {
		knows := slices.ContainsFunc(file.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == notaryRoom })
		if knows != (path == offline) {
			t.Errorf("%s imports the notary: %v", path, knows)
		}
		if path == offline || strings.HasPrefix(path, "notary"+string(filepath.Separator)) {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && (x.Name == "secret" && n.Sel.Name == "Certify" || x.Name == "vault" && n.Sel.Name == "Derive") {
					t.Errorf("%s uses %s.%s", path, x.Name, n.Sel.Name)
				}
				if own[n.Sel.Name] && filepath.Dir(path) == "." {
					if path != "main.go" {
						t.Errorf("%s leads to %s", path, n.Sel.Name)
					}
					verbs++
				}
			case *ast.Ident:
				if (n.Name == "makeKey" || n.Name == "openKey") && filepath.Dir(path) == "." {
					t.Errorf("%s leads to %s", path, n.Name)
				}
			}
			return true
		})
	}
	if verbs != 3 {
		t.Errorf("main.go leads there %d times, not from its list of verbs alone", verbs)
	}
}
