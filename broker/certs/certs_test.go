package certs

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"
)

var now = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

func own(t *testing.T, dir, host string, now time.Time) tls.Certificate {
	t.Helper()
	c, err := Own(dir, host, now)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestOwnCertificateIsForItsHost(t *testing.T) {
	for _, host := range []string{"help.example.org", "192.0.2.1", "2001:db8::1", "localhost"} {
		c := own(t, t.TempDir(), host, now)
		if err := c.Leaf.VerifyHostname(host); err != nil {
			t.Error(err)
		}
		if c.Leaf.IsCA {
			t.Errorf("%s: the certificate can sign others", host)
		}
	}
}

func TestPinStaysOverRestartRenewalAndNewName(t *testing.T) {
	dir := t.TempDir()
	first := own(t, dir, "help.example.org", now)
	if !regexp.MustCompile(`^sha256:[0-9a-f]{64}$`).MatchString(Pin(first)) {
		t.Errorf("pin %q", Pin(first))
	}
	for _, c := range []struct {
		name, host string
		now        time.Time
		same       bool
	}{
		{"restart", "help.example.org", now.Add(time.Hour), true},
		{"long before its end", "help.example.org", now.Add(life - renewal - 2*backdating), true},
		{"near its end", "help.example.org", now.Add(life - renewal), false},
		{"another host", "support.example.org", now, false},
		{"clock was wrong", "support.example.org", now.Add(-time.Hour * 24 * 365), false},
	} {
		got := own(t, dir, c.host, c.now)
		if Pin(got) != Pin(first) {
			t.Errorf("%s: pin changed", c.name)
		}
		if same := got.Leaf.Equal(first.Leaf); same != c.same {
			t.Errorf("%s: certificate the same %v, want %v", c.name, same, c.same)
		}
		if c.now.Before(got.Leaf.NotBefore) || !c.now.Add(renewal).Before(got.Leaf.NotAfter) {
			t.Errorf("%s: valid from %v to %v", c.name, got.Leaf.NotBefore, got.Leaf.NotAfter)
		}
	}
}

func TestFilesAreForTheirUserAlone(t *testing.T) {
	dir := t.TempDir()
	own(t, dir, "a", now)
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 2 {
		t.Errorf("%d files, want 2", len(files))
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", f.Name(), info.Mode())
		}
	}
}

func TestDamagedKeyIsAnErrorNotANewPin(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "garbage": "garbage",
		"another kind": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, keyFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Own(dir, "a", now); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestDamagedCertificateIsMadeAnew(t *testing.T) {
	dir := t.TempDir()
	first := own(t, dir, "a", now)
	if err := os.WriteFile(filepath.Join(dir, certFile), []byte("garbage"), 0o600); err != nil {
		t.Fatal(err)
	}
	if Pin(own(t, dir, "a", now)) != Pin(first) {
		t.Error("pin changed")
	}
}

func TestA05WhatIsKeptComesBackWithItsPin(t *testing.T) {
	dir, to := t.TempDir(), filepath.Join(t.TempDir(), "new")
	c := own(t, dir, "a", now)
	files, err := Kept(dir)
	if err != nil || len(files) != 2 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	if pin, err := KeptPin(files); err != nil || pin != Pin(c) {
		t.Errorf("pin %s, %v, want %s", pin, err, Pin(c))
	}
	for range 2 { // the second time over what is there
		if err := Put(to, files); err != nil {
			t.Fatal(err)
		}
	}
	if got := own(t, to, "a", now); Pin(got) != Pin(c) || !got.Leaf.Equal(c.Leaf) {
		t.Error("another certificate came back")
	}
	if left, err := os.ReadDir(to); err != nil || len(left) != 2 {
		t.Errorf("%d files are there, %v", len(left), err)
	}
	if pin, err := KeptPin(nil); err != nil || pin != "" {
		t.Errorf("nothing has the pin %q, %v", pin, err)
	}
	if _, err := KeptPin(map[string][]byte{keyFile: []byte("x")}); err == nil {
		t.Error("what is no key has a pin")
	}
}
