package certs

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"
)

const month = 30 * 24 * time.Hour

// browser and program are what the two say at the web's listener.
var (
	browser = &tls.ClientHelloInfo{ServerName: "help.example.org", SupportedProtos: []string{"h2", "http/1.1"}}
	program = &tls.ClientHelloInfo{ServerName: "help.example.org", SupportedProtos: []string{"http/1.1"}}
)

// authorised is somebody who signs certificates, and the pair of files into
// which they are renewed.
type authorised struct {
	t         *testing.T
	key       *ecdsa.PrivateKey
	self      *x509.Certificate
	cert, pem string // files
}

func newAuthorised(t *testing.T) *authorised {
	a := &authorised{t: t, key: aKey(t), cert: filepath.Join(t.TempDir(), "fullchain.pem"), pem: filepath.Join(t.TempDir(), "privkey.pem")}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: now.Add(-month), NotAfter: now.Add(100 * month),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.self, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return a
}

func aKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// signs gives a certificate for a key as text, and the key.
func (a *authorised) signs(key *ecdsa.PrivateKey, from, to time.Time) (cert, private []byte) {
	a.t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(from.Unix()), DNSNames: []string{"help.example.org"}, NotBefore: from, NotAfter: to}
	der, err := x509.CreateCertificate(rand.Reader, template, a.self, &key.PublicKey, a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	text, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: text})
}

// puts writes the pair; what is nil is taken away.
func (a *authorised) puts(cert, private []byte) {
	a.t.Helper()
	for name, text := range map[string][]byte{a.cert: cert, a.pem: private} {
		err := os.WriteFile(name, text, 0o600)
		if text == nil {
			err = os.Remove(name)
		}
		if err != nil {
			a.t.Fatal(err)
		}
	}
}

// begins is a broker that starts with a good certificate for two months.
func (a *authorised) begins(key *ecdsa.PrivateKey) *Fresh {
	a.t.Helper()
	a.puts(a.signs(key, now, now.Add(2*month)))
	f, err := FreshFiles(a.cert, a.pem)
	if err != nil {
		a.t.Fatal(err)
	}
	f.roots = x509.NewCertPool()
	return f
}

// looks fails the test if a look finds anything else.
func looks(t *testing.T, f *Fresh, at time.Time, want News) {
	t.Helper()
	if got, err := f.Look(at); got != want || (err != nil) != (want == Refused) {
		t.Errorf("found %d (%v), want %d", got, err, want)
	}
}

func TestA05RenewedFilesAreTakenByARunningBroker(t *testing.T) {
	a, key := newAuthorised(t), aKey(t)
	f := a.begins(key)
	looks(t, f, now, Nothing)
	for n := range 3 {
		at := now.Add(time.Duration(n+1) * month)
		a.puts(a.signs(key, at, at.Add(2*month)))
		looks(t, f, at, Renewed)
		looks(t, f, at, Nothing)
		if end := at.Add(2 * month); !f.Ends().Equal(end) || !f.Programs().Leaf.NotAfter.Equal(end) ||
			f.Web(browser) != f.Programs() || f.Web(program) != f.Programs() {
			t.Errorf("renewed until %v, shown until %v and to programs until %v", end, f.Ends(), f.Programs().Leaf.NotAfter)
		}
		if Pin(*f.Programs()) != f.Pin() {
			t.Error("another pin")
		}
	}
}

// Whoever renews with another key cuts no program off, and no browser gets a
// certificate that has ended.
func TestA05AnotherKeyIsForBrowsersAlone(t *testing.T) {
	a, key := newAuthorised(t), aKey(t)
	f := a.begins(key)
	first, at := f.Programs(), now.Add(month)
	a.puts(a.signs(aKey(t), at, at.Add(2*month)))
	looks(t, f, at, OtherKey)
	looks(t, f, at.Add(time.Minute), Nothing)
	if !f.Ends().Equal(at.Add(2 * month)) {
		t.Errorf("it ends at %v", f.Ends())
	}
	web := f.Web(browser)
	if Pin(*web) == f.Pin() || f.Programs() != first || Pin(*first) != f.Pin() {
		t.Error("browsers get the old one, or programs the new one")
	}
	if f.Web(program) != first || f.Web(&tls.ClientHelloInfo{}) != first {
		t.Error("programs get a certificate at the web's listener that they may not take")
	}

	// Another one, signed by somebody whom programs trust: they take it for the
	// name that it is for, and so does whatever else speaks HTTP/1.1 alone.
	f.roots.AddCert(a.self)
	a.puts(a.signs(aKey(t), at.Add(time.Hour), at.Add(3*month)))
	looks(t, f, at.Add(month), OtherKey)
	if got := f.Web(program); got == first || got != f.Web(browser) || f.Programs() != first {
		t.Error("what everybody trusts is not for everybody, or programs lose their key")
	}
	for _, name := range []string{"", "b1.example.org"} {
		if f.Web(&tls.ClientHelloInfo{ServerName: name, SupportedProtos: program.SupportedProtos}) != first {
			t.Errorf("programs that come by %q get a certificate that is for another name", name)
		}
	}

	// And back to the first key.
	a.puts(a.signs(key, at.Add(month), at.Add(4*month)))
	looks(t, f, at.Add(month), Renewed)
	if f.Programs() == first || f.Web(program) != f.Programs() || f.Web(browser) != f.Programs() {
		t.Error("not everybody gets the renewed one")
	}
}

func TestA05WhatCannotBeUsedIsNotTaken(t *testing.T) {
	a, key := newAuthorised(t), aKey(t)
	at := now.Add(month)
	cert, private := a.signs(key, at, at.Add(2*month))
	early, _ := a.signs(key, at.Add(time.Hour), at.Add(2*month))
	late, _ := a.signs(key, now.Add(-month), at.Add(-time.Hour))
	_, others := a.signs(aKey(t), at, at.Add(2*month))
	for name, c := range map[string]struct{ cert, private []byte }{
		"no certificate":    {nil, private},
		"no key":            {cert, nil},
		"half of it":        {cert[:len(cert)/2], private},
		"half of its key":   {cert, private[:len(private)/2]},
		"emptied":           {[]byte{}, private},
		"of another key":    {cert, others},
		"from tomorrow":     {early, private},
		"until yesterday":   {late, private},
		"the two exchanged": {private, cert},
	} {
		t.Run(name, func(t *testing.T) {
			f := a.begins(key)
			before := f.Programs()
			a.puts(c.cert, c.private)
			looks(t, f, at, Refused)
			looks(t, f, at.Add(time.Minute), Nothing) // it has been told
			if f.Programs() != before || f.Web(browser) != before || f.Web(program) != before {
				t.Error("the one before is gone")
			}
			if name == "from tomorrow" {
				looks(t, f, at.Add(2*time.Hour), Renewed)
				return
			}
			a.puts(cert[:len(cert)/3], private)
			looks(t, f, at, Refused) // it was changed since
			a.puts(cert, private)
			looks(t, f, at, Renewed)
			a.puts(cert[:len(cert)/3], private)
			looks(t, f, at, Refused)
		})
	}
}

func TestA05TheOwnCertificateIsRenewedBeforeItEnds(t *testing.T) {
	dir := t.TempDir()
	f, err := FreshOwn(dir, "help.example.org", now)
	if err != nil {
		t.Fatal(err)
	}
	first, due := f.Programs(), f.Ends().Add(-renewal)
	looks(t, f, now, Nothing)
	looks(t, f, due, Nothing)

	// The files are gone, but a broker that runs makes no new key.
	for _, name := range []string{keyFile, certFile} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	at := due.Add(time.Minute)
	looks(t, f, at, Renewed)
	looks(t, f, at, Nothing)
	if f.Programs() == first || Pin(*f.Programs()) != f.Pin() || Pin(*first) != f.Pin() || !f.Ends().After(at.Add(renewal)) {
		t.Errorf("renewed to pin %s until %v, before %s", Pin(*f.Programs()), f.Ends(), Pin(*first))
	}
	if text, err := os.ReadFile(filepath.Join(dir, certFile)); err != nil || !bytes.Equal(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.Programs().Certificate[0]})) {
		t.Errorf("another one is kept, or none: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, keyFile)); err == nil {
		t.Error("a key was made")
	}

	// Where it can't be kept it is tried again, and told once.
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	again := f.Ends().Add(-renewal + time.Minute)
	looks(t, f, again, Refused)
	looks(t, f, again.Add(time.Minute), Nothing)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	looks(t, f, again.Add(2*time.Minute), Renewed)
}

func TestGivenFilesAreUsedAndMissingOnesSaid(t *testing.T) {
	a, key := newAuthorised(t), aKey(t)
	f := a.begins(key)
	if want := Pin(*f.Programs()); f.Pin() != want || !key.PublicKey.Equal(f.Programs().Leaf.PublicKey) {
		t.Errorf("pin %s, want %s", f.Pin(), want)
	}
	if _, err := FreshFiles(filepath.Join(t.TempDir(), "missing"), a.pem); err == nil {
		t.Error("missing file taken")
	}
}
