package store

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"handrail/broker/people"
)

func TestZ04CertificatesAreKeptForConsolesThatThereAre(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s := opened(t, p)
		anna, err := addRep(t.Context(), s, "Anna")
		if err != nil {
			t.Fatal(err)
		}
		laptop := bytes.Repeat([]byte{7}, 32)
		if err := addConsole(t.Context(), s, anna.ID, laptop, "laptop"); err != nil {
			t.Fatal(err)
		}
		all, err := s.Uncertified(t.Context(), start)
		if err != nil || len(all) != 2 || all[0].Name != "Anna" || all[1].Computer != "laptop" || !bytes.Equal(all[1].PublicKey, laptop) {
			t.Fatalf("%+v, %v", all, err)
		}

		in := Certificate{PublicKey: laptop, Bytes: []byte("signed"), Expires: start.Add(time.Hour)}
		stray := Certificate{PublicKey: bytes.Repeat([]byte{8}, 32), Bytes: []byte("signed"), Expires: in.Expires}
		if err := s.KeepSigned(t.Context(), Signed{Certificates: []Certificate{in, stray}}, start); !errors.Is(err, ErrNoConsole) {
			t.Errorf("a stray one: %v", err)
		}
		if b, err := s.Certificate(t.Context(), laptop, start); b != nil || err != nil {
			t.Errorf("half of it was kept: %q, %v", b, err)
		}
		for _, text := range []string{"signed", "signed again", "signed again"} {
			in.Bytes = []byte(text)
			if err := s.KeepSigned(t.Context(), Signed{Certificates: []Certificate{in}}, start); err != nil {
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
			if all := grants(t, s); (len(all) > 0) != c.left {
				t.Errorf("step %d: %q", i, all)
			}
			if key, err := s.RecordKey(t.Context()); (key != nil) != c.left || err != nil {
				t.Errorf("step %d: %q, %v", i, key, err)
			}
			signed := Signed{Certificates: []Certificate{in}, RecordKey: []byte("key"), Grants: []Grant{{anna.PublicKey, []byte("sealed")}}}
			if err := s.KeepSigned(t.Context(), signed, start); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// grants are who may open transcripts, as the store says.
func grants(t *testing.T, s *Store) map[string][]byte {
	t.Helper()
	all, err := s.Grants(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestT01GrantsAreKeptForConsolesThatMaySignIn(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s := opened(t, p)
		anna, err := addRep(t.Context(), s, "Anna")
		if err != nil {
			t.Fatal(err)
		}
		ben, err := addRep(t.Context(), s, "Ben")
		if err != nil {
			t.Fatal(err)
		}
		laptop := bytes.Repeat([]byte{7}, 32)
		if err := addConsole(t.Context(), s, anna.ID, laptop, "laptop"); err != nil {
			t.Fatal(err)
		}
		if key, err := s.RecordKey(t.Context()); key != nil || err != nil {
			t.Errorf("before: %x, %v", key, err)
		}
		in := Signed{RecordKey: []byte("key"), Grants: []Grant{
			{anna.PublicKey, []byte("Anna's")}, {laptop, []byte("laptop's")}, {ben.PublicKey, []byte("Ben's")},
		}}
		stray := in
		stray.Grants = append([]Grant{}, append(in.Grants, Grant{bytes.Repeat([]byte{8}, 32), []byte("nobody's")})...)
		if err := s.KeepSigned(t.Context(), stray, start); !errors.Is(err, ErrNoConsole) {
			t.Errorf("a stray one: %v", err)
		}
		if key, err := s.RecordKey(t.Context()); key != nil || err != nil || len(grants(t, s)) != 0 {
			t.Errorf("half of it was kept: %x, %v", key, err)
		}
		for range 2 {
			if err := s.KeepSigned(t.Context(), in, start); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.KeepSigned(t.Context(), Signed{Grants: []Grant{{anna.PublicKey, []byte("Anna's new one")}}}, start); err != nil {
			t.Fatal(err)
		}
		if key, err := s.RecordKey(t.Context()); string(key) != "key" || err != nil {
			t.Errorf("%q, %v", key, err)
		}
		all := grants(t, s)
		if len(all) != 3 || string(all[string(anna.PublicKey)]) != "Anna's new one" || string(all[string(laptop)]) != "laptop's" {
			t.Errorf("%q", all)
		}

		if err := s.RevokeConsole(t.Context(), anna.ID, anna.ID, numberOf(t, s, Uncertified{PublicKey: laptop, Rep: anna.ID}), start); err != nil {
			t.Fatal(err)
		}
		if all := grants(t, s); len(all) != 2 || all[string(laptop)] != nil {
			t.Errorf("after a console was revoked: %q", all)
		}
		if err := s.RevokeRep(t.Context(), ben.ID, start); err != nil {
			t.Fatal(err)
		}
		if all := grants(t, s); len(all) != 1 || all[string(ben.PublicKey)] != nil {
			t.Errorf("after a rep was revoked: %q", all)
		}
		if err := s.Ungrant(t.Context(), anna.PublicKey, start); err != nil || len(grants(t, s)) != 0 {
			t.Errorf("taken back: %q, %v", grants(t, s), err)
		}
		if err := s.Ungrant(t.Context(), anna.PublicKey, start); !errors.Is(err, ErrNoConsole) {
			t.Errorf("taken back twice: %v", err)
		}
	})
}

// TestT01WhoComesBackHasNoGrant: it was deleted, not only hidden.
func TestT01WhoComesBackHasNoGrant(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s := opened(t, p)
		anna, err := addRep(t.Context(), s, "Anna")
		if err != nil {
			t.Fatal(err)
		}
		for name, away := range map[string]func() error{
			"revoked": func() error { return s.RevokeRep(t.Context(), anna.ID, start) },
			"locked": func() error {
				return s.engine.write(t.Context(), func(tx *Tx) error {
					return keepPerson(tx, 0, people.Rep{ID: anna.ID, PublicName: "Anna", Disabled: true}, start)
				})
			},
		} {
			if err := s.KeepSigned(t.Context(), Signed{Grants: []Grant{{anna.PublicKey, []byte("sealed")}}}, start); err != nil {
				t.Fatal(err)
			}
			if len(grants(t, s)) != 1 {
				t.Errorf("%s: not granted", name)
			}
			if err := away(); err != nil {
				t.Fatal(err)
			}
			if err := s.engine.write(t.Context(), func(tx *Tx) error {
				_, err := tx.exec(`update reps set revoked = 0`)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if all := grants(t, s); len(all) != 0 {
				t.Errorf("%s and back: %q", name, all)
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
