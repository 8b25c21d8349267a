package chain

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"
)

func log(n int) []Entry {
	var all []Entry
	var last Entry
	for i := range n {
		last = Next(last, Entry{
			At: time.Date(2026, 11, 22, 9, 0, i, 123456789, time.FixedZone("", 3600)), Actor: "admin:1",
			Act: "rep.revoke", Subject: fmt.Sprint("rep:", i), Detail: []byte(`{"why":"left"}`),
		})
		all = append(all, last)
	}
	return all
}

func verify(all []Entry) (*Verifier, error) {
	v := &Verifier{}
	for _, e := range all {
		if err := v.Add(e); err != nil {
			return v, err
		}
	}
	return v, nil
}

func TestA04AnUnchangedLogHolds(t *testing.T) {
	all := log(5)
	v, err := verify(all)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.End(5, all[4].Hash); err != nil {
		t.Error(err)
	}
	if seq, head := v.Head(); seq != 5 || head != all[4].Hash {
		t.Error(seq, head)
	}
}

func TestA04EveryChangeIsNoticed(t *testing.T) {
	for name, change := range map[string]func([]Entry) []Entry{
		"another actor":   func(a []Entry) []Entry { a[2].Actor = "admin:2"; return a },
		"another act":     func(a []Entry) []Entry { a[2].Act = "rep.invite"; return a },
		"another subject": func(a []Entry) []Entry { a[2].Subject = "rep:9"; return a },
		"another detail":  func(a []Entry) []Entry { a[2].Detail = []byte(`{}`); return a },
		"another time":    func(a []Entry) []Entry { a[2].At = a[2].At.Add(time.Microsecond); return a },
		"text moved over": func(a []Entry) []Entry { a[2].Actor, a[2].Act = "admin:1r", "ep.revoke"; return a },
		"one taken out":   func(a []Entry) []Entry { return slices.Delete(a, 2, 3) },
		"the first gone":  func(a []Entry) []Entry { return a[1:] },
		"two exchanged":   func(a []Entry) []Entry { a[2], a[3] = a[3], a[2]; return a },
		"one put between": func(a []Entry) []Entry { return slices.Insert(a, 3, Next(a[2], Entry{Act: "forged"})) },
		"rewritten from there": func(a []Entry) []Entry {
			a[2].Act = "forged"
			a[2] = Next(a[1], a[2])
			return a
		},
	} {
		if _, err := verify(change(log(5))); !errors.Is(err, ErrBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestA04ALogRewrittenAsAWholeIsNoticedByItsHead(t *testing.T) {
	all := log(5)
	head := all[4].Hash
	forged := log(4)
	forged = append(forged, Next(forged[3], Entry{Act: "nothing happened"}))
	for name, a := range map[string][]Entry{"rewritten": forged, "cut off": all[:4]} {
		v, err := verify(a)
		if err != nil {
			t.Fatal(err)
		}
		if err := v.End(5, head); !errors.Is(err, ErrBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Worked out by another program from sum's comment.
func TestA04TheHashIsAsItsCommentSays(t *testing.T) {
	const want = "98a76a11d9c4d636e10ec8cd6e1b9c7f672249598a64ee794543b695fb2529ac"
	if got := fmt.Sprintf("%x", log(1)[0].Hash); got != want {
		t.Errorf("hash is %s, want %s", got, want)
	}
}
