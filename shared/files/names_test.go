package files

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestC03NamesAreMadeHarmless(t *testing.T) {
	tests := []struct{ name, want string }{
		{"report.pdf", "report.pdf"},
		{"Ablage Ärzte", "Ablage Ärzte"},
		{"東京.txt", "東京.txt"},
		{"../../etc/passwd", "_._.._etc_passwd"},
		{`C:\Windows\x.dll`, "C__Windows_x.dll"},
		{"a.txt:stream", "a.txt_stream"},
		{"CON", "_CON"},
		{"nul.txt", "_nul.txt"},
		{"com1", "_com1"},
		{"COM¹.log", "_COM¹.log"},
		{"lpt9 .x", "_lpt9 .x"},
		{"com10", "com10"},
		{"console", "console"},
		{"trailing. . ", "trailing"},
		{"   ", "file"},
		{"", "file"},
		{"..", "file"},
		{".", "file"},
		{".bashrc", "_bashrc"},
		{".handrail-part", "_handrail-part"},
		{"a\x00b\nc\x1b", "ab c"},
		{"photo\u202egpj.exe", "photogpj.exe"},
		{"a\u200bb\ufeff", "ab"},
		{"Ä.txt", "Ä.txt"},
		{"bad\xffname", "bad_name"},
		{`what?*"<>|`, "what______"},
	}
	for _, tt := range tests {
		if got := Clean(tt.name); got != tt.want {
			t.Errorf("Clean(%q) = %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestC03ALongNameKeepsItsEnding(t *testing.T) {
	got := Clean(strings.Repeat("ä", 300) + ".tar.gz")
	if len(got) > MaxName || !strings.HasSuffix(got, "ä.tar.gz") {
		t.Errorf("got %q", got)
	}
	if got := Clean("x." + strings.Repeat("y", 500)); len(got) != MaxName {
		t.Errorf("%d bytes", len(got))
	}
}

func TestNumbered(t *testing.T) {
	tests := []struct {
		name string
		n    int
		want string
	}{
		{"report.pdf", 1, "report.pdf"},
		{"report.pdf", 2, "report (2).pdf"},
		{"a.tar.gz", 3, "a (3).tar.gz"},
		{"folder", 2, "folder (2)"},
		{"Version 2. Entwurf", 2, "Version 2. Entwurf (2)"},
	}
	for _, tt := range tests {
		if got := Numbered(tt.name, tt.n); got != tt.want {
			t.Errorf("Numbered(%q, %d) = %q, want %q", tt.name, tt.n, got, tt.want)
		}
	}
}

// FuzzClean holds every name to what a disk and an eye need of it.
func FuzzClean(f *testing.F) {
	for _, s := range []string{"report.pdf", "../x", "CON", "a:b", "a\u202eb", "..", "COM¹", strings.Repeat("e\u0301", 150), "\u0344.", "a.\u0301"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got := Clean(name)
		switch {
		case got == "" || len(got) > MaxName+1:
			t.Fatalf("%d bytes", len(got))
		case !utf8.ValidString(got) || !norm.NFC.IsNormalString(got):
			t.Fatalf("%q is not NFC", got)
		case strings.ContainsAny(got, `/\:*?"<>|`) || strings.ContainsFunc(got, unicode.IsControl):
			t.Fatalf("%q has what names can't have", got)
		case strings.ContainsFunc(got, func(r rune) bool { return unicode.Is(unicode.Bidi_Control, r) }):
			t.Fatalf("%q turns around", got)
		case strings.HasPrefix(got, ".") || strings.HasPrefix(got, " ") || strings.HasSuffix(got, ".") || strings.HasSuffix(got, " "):
			t.Fatalf("%q begins or ends badly", got)
		case device(got):
			t.Fatalf("%q is a device", got)
		case Clean(got) != got:
			t.Fatalf("%q becomes %q", got, Clean(got))
		}
		if n, err := parts(got); err != nil || len(n) != 1 {
			t.Fatalf("%q is no single name: %v", got, err)
		}
	})
}
