package store

import (
	"bytes"
	"errors"
	"testing"
	"time"
)

func TestZ04CertificatesAreKeptForConsolesThatThereAre(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s := opened(t, p)
		anna, err := addRep(t.Context(), s, "Anna")
		if err != nil {
			t.Fatal(err)
		}
		laptop := bytes.Repeat([]byte{7}, 32)
		if err := s.AddConsole(t.Context(), anna.ID, laptop, "laptop", start); err != nil {
			t.Fatal(err)
		}
		all, err := s.Uncertified(t.Context(), start)
		if err != nil || len(all) != 2 || all[0].Name != "Anna" || all[1].Computer != "laptop" || !bytes.Equal(all[1].PublicKey, laptop) {
			t.Fatalf("%+v, %v", all, err)
		}

		in := Certificate{PublicKey: laptop, Bytes: []byte("signed"), Expires: start.Add(time.Hour)}
		stray := Certificate{PublicKey: bytes.Repeat([]byte{8}, 32), Bytes: []byte("signed"), Expires: in.Expires}
		if err := s.KeepCertificates(t.Context(), []Certificate{in, stray}, start); !errors.Is(err, ErrNoConsole) {
			t.Errorf("a stray one: %v", err)
		}
		if b, err := s.Certificate(t.Context(), laptop, start); b != nil || err != nil {
			t.Errorf("half of it was kept: %q, %v", b, err)
		}
		for _, text := range []string{"signed", "signed again", "signed again"} {
			in.Bytes = []byte(text)
			if err := s.KeepCertificates(t.Context(), []Certificate{in}, start); err != nil {
				t.Fatal(err)
			}
			if b, err := s.Certificate(t.Context(), laptop, start); string(b) != text || err != nil {
				t.Errorf("%q, %v", b, err)
			}
		}
		if all, err = s.Uncertified(t.Context(), start); err != nil || len(all) != 1 || all[0].Computer == "laptop" {
			t.Errorf("%+v, %v", all, err)
		}
		if all, err = s.Uncertified(t.Context(), in.Expires); err != nil || len(all) != 2 {
			t.Errorf("when it is over: %+v, %v", all, err)
		}
		if b, err := s.Certificate(t.Context(), laptop, in.Expires); b != nil || err != nil {
			t.Errorf("handed out when it is over: %q, %v", b, err)
		}
		if err := s.RevokeConsole(t.Context(), anna.ID, anna.ID, numberOf(t, s, all[1]), start); err != nil {
			t.Fatal(err)
		}
		if all, err = s.Uncertified(t.Context(), in.Expires); err != nil || len(all) != 1 {
			t.Errorf("after one was revoked: %+v, %v", all, err)
		}
	})
}

func TestZ04AnotherOrganisationsKeyEndsAllCertificates(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s := opened(t, p)
		anna, err := addRep(t.Context(), s, "Anna")
		if err != nil {
			t.Fatal(err)
		}
		first, second := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
		if key, err := s.OrganisationKey(t.Context()); key != nil || err != nil {
			t.Errorf("before: %x, %v", key, err)
		}
		in := Certificate{PublicKey: anna.PublicKey, Bytes: []byte("signed"), Expires: start.Add(time.Hour)}
		for i, c := range []struct {
			key  []byte
			left bool // of the certificate that is kept after each step
		}{{first, false}, {first, true}, {second, false}} {
			if err := s.SetOrganisationKey(t.Context(), c.key, start); err != nil {
				t.Fatal(err)
			}
			if key, err := s.OrganisationKey(t.Context()); !bytes.Equal(key, c.key) || err != nil {
				t.Errorf("%x, %v", key, err)
			}
			if b, err := s.Certificate(t.Context(), anna.PublicKey, start); (b != nil) != c.left || err != nil {
				t.Errorf("step %d: %q, %v", i, b, err)
			}
			if err := s.KeepCertificates(t.Context(), []Certificate{in}, start); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// numberOf finds the console's number.
func numberOf(t *testing.T, s *Store, u Uncertified) uint64 {
	t.Helper()
	consoles, err := s.Consoles(t.Context(), u.Rep)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range consoles {
		if bytes.Equal(c.PublicKey, u.PublicKey) {
			return c.ID
		}
	}
	t.Fatal("no such console")
	return 0
}
