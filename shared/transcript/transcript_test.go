package transcript

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"handrail/shared/wire"
)

var session = wire.SessionID{7}

// said is a line of chat by the customer.
func said(at int64, text string) wire.Entry {
	return wire.Entry{At: at, Happened: wire.HappenedSaid, By: wire.RoleCustomer, Text: text}
}

func file(parts ...Part) File {
	return File{Session: session, Customer: "Carla", Began: 1000, Ended: 9000, Parts: parts}
}

func TestT01AFileComesBackAsItWas(t *testing.T) {
	f := file(
		Part{Rep: 1, Name: "Anna", Number: 1, Kept: 1500, Sealed: []byte("sealed")},
		Part{Rep: 2, Name: "Ben", Number: 1, Kept: 2500, Entries: []wire.Entry{said(2000, "hello\nyou"), {At: 2100, Happened: wire.HappenedFile, By: wire.RoleRep, ID: 1, Size: 5, Items: 1, State: wire.FileOffered}}},
	)
	var b bytes.Buffer
	if err := Write(&b, f); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(b.String(), "{\n  \"handrail\": \"transcript\",") {
		t.Errorf("does not say what it is: %s", b.String())
	}
	again, err := Read(b.Bytes())
	if err != nil || !reflect.DeepEqual(again, f) {
		t.Errorf("%+v, %v", again, err)
	}
}

func TestT01WhatIsNoTranscriptIsRefused(t *testing.T) {
	part := func(rest string) string {
		return `{"handrail":"transcript","version":1,"session":"07000000000000000000000000000000","began":1,"parts":[` + rest + `]}`
	}
	const good = `{"rep":1,"name":"Anna","part":1,"kept":1,"sealed":"AAAA"}`
	if _, err := Read([]byte(part(good))); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"nothing":                "",
		"no JSON":                "transcript",
		"another file":           `{"handrail":"certificates","certificates":[]}`,
		"a later version":        strings.Replace(part(good), `"version":1`, `"version":2`, 1),
		"cut off":                part(good)[:100],
		"no session":             strings.Replace(part(good), `"0700`, `"07`, 1),
		"a name of two lines":    strings.Replace(part(good), "Anna", `Anna\nBen`, 1),
		"a customer's, too":      strings.Replace(part(good), `"began"`, `"customer":"a\u001b[2J","began"`, 1),
		"before time":            strings.Replace(part(good), `"began":1`, `"began":-1`, 1),
		"kept before time":       strings.Replace(part(good), `"kept":1`, `"kept":-1`, 1),
		"the same part twice":    part(good + "," + good),
		"part 0":                 strings.Replace(part(good), `"part":1`, `"part":0`, 1),
		"nothing in a part":      part(`{"rep":1,"name":"Anna","part":1,"kept":1}`),
		"both ways":              part(`{"rep":1,"name":"Anna","part":1,"kept":1,"sealed":"AAAA","entries":[{"at":1,"happened":1}]}`),
		"an entry of nothing":    part(`{"rep":1,"name":"Anna","part":1,"kept":1,"entries":[{"at":1,"happened":0}]}`),
		"too much in it":         part(`{"rep":1,"name":"Anna","part":1,"kept":1,"sealed":"` + strings.Repeat("A", wire.MaxSealed*2) + `"}`),
		"more than a file holds": part(good) + strings.Repeat(" ", MaxFile),
	} {
		if _, err := Read([]byte(text)); !errors.Is(err, ErrNone) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := Write(&bytes.Buffer{}, file(Part{Rep: 1, Number: 1})); !errors.Is(err, ErrNone) {
		t.Errorf("an empty part is written: %v", err)
	}
	var long []Part
	for i := range uint32(MaxFile / wire.MaxSealed) {
		long = append(long, Part{Rep: 1, Number: i + 1, Sealed: make([]byte, wire.MaxSealed)})
	}
	if err := Write(&bytes.Buffer{}, file(long...)); !errors.Is(err, ErrTooLong) {
		t.Errorf("too long a file is written: %v", err)
	}
}

// shown is lines as short texts.
func shown(lines []Line) string {
	var all []string
	for _, l := range lines {
		switch {
		case l.Sort != Happened:
			all = append(all, fmt.Sprintf("%d %s %s %d-%d", l.At, l.Rep, [...]string{"", "missing", "closed", "forged"}[l.Sort], l.First, l.Last))
		case l.Entry.Happened == wire.HappenedFile:
			all = append(all, fmt.Sprintf("%d %s file %s %d", l.At, l.Rep, l.Entry.Text, l.Entry.State))
		default:
			all = append(all, fmt.Sprintf("%d %s %s", l.At, l.Rep, l.Entry.Text))
		}
	}
	return strings.Join(all, "; ")
}

func TestT01LinesOfSeveralRepsStandInOrderOfTime(t *testing.T) {
	plain := func(rep uint64, name string, number uint32, all ...wire.Entry) Part {
		return Part{Rep: rep, Name: name, Number: number, Kept: 8000, Entries: all}
	}
	sealed := func(rep uint64, name string, number uint32, what string) Part {
		return Part{Rep: rep, Name: name, Number: number, Kept: 8000, Sealed: []byte(what)}
	}
	name := func(at int64, id uint32, state wire.FileState, text string) wire.Entry {
		return wire.Entry{At: at, Happened: wire.HappenedFile, By: wire.RoleCustomer, ID: id, State: state, Text: text}
	}
	note := func(at int64, text string) wire.Entry {
		return wire.Entry{At: at, Happened: wire.HappenedNote, Text: text}
	}
	open := func(b []byte) Opened {
		log := wire.Log{Session: session, Part: 1, Entries: []wire.Entry{said(2500, string(b))}}
		switch string(b) {
		case "elsewhere":
			log.Session = wire.SessionID{8}
		case "part 2":
			log.Part = 2
		case "closed":
			return Opened{Sort: Closed}
		case "forged":
			return Opened{By: "Mallory", Log: log, Sort: Forged}
		}
		return Opened{By: "Anna Weber", Log: log}
	}
	for name, row := range map[string]struct {
		parts []Part
		open  func([]byte) Opened
		want  string
	}{
		"nothing": {nil, open, ""},
		"two reps": {
			[]Part{plain(2, "Ben", 1, said(2500, "b"), said(4000, "d")), plain(1, "Anna", 2, said(3000, "c")), plain(1, "Anna", 1, said(2000, "a"))},
			nil,
			"2000 Anna a; 2500 Ben b; 3000 Anna c; 4000 Ben d",
		},
		"a clock that ran back": {
			[]Part{plain(1, "Anna", 1, said(3000, "a"), said(2000, "b")), plain(2, "Ben", 1, said(2500, "c"), said(3500, "d"))},
			nil,
			"2500 Ben c; 3000 Anna a; 2000 Anna b; 3500 Ben d",
		},
		"parts in which nothing was said": {
			[]Part{plain(1, "Anna", 2, said(2000, "a")), plain(1, "Anna", 5, said(3000, "b"))},
			nil,
			"2000 Anna a; 3000 Anna b",
		},
		"sealed ones taken away": {
			[]Part{sealed(1, "Anna", 2, "x"), plain(1, "Anna", 5, said(3000, "b")), sealed(1, "Anna", 7, "x"), plain(2, "Ben", 2, said(4000, "c"))},
			nil,
			"1000 Anna missing 1-1; 1000 Anna closed 2-2; 3000 Anna missing 3-4; 3000 Anna b; 3000 Anna missing 6-6; 3000 Anna closed 7-7; 4000 Ben c",
		},
		"sealed for others": {
			[]Part{sealed(1, "Anna", 1, "x"), sealed(1, "Anna", 2, "y"), plain(1, "Anna", 3, said(2000, "a")), sealed(1, "Anna", 4, "z")},
			nil,
			"1000 Anna closed 1-2; 2000 Anna a; 2000 Anna closed 4-4",
		},
		"opened": {[]Part{sealed(1, "broker's name", 1, "a")}, open, "2500 Anna Weber a"},
		"not opened": {
			[]Part{sealed(1, "Anna", 1, "closed"), sealed(2, "Ben", 1, "forged")},
			open,
			"1000 Anna closed 1-1; 1000 Ben forged 1-1",
		},
		"of another session": {[]Part{sealed(1, "Anna", 1, "elsewhere")}, open, "1000 Anna forged 1-1"},
		"of another place":   {[]Part{sealed(1, "Anna", 1, "part 2")}, open, "1000 Anna forged 1-1"},
		"a file, and one of the other side's": {
			[]Part{plain(1, "Anna", 1, name(2000, 2, wire.FileOffered, "a.txt"), name(2100, 4, wire.FileOffered, "b.txt")), plain(1, "Anna", 2, name(2200, 2, wire.FileArrived, ""))},
			nil,
			"2000 Anna file a.txt 1; 2100 Anna file b.txt 1; 2200 Anna file a.txt 4",
		},
		"notes": {
			[]Part{plain(1, "Anna", 1, note(2000, "first"), said(2100, "a"), note(2200, "last")), plain(2, "Ben", 1, note(2300, "Ben's"))},
			nil,
			"2100 Anna a; 2200 Anna last; 2300 Ben Ben's",
		},
	} {
		if got := shown(file(row.parts...).Lines(row.open)); got != row.want {
			t.Errorf("%s: %s, want %s", name, got, row.want)
		}
	}
}

// FuzzRead: what is taken for a transcript is written to a file that reads as
// the same, and each of its entries but notes is one line.
func FuzzRead(f *testing.F) {
	var b bytes.Buffer
	if err := Write(&b, file(Part{Rep: 1, Name: "Anna", Number: 2, Sealed: []byte("x")},
		Part{Rep: 2, Name: "Ben", Number: 1, Entries: []wire.Entry{said(2000, "a"), {At: 2100, Happened: wire.HappenedNote, Text: "b"}}})); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`{"handrail":"transcript","version":1,"session":"07000000000000000000000000000000","parts":null}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		first, err := Read(b)
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := Write(&out, first); err != nil {
			t.Fatalf("taken and not written: %v", err)
		}
		again, err := Read(out.Bytes())
		if err != nil || !reflect.DeepEqual(first, again) {
			t.Fatalf("%+v became %+v, %v", first, again, err)
		}
		want, got := 0, 0
		for _, p := range first.Parts {
			for _, e := range p.Entries {
				if e.Happened != wire.HappenedNote {
					want++
				}
			}
		}
		place := int64(0)
		for _, l := range first.Lines(nil) {
			if l.Sort == Happened && l.Entry.Happened != wire.HappenedNote {
				got++
			}
			if l.place < place {
				t.Errorf("out of order: %+v", l)
			}
			place = l.place
		}
		if got != want {
			t.Errorf("%d entries are %d lines", want, got)
		}
	})
}
