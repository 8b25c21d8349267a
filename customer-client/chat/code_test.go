package chat

import (
	"strings"
	"testing"

	"handrail/shared/secret"
)

// at marks the cursor with a bar.
func at(text string, cursor int) string {
	r := []rune(text)
	return string(r[:cursor]) + "|" + string(r[cursor:])
}

func TestAKeyIsGroupedWhileItIsTyped(t *testing.T) {
	for _, c := range []struct{ typed, want string }{
		{"|", "|"},
		{"4|", "4|"},
		{"482|", "482|"},
		{"4829|", "482 9|"},
		{"482913|", "482 913|"},
		{"482 9135|", "482 913 5|"},
		{"482 913 · 5|", "482 913 · 5|"},
		{"482913507|", "482 913 507|"},
		{"482 913 507 2|", "482 913 · 507 2|"},
		{"482913507264|", "482 913 · 507 264|"},
		{"482913-507264|", "482 913 · 507 264|"},
		{"482 913 · 507 2|", "482 913 · 507 2|"},
		{"48|913 · 507 264", "48|9 135 · 072 64"},
		{"482 913 ·|", "482 913|"},
		{"48291350726411|", "48291350726411|"},
		{"hello|", "hello|"},
	} {
		cursor := strings.IndexByte(c.typed, '|')
		cursor = len([]rune(c.typed[:cursor]))
		text, moved := Grouped(strings.Replace(c.typed, "|", "", 1), cursor)
		if got := at(text, moved); got != c.want {
			t.Errorf("%s: %s, want %s", c.typed, got, c.want)
		}
	}
}

// What grouping makes of a key is the same key.
func FuzzGroupingKeepsTheKey(f *testing.F) {
	f.Add("482913507264", 3)
	f.Add("482 913 · 507 264", 17)
	f.Add("a·b", 1)
	f.Fuzz(func(t *testing.T, typed string, cursor int) {
		cursor = min(max(cursor, 0), len([]rune(typed)))
		text, moved := Grouped(typed, cursor)
		if moved < 0 || moved > len([]rune(text)) {
			t.Fatalf("cursor %d in %q", moved, text)
		}
		before, err := secret.ParseCode(typed)
		after, err2 := secret.ParseCode(text)
		if (err == nil) != (err2 == nil) || before != after {
			t.Fatalf("%q became %q", typed, text)
		}
		if again, _ := Grouped(text, moved); again != text {
			t.Fatalf("grouping %q again gives %q", text, again)
		}
	})
}
