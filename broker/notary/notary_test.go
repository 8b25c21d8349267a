package notary

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"handrail/shared/secret"
	"handrail/shared/vault"
)

const passphrase = "correct horse battery"

// sealed is what age makes of a text.
func sealed(t *testing.T, text string) []byte {
	t.Helper()
	lock, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		t.Fatal(err)
	}
	lock.SetWorkFactor(10) // quick
	var b bytes.Buffer
	w, err := age.Encrypt(&b, lock)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestZ04AnOrganisationsKeyComesBackAndSigns(t *testing.T) {
	k, err := New()
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := k.Seal(&file, passphrase); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(file.Bytes(), k.private.Seed()) || strings.Contains(file.String(), title) {
		t.Error("the file can be read")
	}
	again, err := Open(bytes.NewReader(file.Bytes()), passphrase)
	if err != nil || !again.private.Equal(k.private) {
		t.Fatalf("another key, %v", err)
	}
	if _, err := Open(bytes.NewReader(file.Bytes()), "another passphrase"); !errors.Is(err, ErrPassphrase) {
		t.Errorf("another passphrase: %v", err)
	}

	console, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	b, err := again.Certify(console, "Anna Weber", now, Longest)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []time.Time{now.Add(-early + time.Second), now, now.Add(Longest - time.Second)} {
		c, err := secret.ReadCertificate(b, k.Public(), at)
		if err != nil || c.Name != "Anna Weber" || !c.Key.Equal(console) {
			t.Errorf("at %v: %+v, %v", at, c, err)
		}
	}
	if _, err := again.Certify(console, "Anna Weber", now, Longest+time.Hour); !errors.Is(err, secret.ErrCertificate) {
		t.Errorf("for too long: %v", err)
	}
	other, err := again.Certify(console, "Anna Weber", now, time.Hour)
	if err != nil || bytes.Equal(other[1:9], b[1:9]) {
		t.Errorf("the same serial twice, %v", err)
	}
}

// TestT01TheOrganisationsKeyIsTheOnlyOneToKeep: the record key comes back with
// it, and is another for another organisation.
func TestT01TheOrganisationsKeyIsTheOnlyOneToKeep(t *testing.T) {
	var signed [][]byte
	first, err := New()
	if err != nil {
		t.Fatal(err)
	}
	second, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []Key{first, {ed25519.NewKeyFromSeed(first.private.Seed())}, second} {
		records, err := k.Records()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := vault.Check(records.Signed(), k.Public()); err != nil {
			t.Errorf("not signed: %v", err)
		}
		signed = append(signed, records.Signed())
	}
	if !bytes.Equal(signed[0], signed[1]) || bytes.Equal(signed[0][:33], signed[2][:33]) {
		t.Errorf("%x", signed)
	}
}

func TestZ04WhatIsNoKeyOpensAsNone(t *testing.T) {
	for name, file := range map[string][]byte{
		"nothing":           {},
		"not sealed":        []byte(title + "AAAA"),
		"another text":      sealed(t, "hello"),
		"half a key":        sealed(t, title+"AAAA\n"),
		"more than a key":   sealed(t, title+strings.Repeat("A", 44)+strings.Repeat("A", 5000)),
		"cut off":           sealed(t, title)[:150],
		"of a later broker": sealed(t, "handrail organisation key v2\nAAAA\n"),
	} {
		if _, err := Open(bytes.NewReader(file), passphrase); !errors.Is(err, ErrNoKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
