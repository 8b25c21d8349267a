package vault

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"handrail/shared/secret"
	"handrail/shared/transcript"
	"handrail/shared/wire"
)

var (
	start        = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	organisation = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
	anna         = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, ed25519.SeedSize))
	ben          = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{3}, ed25519.SeedSize))
	another      = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{4}, ed25519.SeedSize))
)

// derivedOfOnes is the record key's public half for a seed of ones, as worked out
// by another program from section 4b of PROTOCOL.md: HKDF and X25519.
const derivedOfOnes = "65184108f0587c6d9fdebfb9ba82a608a2c3ff86a3c9690ce50928a7d8cfcb2a"

func public(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }

// certify signs for a console, from start for an hour.
func certify(t testing.TB, by, console ed25519.PrivateKey) []byte {
	t.Helper()
	b, err := secret.Certify(by, secret.Certificate{Serial: 1, Key: public(console), Name: "Anna Weber", From: start, To: start.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func derive(t testing.TB, by ed25519.PrivateKey) (RecordKey, Recipient) {
	t.Helper()
	key, err := Derive(by)
	if err != nil {
		t.Fatal(err)
	}
	to, err := Check(key.Signed(), public(by))
	if err != nil {
		t.Fatal(err)
	}
	return key, to
}

// said is a log with one line of chat.
func said(text string, at time.Time) wire.Log {
	return wire.Log{Session: wire.SessionID{7}, Part: 3, Entries: []wire.Entry{
		{At: at.UnixMilli(), Happened: wire.HappenedSaid, By: wire.RoleCustomer, Text: text},
	}}
}

func TestT01WhatAConsoleSealsIsReadByThoseWhoAreLetIn(t *testing.T) {
	key, to := derive(t, organisation)
	log := said("my password is hunter2", start.Add(time.Minute))
	sealed, err := to.Seal(anna, certify(t, organisation, anna), log)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte("hunter2")) || bytes.Contains(sealed, []byte("Anna")) {
		t.Error("it can be read without a key")
	}
	grant, err := key.Grant(public(ben))
	if err != nil || len(grant) > wire.MaxGrant {
		t.Fatalf("%d bytes, %v", len(grant), err)
	}
	reader, err := Unlock([][]byte{{1, 2, 3}, grant}, ben)
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]Reader{"a console with a grant": reader, "the organisation's key": key.Reader()} {
		part, err := r.Open(sealed, public(organisation))
		if err != nil || part.By != "Anna Weber" || part.Log.Session != log.Session || part.Log.Part != 3 || part.Log.Entries[0] != log.Entries[0] {
			t.Errorf("%s reads %+v, %v", name, part, err)
		}
	}
	if _, err := Unlock([][]byte{grant}, anna); !errors.Is(err, ErrNoGrant) {
		t.Errorf("another console uses the grant: %v", err)
	}
	if _, err := Unlock(nil, ben); !errors.Is(err, ErrNoGrant) {
		t.Errorf("without grants: %v", err)
	}
	stranger, _ := derive(t, another)
	if _, err := stranger.Reader().Open(sealed, public(organisation)); !errors.Is(err, ErrClosed) {
		t.Errorf("another organisation opens it: %v", err)
	}
	if _, err := (Reader{}).Open(sealed, public(organisation)); !errors.Is(err, ErrClosed) {
		t.Errorf("nobody opens it: %v", err)
	}
}

func TestT01ARecordKeyIsTheOrganisationsOwn(t *testing.T) {
	key, _ := derive(t, organisation)
	again, _ := derive(t, organisation)
	if !bytes.Equal(key.Signed(), again.Signed()) {
		t.Error("another key each time")
	}
	if got := fmt.Sprintf("%x", key.Signed()[1:33]); got != derivedOfOnes {
		t.Errorf("derived is %s", got)
	}
	theirs, _ := derive(t, another)
	swapped := bytes.Clone(key.Signed())
	copy(swapped[1:33], theirs.Signed()[1:33])
	for name, b := range map[string][]byte{
		"nothing": nil, "another organisation's": theirs.Signed(), "another key under the signature": swapped,
		"cut off": key.Signed()[:96], "longer": append(bytes.Clone(key.Signed()), 0), "version 2": append([]byte{2}, key.Signed()[1:]...),
	} {
		if _, err := Check(b, public(organisation)); !errors.Is(err, ErrKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Check(key.Signed(), nil); !errors.Is(err, ErrKey) {
		t.Errorf("without an organisation's key: %v", err)
	}
}

func TestT01ACertificateCountsWhenThingsHappened(t *testing.T) {
	key, to := derive(t, organisation)
	certificate := certify(t, organisation, anna)
	late := said("later", start.Add(2*time.Hour))
	both := said("in time", start.Add(time.Minute))
	both.Entries = append(both.Entries, late.Entries...)
	for name, row := range map[string]struct {
		certificate []byte
		log         wire.Log
		good        bool
	}{
		"in its time":               {certificate, said("now", start.Add(time.Hour-1)), true},
		"at its beginning":          {certificate, said("now", start), true},
		"before":                    {certificate, said("now", start.Add(-time.Second)), false},
		"after":                     {certificate, late, false},
		"partly after":              {certificate, both, false},
		"another console's":         {certify(t, organisation, ben), said("now", start), false},
		"by another organisation":   {certify(t, another, anna), said("now", start), false},
		"none":                      {nil, said("now", start), false},
		"nothing that it would say": {certificate, wire.Log{Part: 1, Entries: []wire.Entry{}}, false},
	} {
		sealed, err := to.Seal(anna, row.certificate, row.log)
		if row.good != (err == nil) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil {
			continue
		}
		if _, err := key.Reader().Open(sealed, public(organisation)); err != nil {
			t.Errorf("%s is not opened: %v", name, err)
		}
	}
}

func TestT01NobodyElseMakesUpWhatWasSaid(t *testing.T) {
	key, to := derive(t, organisation)
	log := said("yes", start)
	good := inside(t, certify(t, organisation, anna), anna, wire.Packet{Body: &log})
	moved := said("yes", start)
	moved.Session = wire.SessionID{8}
	resealed := log
	resealed.Sealed = []byte{1}
	for name, text := range map[string][]byte{
		"empty":                       {},
		"version 2":                   append([]byte{2}, good[1:]...),
		"cut off in the certificate":  good[:50],
		"cut off in the packet":       good[:len(good)-1],
		"longer":                      append(bytes.Clone(good), 0),
		"another signed it":           inside(t, certify(t, organisation, anna), ben, wire.Packet{Body: &log}),
		"certified by others":         inside(t, certify(t, another, anna), anna, wire.Packet{Body: &log}),
		"moved to another session":    swap(t, good, log, moved),
		"something sealed in it":      inside(t, certify(t, organisation, anna), anna, wire.Packet{Body: &resealed}),
		"another message":             inside(t, certify(t, organisation, anna), anna, wire.Packet{Body: &wire.Logged{Part: 1}}),
		"nothing in it":               inside(t, certify(t, organisation, anna), anna, wire.Packet{Body: &wire.Log{Part: 1, Sealed: []byte{1}}}),
		"a certificate without end":   append([]byte{1, 255, 255}, good[3:]...),
		"a packet of an unknown kind": append(bytes.Clone(good[:len(good)-len(packet(t, log))]), 0x84, 0x19, 0xff, 0xff, 0, 0, 0xa0),
	} {
		sealed, err := seal(text, to.to)
		if err != nil {
			t.Fatal(err)
		}
		if part, err := key.Reader().Open(sealed, public(organisation)); !errors.Is(err, ErrForged) {
			t.Errorf("%s: %+v, %v", name, part, err)
		}
	}
	long, err := seal(make([]byte, wire.MaxSealed), to.to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := key.Reader().Open(long, public(organisation)); !errors.Is(err, ErrClosed) {
		t.Errorf("too long: %v", err)
	}
}

// TestT01ATranscriptSaysWhatItCannotShow opens a file's parts.
func TestT01ATranscriptSaysWhatItCannotShow(t *testing.T) {
	key, to := derive(t, organisation)
	_, theirs := derive(t, another)
	good := said("yes", start)
	good.Part = 1
	sealed, err := to.Seal(anna, certify(t, organisation, anna), good)
	if err != nil {
		t.Fatal(err)
	}
	forged, err := seal(inside(t, certify(t, another, anna), anna, wire.Packet{Body: &good}), to.to)
	if err != nil {
		t.Fatal(err)
	}
	closed, err := seal([]byte("text"), theirs.to)
	if err != nil {
		t.Fatal(err)
	}
	f := transcript.File{Session: good.Session, Parts: []transcript.Part{
		{Rep: 1, Name: "as the broker says", Number: 1, Sealed: sealed}, {Rep: 2, Name: "Ben", Number: 1, Sealed: forged}, {Rep: 3, Name: "Cleo", Number: 1, Sealed: closed},
	}}
	found := map[string]transcript.Sort{}
	for _, l := range f.Lines(key.Reader().Opens(public(organisation))) {
		found[l.Rep] = l.Sort
	}
	want := map[string]transcript.Sort{"Anna Weber": transcript.Happened, "Ben": transcript.Forged, "Cleo": transcript.Closed}
	if !maps.Equal(found, want) {
		t.Errorf("%v, not %v", found, want)
	}
}

// inside is what Seal would put into the file, whatever it is worth.
func inside(t testing.TB, certificate []byte, by ed25519.PrivateKey, p wire.Packet) []byte {
	t.Helper()
	text, err := wire.Append(nil, p)
	if err != nil {
		t.Fatal(err)
	}
	b := append([]byte{1, byte(len(certificate) >> 8), byte(len(certificate))}, certificate...)
	return append(append(b, secret.Sign(by, partLabel, text)...), text...)
}

func packet(t testing.TB, log wire.Log) []byte {
	t.Helper()
	b, err := wire.Append(nil, wire.Packet{Body: &log})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// swap puts another packet behind a good signature.
func swap(t *testing.T, text []byte, before, after wire.Log) []byte {
	t.Helper()
	head, ok := bytes.CutSuffix(text, packet(t, before))
	if !ok {
		t.Fatal("no such packet in it")
	}
	return append(bytes.Clone(head), packet(t, after)...)
}

func TestT01WhatFitsIsKnownBefore(t *testing.T) {
	_, to := derive(t, organisation)
	certificate := certify(t, organisation, anna)
	log := said("", start)
	log.Entries = append(log.Entries, log.Entries[0])
	log.Entries[0].Text = strings.Repeat("a", wire.MaxText)
	for len(packet(t, log)) < MaxPacket {
		log.Entries[1].Text += "b"
	}
	sealed, err := to.Seal(anna, certificate, log)
	if err != nil || len(packet(t, log)) != MaxPacket || len(sealed) > wire.MaxSealed {
		t.Errorf("a packet of %d bytes becomes %d, %v", len(packet(t, log)), len(sealed), err)
	}
	if adds := len(sealed) - MaxPacket - fixedPart - len(certificate); adds != ageAdds {
		t.Errorf("age adds %d bytes", adds)
	}
	log.Entries[1].Text += "b"
	if _, err := to.Seal(anna, certificate, log); !errors.Is(err, ErrTooLong) {
		t.Errorf("one byte more: %v", err)
	}
	log.Entries[1].Text = log.Entries[0].Text // also more than Text may be together, and than a packet of six
	for range 3 {
		log.Entries = append(log.Entries, log.Entries...)
	}
	if _, err := to.Seal(anna, certificate, log); !errors.Is(err, ErrTooLong) {
		t.Errorf("longer than a message: %v", err)
	}
	one := said(strings.Repeat("a", wire.MaxText), start)
	if _, err := to.Seal(anna, certificate, one); err != nil {
		t.Errorf("one entry does not fit: %v", err)
	}
}

// TestT01KeysAreSpelledAsAgeSpellsThem compares with age's own spelling.
func TestT01KeysAreSpelledAsAgeSpellsThem(t *testing.T) {
	for i := range 20 {
		private := bytes.Repeat([]byte{byte(i * 13)}, recordKeySize)
		private[i] ^= 0xff
		by, err := identity(private)
		if err != nil {
			t.Fatal(err)
		}
		if text := strings.ToUpper(bech32("age-secret-key-", private)); by.String() != text {
			t.Errorf("%s is spelled %s", by, text)
		}
	}
}

// FuzzOpen: whatever somebody seals for a record key, which everybody can, no
// part comes out of it that a console of the organisation has not put in, byte
// for byte.
func FuzzOpen(f *testing.F) {
	key, to := derive(f, organisation)
	log := said("yes", start)
	good := inside(f, certify(f, organisation, anna), anna, wire.Packet{Body: &log})
	sealed, err := to.Seal(anna, certify(f, organisation, anna), log)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good, true)
	f.Add(sealed, false)
	f.Add(inside(f, certify(f, another, anna), anna, wire.Packet{Body: &log}), true)
	f.Add([]byte("age-encryption.org/v1\n"), false)
	f.Fuzz(func(t *testing.T, b []byte, inner bool) {
		text := b
		if inner {
			if part, err := read(text, public(organisation)); (err == nil) != bytes.Equal(text, good) {
				t.Errorf("%x reads as %+v, %v", text, part, err)
			}
			return
		}
		part, err := key.Reader().Open(b, public(organisation))
		switch {
		case err == nil:
			text, err := unseal(b, wire.MaxSealed, key.by)
			if err != nil || !bytes.Equal(text, good) || part.Log.Entries[0] != log.Entries[0] {
				t.Errorf("%x opens as %+v", b, part)
			}
		case !errors.Is(err, ErrClosed) && !errors.Is(err, ErrForged):
			t.Errorf("an error of another kind: %v", err)
		}
	})
}
