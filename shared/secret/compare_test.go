package secret

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// compared runs the exchange; between may change what the rep and the customer
// send.
func compared(t *testing.T, sidRep, sidCustomer, certificate []byte, key ed25519.PrivateKey, between func(step int, b []byte) []byte) (rep, customer [3]string, got []byte, holds func(ed25519.PublicKey) bool, err error) {
	t.Helper()
	r, err := NewComparer(sidRep, certificate, key, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c, err := NewComparer(sidCustomer, nil, nil, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	nonce, err := c.Nonce(between(0, r.Commit()))
	if err != nil {
		return rep, customer, nil, nil, err
	}
	opened, err := r.Open(between(1, nonce))
	if err != nil {
		return rep, customer, nil, nil, err
	}
	got, holds, err = c.Check(between(2, opened))
	return r.Words(), c.Words(), got, holds, err
}

func same(_ int, b []byte) []byte { return b }

var sidA, sidB = bytes.Repeat([]byte{1}, SID), bytes.Repeat([]byte{2}, SID)

func TestZ03BothSidesSeeTheSameThreeWords(t *testing.T) {
	seen := map[[3]string]bool{}
	for range 50 {
		rep, customer, certificate, holds, err := compared(t, sidA, sidA, nil, nil, same)
		if err != nil || rep != customer || rep[0] == "" || rep[2] == "" || certificate != nil || holds != nil {
			t.Fatal(rep, customer, certificate, err)
		}
		seen[rep] = true
	}
	if len(seen) < 49 {
		t.Errorf("only %d different ones of 50", len(seen))
	}
}

func TestZ03WhoStandsBetweenMakesTheWordsDiffer(t *testing.T) {
	for range 50 {
		// Each end has a connection of its own with the one in the middle, who
		// passes everything on.
		_, _, _, _, err := compared(t, sidA, sidB, nil, nil, same)
		if !errors.Is(err, ErrWrongSecret) {
			t.Fatalf("passed on: %v", err)
		}
		// Or plays both parts.
		r, _ := NewComparer(sidA, nil, nil, rand.Reader)
		toRep, _ := NewComparer(sidA, nil, nil, rand.Reader)
		c, _ := NewComparer(sidB, nil, nil, rand.Reader)
		toCustomer, _ := NewComparer(sidB, nil, nil, rand.Reader)
		nonce, _ := c.Nonce(toCustomer.Commit())
		opened, _ := toCustomer.Open(nonce)
		if _, _, err := c.Check(opened); err != nil {
			t.Fatal(err)
		}
		mine, _ := toRep.Nonce(r.Commit())
		if _, err := r.Open(mine); err != nil {
			t.Fatal(err)
		}
		if r.Words() == c.Words() {
			t.Error("the same words on both sides of the one in the middle")
		}
	}
}

func TestZ03NothingCanBeChangedAfterTheCommitment(t *testing.T) {
	for step, want := range []error{ErrWrongSecret, nil, ErrWrongSecret} {
		for _, at := range []int{1, 20, 32} {
			rep, customer, _, _, err := compared(t, sidA, sidA, nil, nil, func(n int, b []byte) []byte {
				if n == step {
					b = bytes.Clone(b)
					b[at] ^= 1
				}
				return b
			})
			if !errors.Is(err, want) || err == nil && rep == customer {
				t.Errorf("step %d changed at %d: %v, %v and %v", step, at, err, rep, customer)
			}
		}
	}
}

func TestZ03StepsInTheirOrderAndShape(t *testing.T) {
	c, _ := NewComparer(sidA, nil, nil, rand.Reader)
	if _, _, err := c.Check(nil); !errors.Is(err, ErrOrder) {
		t.Errorf("check first: %v", err)
	}
	if _, err := c.Nonce(bytes.Repeat([]byte{stepCommit}, 32)); !errors.Is(err, ErrMessage) {
		t.Errorf("a short commitment: %v", err)
	}
	if _, err := c.Nonce(c.Commit()); !errors.Is(err, ErrOrder) {
		t.Errorf("again: %v", err)
	}
	c, _ = NewComparer(sidA, nil, nil, rand.Reader)
	if _, err := c.Nonce(c.Commit()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Check(make([]byte, MaxOpen+1)); !errors.Is(err, ErrMessage) {
		t.Errorf("a long opening: %v", err)
	}
	for name, make := range map[string]func() (*Comparer, error){
		"short sid":         func() (*Comparer, error) { return NewComparer(sidA[1:], nil, nil, rand.Reader) },
		"certificate alone": func() (*Comparer, error) { return NewComparer(sidA, []byte{1}, nil, rand.Reader) },
		"no random bytes":   func() (*Comparer, error) { return NewComparer(sidA, nil, nil, strings.NewReader("x")) },
		"an endless own name": func() (*Comparer, error) {
			return NewComparer(sidA, bytes.Repeat([]byte{1}, maxCertificate+1), edKey(1), rand.Reader)
		},
	} {
		if _, err := make(); err == nil {
			t.Errorf("%s is no mistake", name)
		}
	}
}

func TestTheWordListIsGoodForReadingOut(t *testing.T) {
	list := strings.Fields(wordList)
	starts := map[string]string{}
	for _, w := range list {
		if len(w) < 3 || len(w) > 8 || strings.Trim(w, "abcdefghijklmnopqrstuvwxyz") != "" {
			t.Errorf("%q", w)
			continue
		}
		if o := starts[w[:3]]; o != "" {
			t.Errorf("%q and %q begin alike", o, w)
		}
		starts[w[:3]] = w
	}
	if len(list) != 256 || !slices.IsSorted(list) {
		t.Errorf("%d words, or not in order", len(list))
	}
}

func edKey(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

func public(k ed25519.PrivateKey) ed25519.PublicKey { return k.Public().(ed25519.PublicKey) }

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func anna() Certificate {
	return Certificate{Serial: 7, Key: public(edKey(2)), Name: "Anna Wéber", From: noon.Add(-time.Hour), To: noon.Add(90 * 24 * time.Hour)}
}

func TestZ04ARepShowsACertificateAndItsKeyOnThisConnection(t *testing.T) {
	organisation := edKey(1)
	b, err := Certify(organisation, anna())
	if err != nil {
		t.Fatal(err)
	}
	rep, customer, got, holds, err := compared(t, sidA, sidA, b, edKey(2), same)
	if err != nil || rep != customer {
		t.Fatal(rep, customer, err)
	}
	c, err := ReadCertificate(got, public(organisation), noon)
	if err != nil || c.Name != "Anna Wéber" || c.Serial != 7 || !c.To.Equal(anna().To) {
		t.Fatalf("%+v, %v", c, err)
	}
	if !holds(c.Key) {
		t.Error("her own key is refused")
	}
	// A stolen certificate without its key.
	_, _, got, holds, err = compared(t, sidA, sidA, b, edKey(3), same)
	if c, err2 := ReadCertificate(got, public(organisation), noon); err != nil || err2 != nil || holds(c.Key) {
		t.Error("another key passes for hers", err, err2)
	}
}

func TestZ04OnlyWhatTheOrganisationSignedIsBelieved(t *testing.T) {
	organisation := edKey(1)
	good, err := Certify(organisation, anna())
	if err != nil {
		t.Fatal(err)
	}
	for at := range good {
		b := bytes.Clone(good)
		b[at] ^= 1
		if _, err := ReadCertificate(b, public(organisation), noon); !errors.Is(err, ErrCertificate) {
			t.Fatalf("byte %d changed: %v", at, err)
		}
	}
	for name, c := range map[string]struct {
		b   []byte
		by  ed25519.PublicKey
		now time.Time
	}{
		"by another organisation": {good, public(edKey(9)), noon},
		"no organisation":         {good, nil, noon},
		"not yet":                 {good, public(organisation), noon.Add(-2 * time.Hour)},
		"no more":                 {good, public(organisation), noon.Add(91 * 24 * time.Hour)},
		"cut":                     {good[:len(good)-1], public(organisation), noon},
		"longer":                  {append(bytes.Clone(good), 0), public(organisation), noon},
		"nothing":                 {nil, public(organisation), noon},
	} {
		if _, err := ReadCertificate(c.b, c.by, c.now); !errors.Is(err, ErrCertificate) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, change := range map[string]func(*Certificate){
		"no name":     func(c *Certificate) { c.Name = "" },
		"no text":     func(c *Certificate) { c.Name = "\xff" },
		"a long name": func(c *Certificate) { c.Name = strings.Repeat("n", maxCertifiedName+1) },
		"for ever":    func(c *Certificate) { c.To = c.From.Add(MostValid + time.Second) },
		"backwards":   func(c *Certificate) { c.To = c.From },
		"no key":      func(c *Certificate) { c.Key = nil },
	} {
		c := anna()
		change(&c)
		if _, err := Certify(organisation, c); !errors.Is(err, ErrCertificate) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzReadCertificate(f *testing.F) {
	organisation := edKey(1)
	good, err := Certify(organisation, anna())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good[:len(good)-ed25519.SignatureSize])
	f.Fuzz(func(t *testing.T, body []byte) {
		// Whatever the organisation might have signed is read as it is written.
		b := append(bytes.Clone(body), ed25519.Sign(organisation, lvCat([]byte(certificateLabel), body))...)
		c, err := ReadCertificate(b, public(organisation), noon)
		if err != nil {
			if !errors.Is(err, ErrCertificate) {
				t.Error(err)
			}
			return
		}
		if again, err := Certify(organisation, c); err != nil || !bytes.Equal(again, b) {
			t.Errorf("%+v is written as another: %v", c, err)
		}
	})
}

func TestZ03OnlyTheAgreedWordIsTakenAndOnlyInTime(t *testing.T) {
	rep, _ := NewComparer(sidA, nil, nil, rand.Reader)
	customer, _ := NewComparer(sidA, nil, nil, rand.Reader)
	if _, err := customer.Agree(); !errors.Is(err, ErrOrder) {
		t.Errorf("agreed to nothing: %v", err)
	}
	if err := rep.Agreed([]byte{stepAgreed}); !errors.Is(err, ErrOrder) {
		t.Errorf("an agreement to nothing: %v", err)
	}
	nonce, err := customer.Nonce(rep.Commit())
	if err != nil {
		t.Fatal(err)
	}
	opened, err := rep.Open(nonce)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := customer.Check(opened); err != nil {
		t.Fatal(err)
	}
	agreed, err := customer.Agree()
	if err != nil || rep.Agreed(agreed) != nil {
		t.Error(agreed, err)
	}
	for _, b := range [][]byte{nil, {stepRefused}, {stepAgreed, 0}, opened} {
		if err := rep.Agreed(b); !errors.Is(err, ErrMessage) && !errors.Is(err, ErrOrder) {
			t.Errorf("%x is taken: %v", b, err)
		}
	}
}
