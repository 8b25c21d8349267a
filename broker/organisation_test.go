package main

import (
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

// TestZ04FromAKeyToACertifiedConsole goes the whole way on both engines, with
// the organisation's key where no broker is.
func TestZ04FromAKeyToACertifiedConsole(t *testing.T) {
	sealed := wrote(t, "correct horse battery\n")
	key := filepath.Join(t.TempDir(), "organisation.key")
	public := strings.TrimSpace(good(t, "organisation-key", "--passphrase-file", sealed, "--out", key))
	if again := good(t, "organisation-key", "--passphrase-file", sealed, "--of", key); strings.TrimSpace(again) != public {
		t.Errorf("another key is printed: %s", again)
	}
	if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file is %v, %v", info, err)
	}
	organisation, err := base64.StdEncoding.DecodeString(public)
	if err != nil {
		t.Fatal(err)
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
		text, err := json.Marshal(certificateFile{Handrail: certificatesTitle, Certificates: row.all})
		if err != nil {
			t.Fatal(err)
		}
		if _, notice, code := broker(t, "certificates", "--data", dir, "--import", wrote(t, string(text))); code != 1 || !strings.Contains(notice, row.says) {
			t.Errorf("%s: code %d, says %s", name, code, notice)
		}
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
				if x, ok := n.X.(*ast.Ident); ok && x.Name == "secret" && n.Sel.Name == "Certify" {
					t.Errorf("%s signs certificates", path)
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
	if verbs != 2 {
		t.Errorf("main.go leads there %d times, not from its list of verbs alone", verbs)
	}
}
