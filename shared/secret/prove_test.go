package secret

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

func readers(r ...io.Reader) io.Reader { return io.MultiReader(r...) }

// sid makes an exporter's output.
func sid(n byte) []byte { return bytes.Repeat([]byte{n}, SID) }

func pair(t testing.TB, repSecret, customerSecret string, repSID, customerSID []byte) (*Initiator, *Responder) {
	t.Helper()
	i, err := NewInitiator(repSecret, repSID, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewResponder(customerSecret, customerSID, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return i, r
}

// upToTag runs the exchange up to the rep's tag, and gives what was said.
func upToTag(t testing.TB, i *Initiator, r *Responder) (share, tag []byte) {
	t.Helper()
	share, err := r.Share(i.Share())
	if err != nil {
		t.Fatal(err)
	}
	if tag, err = i.Tag(share); err != nil {
		t.Fatal(err)
	}
	return share, tag
}

// talk runs the exchange and gives what each side made of it.
func talk(t testing.TB, i *Initiator, r *Responder) (repErr, customerErr error) {
	t.Helper()
	_, tag := upToTag(t, i, r)
	answer, customerErr := r.Finish(tag)
	return i.Finish(answer), customerErr
}

func TestZ02TheSameSecretOnTheSameConnectionIsProved(t *testing.T) {
	i, r := pair(t, "507264", "507264", sid(1), sid(1))
	if rep, customer := talk(t, i, r); rep != nil || customer != nil {
		t.Fatalf("rep %v, customer %v", rep, customer)
	}
	if k := i.ResumeKey(); len(k) != 32 || !bytes.Equal(k, r.ResumeKey()) {
		t.Errorf("resume keys %x and %x", k, r.ResumeKey())
	}
}

func TestZ02AWrongSecretIsNoticedByBoth(t *testing.T) {
	for _, typed := range []string{"507265", "", "5072640", "000000"} {
		i, r := pair(t, "507264", typed, sid(1), sid(1))
		rep, customer := talk(t, i, r)
		if !errors.Is(rep, ErrWrongSecret) || !errors.Is(customer, ErrWrongSecret) {
			t.Errorf("%q: rep %v, customer %v", typed, rep, customer)
		}
		if i.ResumeKey() != nil || r.ResumeKey() != nil {
			t.Errorf("%q: there is a resume key", typed)
		}
	}
}

// The broker, standing between, has a connection to each side and hands the
// messages on: the exporters differ, so it is found out although both sides
// know the secret.
func TestZ02ABrokerInTheMiddleIsFoundOut(t *testing.T) {
	i, r := pair(t, "507264", "507264", sid(1), sid(2))
	rep, customer := talk(t, i, r)
	if !errors.Is(rep, ErrWrongSecret) || !errors.Is(customer, ErrWrongSecret) {
		t.Errorf("rep %v, customer %v", rep, customer)
	}
}

// The middle may also try to send what it received back to where it came from.
func TestZ02NobodyProvesAnythingToItself(t *testing.T) {
	i, _ := pair(t, "507264", "507264", sid(1), sid(1))
	if _, err := i.Tag(i.Share()); !errors.Is(err, ErrMessage) {
		t.Errorf("the rep takes its own share: %v", err)
	}
	i, r := pair(t, "507264", "507264", sid(1), sid(1))
	_, tag := upToTag(t, i, r)
	// Even with the steps' numbers changed.
	if err := i.Finish(message(stepCustomerTag, tag[1:])); !errors.Is(err, ErrWrongSecret) {
		t.Errorf("the rep takes its own tag: %v", err)
	}
	mirror, _ := pair(t, "507264", "507264", sid(1), sid(1))
	tag, err := mirror.Tag(message(stepCustomerShare, mirror.Share()[1:]))
	if err != nil {
		t.Fatal(err)
	}
	if err := mirror.Finish(message(stepCustomerTag, tag[1:])); !errors.Is(err, ErrWrongSecret) {
		t.Errorf("the rep proves itself to its own mirror: %v", err)
	}
}

func TestAnyChangedBitIsNoticed(t *testing.T) {
	change := func(b []byte, bit int) []byte {
		b = bytes.Clone(b)
		b[bit/8] ^= 1 << (bit % 8)
		return b
	}
	for bit := range 8 * (1 + tagSize) {
		i, r := pair(t, "507264", "507264", sid(1), sid(1))
		_, tag := upToTag(t, i, r)
		if bit%2 == 0 { // on the way to the customer
			if _, err := r.Finish(change(tag, bit)); !errors.Is(err, ErrWrongSecret) && !errors.Is(err, ErrMessage) {
				t.Fatalf("bit %d of the rep's tag: %v", bit, err)
			}
			continue
		}
		answer, err := r.Finish(tag)
		if err != nil {
			t.Fatal(err)
		}
		if err := i.Finish(change(answer, bit)); !errors.Is(err, ErrWrongSecret) && !errors.Is(err, ErrMessage) {
			t.Fatalf("bit %d of the customer's tag: %v", bit, err)
		}
	}
}

func TestTheCustomerRefusesWithoutATag(t *testing.T) {
	i, r := pair(t, "507264", "111111", sid(1), sid(1))
	_, tag := upToTag(t, i, r)
	answer, err := r.Finish(tag)
	if !errors.Is(err, ErrWrongSecret) || !bytes.Equal(answer, []byte{stepRefused}) {
		t.Fatalf("%x, %v", answer, err)
	}
	if err := i.Finish(answer); !errors.Is(err, ErrWrongSecret) {
		t.Error(err)
	}
}

func TestEveryStepIsTakenOnceAndInOrder(t *testing.T) {
	i, r := pair(t, "507264", "507264", sid(1), sid(1))
	if err := i.Finish(nil); !errors.Is(err, ErrOrder) {
		t.Errorf("the rep ends first: %v", err)
	}
	if _, err := r.Finish(nil); !errors.Is(err, ErrOrder) {
		t.Errorf("the customer ends first: %v", err)
	}
	first := i.Share()
	share, err := r.Share(first)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Share(first); !errors.Is(err, ErrOrder) {
		t.Errorf("the customer shares twice: %v", err)
	}
	tag, err := i.Tag(share)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := i.Tag(share); !errors.Is(err, ErrOrder) {
		t.Errorf("the rep tags twice: %v", err)
	}
	// A second guess on one exchange must not be possible.
	if _, err := r.Finish(make([]byte, 1+tagSize)); !errors.Is(err, ErrMessage) {
		t.Errorf("a tag of zeros: %v", err)
	}
	if _, err := r.Finish(tag); !errors.Is(err, ErrOrder) {
		t.Errorf("a second tag: %v", err)
	}
}

func TestMessagesOfAnyOtherLengthAreRefused(t *testing.T) {
	for n := range MaxStep + 2 {
		b := make([]byte, n)
		for step := range byte(9) {
			if n > 0 {
				b[0] = step
			}
			i, r := pair(t, "507264", "507264", sid(1), sid(1))
			if _, err := r.Share(b); !errors.Is(err, ErrMessage) {
				t.Fatalf("share %x: %v", b, err)
			}
			if _, err := i.Tag(b); !errors.Is(err, ErrMessage) {
				t.Fatalf("share %x: %v", b, err)
			}
			if n == MaxStep {
				continue // that is the length of a tag: wrong, but a message
			}
			i, r = pair(t, "507264", "507264", sid(1), sid(1))
			upToTag(t, i, r)
			if _, err := r.Finish(b); !errors.Is(err, ErrMessage) {
				t.Fatalf("tag %x: %v", b, err)
			}
			refusal := n == 1 && step == stepRefused
			if err := i.Finish(b); !errors.Is(err, ErrMessage) && !refusal {
				t.Fatalf("answer %x: %v", b, err)
			}
		}
	}
}

func TestAShortExporterIsRefused(t *testing.T) {
	for _, s := range [][]byte{nil, make([]byte, SID-1), make([]byte, SID+1)} {
		if _, err := NewInitiator("507264", s, rand.Reader); err == nil {
			t.Errorf("a rep with an exporter of %d bytes", len(s))
		}
		if _, err := NewResponder("507264", s, rand.Reader); err == nil {
			t.Errorf("a customer with an exporter of %d bytes", len(s))
		}
	}
	if _, err := NewInitiator("507264", sid(1), strings.NewReader("few")); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("without randomness: %v", err)
	}
}

func TestZ06ALaterConnectionResumes(t *testing.T) {
	i, r := pair(t, "507264", "507264", sid(1), sid(1))
	if rep, customer := talk(t, i, r); rep != nil || customer != nil {
		t.Fatal(rep, customer)
	}
	key := i.ResumeKey()
	proof := Resume(key, sid(2), Rep)
	if len(proof) > MaxStep || proof[0] == i.Share()[0] {
		t.Errorf("first message %x", proof)
	}
	other := bytes.Repeat([]byte{3}, 32)
	tests := []struct {
		name string
		err  error
		want error
	}{
		{"the rep", CheckResume(r.ResumeKey(), sid(2), Rep, proof), nil},
		{"the customer", CheckResume(key, sid(2), Customer, Resume(r.ResumeKey(), sid(2), Customer)), nil},
		{"another connection", CheckResume(key, sid(3), Rep, proof), ErrWrongSecret},
		{"another session", CheckResume(other, sid(2), Rep, proof), ErrWrongSecret},
		{"sent back", CheckResume(key, sid(2), Customer, proof), ErrMessage},
		{"sent back with the other number", CheckResume(key, sid(2), Customer, message(byte(Customer), proof[1:])), ErrWrongSecret},
		{"cut", CheckResume(key, sid(2), Rep, proof[:40]), ErrMessage},
		{"nothing", CheckResume(key, sid(2), Rep, nil), ErrMessage},
		{"no session yet", CheckResume(nil, sid(2), Rep, Resume(nil, sid(2), Rep)), ErrOrder},
		{"half an exporter", CheckResume(key, sid(2)[:16], Rep, Resume(key, sid(2)[:16], Rep)), ErrOrder},
	}
	for _, tt := range tests {
		if !errors.Is(tt.err, tt.want) {
			t.Errorf("%s: %v, not %v", tt.name, tt.err, tt.want)
		}
	}
}

func TestP03ThreeTriesBurnAKey(t *testing.T) {
	var tries Tries
	for n := range MaxTries {
		if tries.Left() != MaxTries-n || tries.Burnt() || !tries.Spend() {
			t.Fatalf("try %d: %d left", n+1, tries.Left())
		}
	}
	if !tries.Burnt() || tries.Spend() || tries.Left() != 0 {
		t.Errorf("after three: %d left", tries.Left())
	}
}

// FuzzExchange lets somebody without the secret say anything: neither side
// ever believes it, and neither takes a step after a mistake.
func FuzzExchange(f *testing.F) {
	i, r := pair(f, "507264", "507265", sid(1), sid(1))
	share, tag := upToTag(f, i, r)
	f.Add(share, message(stepCustomerTag, tag[1:]))
	f.Add(i.Share(), tag)
	f.Add(share, []byte{stepRefused})
	f.Fuzz(func(t *testing.T, first, second []byte) {
		i, r := pair(t, "507264", "507264", sid(1), sid(1))
		if _, err := i.Tag(first); err != nil && !errors.Is(err, ErrMessage) {
			t.Fatal(err)
		}
		if err := i.Finish(second); err == nil || i.ResumeKey() != nil {
			t.Fatalf("the rep believes %x, %x", first, second)
		}
		if _, err := r.Share(first); err != nil && !errors.Is(err, ErrMessage) {
			t.Fatal(err)
		}
		if answer, err := r.Finish(second); err == nil || len(answer) > 1 || r.ResumeKey() != nil {
			t.Fatalf("the customer believes %x, %x and says %x", first, second, answer)
		}
	})
}

func TestNothingOfAnExchangeIsPrinted(t *testing.T) {
	i, _ := pair(t, "507264", "507264", sid(1), sid(1))
	holder := struct{ try *Initiator }{i}
	if s := fmt.Sprintf("%v %+v", holder, holder); strings.Contains(s, "507264") {
		t.Error(s)
	}
}
