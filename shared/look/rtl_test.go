package look

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// plain is a line without what is not seen.
func plain(line string) string { return strings.NewReplacer(rightMark, "", leftMark, "").Replace(line) }

func TestC16LinesFromTheRightAreOrderedAsTheyAreSeen(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"שלום", "שלום"},
		{"שלום!", "!שלום"},
		{"שלום! אתם כאן.", ".אתם כאן! שלום"},
		{"אתם מספר 12 בתור.", ".בתור 12אתם מספר "},
		{"כתבו אל help@example.org היום", "היום help@example.orgכתבו אל "},
		{"مرحبا، كيف الحال؟", "؟كيف الحال، مرحبا"},
		{"", ""},
	} {
		if got := plain(seen(c.text)); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

func TestC16OnlyTextThatBeginsSoIsFromTheRight(t *testing.T) {
	for text, want := range map[string]bool{
		"שלום": true, "  12 שלום": true, "مرحبا": true, "Hello שלום": false, "12": false, "": false, "Привет": false,
	} {
		if fromRight(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}

// FuzzRightLines breaks any text: no letter is lost, and no line is wider than
// it may be but for a word that is.
func FuzzRightLines(f *testing.F) {
	f.Add("שלום! אתם מספר 12 (של 14) בתור.\nمرحبا بك", 8)
	f.Add("a\u202eb\u2067c", 0)
	f.Fuzz(func(t *testing.T, text string, width int) {
		if !utf8.ValidString(text) || strings.ContainsAny(text, rightMark+leftMark) {
			return
		}
		most := width % 100
		measure := func(s string) float32 { return float32(utf8.RuneCountInString(s)) }
		got := rightLines(text, float32(most), measure)
		letters := func(s string) map[rune]int {
			n := map[rune]int{}
			for _, r := range plain(s) {
				if !unicode.IsSpace(r) && !unicode.IsControl(r) {
					n[r]++
				}
			}
			return n
		}
		before, after := letters(text), letters(got)
		for r, n := range before {
			if after[r] != n {
				t.Fatalf("%q became %q", text, got)
			}
		}
		for line := range strings.SplitSeq(got, "\n") {
			if words := strings.Fields(plain(line)); len(words) > 1 && measure(strings.Join(words, " ")) > float32(max(most, 0)) && most > 0 {
				longest := 0
				for _, w := range words {
					longest = max(longest, utf8.RuneCountInString(w))
				}
				if longest < most/2 {
					t.Fatalf("%q is wider than %d", line, most)
				}
			}
		}
	})
}
