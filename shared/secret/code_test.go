package secret

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestP03KeysAreReadAsPeopleTypeThem(t *testing.T) {
	want := Code{Number: "482913", Secret: "507264"}
	for _, typed := range []string{
		"482913507264",
		"482 913 · 507 264",
		"  482913 507264\r\n",
		"482-913-507-264",
		"482.913.507.264",
		"482–913 — 507–264",
		"482,913 / 507,264",
		"482'913’507_264",
		"４８２９１３５０７２６４",
		"４８２　９１３・５０７　２６４",
		"٤٨٢٩١٣ ٥٠٧٢٦٤",
		"४८२९१३५०७२६४",
		"𝟒𝟖𝟐𝟗𝟏𝟑507264",
		"482\u00a0913\u2009507\u202f264",
		"\u200e482913\u200b507264\ufeff",
		"4 8 2 9 1 3 5 0 7 2 6 4",
	} {
		if got, err := ParseCode(typed); err != nil || got != want {
			t.Errorf("%q: %s, %v", typed, got.String(), err)
		}
	}
	if n, err := ParseNumber(" 004-213. "); err != nil || n != "004213" {
		t.Errorf("%q, %v", n, err)
	}
}

func TestWhatIsWrongWithAKeyIsSaid(t *testing.T) {
	tests := []struct {
		typed string
		code  error // of ParseCode
		num   error // of ParseNumber
	}{
		{"", ErrShort, ErrShort},
		{" - ", ErrShort, ErrShort},
		{"48291", ErrShort, ErrShort},
		{"482913", ErrShort, nil},
		{"4829135", ErrShort, ErrLong},
		{"482 913 · 507 26", ErrShort, ErrLong},
		{"482 913 · 507 264", nil, ErrLong},
		{"482 913 · 507 264 1", ErrLong, ErrLong},
		{"482 91E", ErrNotDigits, ErrNotDigits},
		{"482O13507264", ErrNotDigits, ErrNotDigits},
		{"-482913+507264", ErrNotDigits, ErrNotDigits},
		{"48291Ⅲ", ErrNotDigits, ErrNotDigits},
		{"482913\x00507264", ErrNotDigits, ErrNotDigits},
		{"482913\xff507264", ErrNotDigits, ErrNotDigits},
		{strings.Repeat(" ", maxTyped+1), ErrLong, ErrLong},
	}
	for _, tt := range tests {
		if c, err := ParseCode(tt.typed); !errors.Is(err, tt.code) || (err != nil && c != Code{}) {
			t.Errorf("%q: key %v", tt.typed, err)
		}
		if n, err := ParseNumber(tt.typed); !errors.Is(err, tt.num) || (err != nil && n != "") {
			t.Errorf("%q: number %q, %v", tt.typed, n, err)
		}
	}
}

func FuzzParseCode(f *testing.F) {
	f.Add("482 913 · 507 264")
	f.Add("４８２　９１３・５０７　２６４")
	f.Fuzz(func(t *testing.T, typed string) {
		c, err := ParseCode(typed)
		if err != nil {
			return
		}
		for _, d := range c.Number + c.Secret {
			if d < '0' || d > '9' {
				t.Fatalf("%q gave %q", typed, c.String())
			}
		}
		if len(c.Number) != Digits || len(c.Secret) != Digits {
			t.Fatalf("%q gave %q", typed, c.String())
		}
		again, err := ParseCode(c.String())
		if err != nil || again != c {
			t.Fatalf("%q gave %q, which gave %q, %v", typed, c.String(), again.String(), err)
		}
	})
}

func TestKeysAreShownInGroups(t *testing.T) {
	if s := (Code{Number: "482913", Secret: "507264"}).String(); s != "482 913 · 507 264" {
		t.Error(s)
	}
	if s := (Code{Number: "482913"}).String(); s != "482 913" {
		t.Error(s)
	}
	if s := Group(""); s != "" {
		t.Error(s)
	}
}

func TestASecretIsNeverLogged(t *testing.T) {
	c := Code{Number: "482913", Secret: "507264"}
	type exported struct {
		Code Code
		List []Code
	}
	type hidden struct{ code *Code }
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T"} {
		fmt.Fprintf(&out, verb+"\n", c)
		fmt.Fprintf(&out, verb+"\n", &c)
		fmt.Fprintf(&out, verb+"\n", exported{c, []Code{c}})
	}
	fmt.Fprintf(&out, "%v %+v %#v\n", hidden{&c}, hidden{&c}, hidden{&c})
	fmt.Fprintln(&out, c, &c)
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		log := slog.New(h)
		log.Info("made", "code", c, "pointer", &c, "in", exported{c, []Code{c}}, "hidden", hidden{&c})
	}
	if err := json.NewEncoder(&out).Encode(exported{c, []Code{c}}); err != nil {
		t.Fatal(err)
	}
	said := out.String()
	for _, leak := range []string{"507264", "507 264", "353037323634"} {
		if strings.Contains(said, leak) {
			t.Errorf("%q in\n%s", leak, said)
		}
	}
	if !strings.Contains(said, "482 913") {
		t.Errorf("the number isn't in\n%s", said)
	}
}

func TestSecretsAreSixDigitsEachEquallyLikely(t *testing.T) {
	// 0xF42400 is the first value that would make small numbers likelier.
	for in, want := range map[string]string{
		"\x00\x00\x00":             "000000",
		"\x00\x00\x2a":             "000042",
		"\x0f\x42\x3f":             "999999",
		"\x0f\x42\x40":             "000000",
		"\xf4\x23\xff":             "999999",
		"\xf4\x24\x00\x00\x00\x07": "000007",
		"\xff\xff\xff\x00\x00\x08": "000008",
	} {
		if got, err := NewSecret(strings.NewReader(in)); err != nil || got != want {
			t.Errorf("%x: %s, %v", in, got, err)
		}
	}
	if _, err := NewSecret(strings.NewReader("\xff\xff\xff")); err == nil {
		t.Error("made a secret without randomness")
	}
	seen := [Digits]map[byte]bool{}
	for i := range seen {
		seen[i] = map[byte]bool{}
	}
	for range 1000 {
		s, err := NewSecret(rand.Reader)
		if _, bad := ParseNumber(s); err != nil || bad != nil {
			t.Fatal(s, err, bad)
		}
		for i := range seen {
			seen[i][s[i]] = true
		}
	}
	for i := range seen {
		if len(seen[i]) != 10 {
			t.Errorf("place %d has only %d digits", i, len(seen[i]))
		}
	}
}
