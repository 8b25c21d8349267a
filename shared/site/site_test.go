package site

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadChecksEveryValue(t *testing.T) {
	pin := "sha256:" + strings.Repeat("ab", 32)
	tests := []struct {
		name, text string
		ok         bool
	}{
		{"complete", `{"broker":"help.example.org:4443","pin":"` + pin + `","organisation":"Example"}`, true},
		{"public authorities", `{"broker":"[2001:db8::1]:443"}`, true},
		{"no port", `{"broker":"help.example.org"}`, false},
		{"no broker", `{}`, false},
		{"short pin", `{"broker":"a:1","pin":"sha256:abcd"}`, false},
		{"pin of another kind", `{"broker":"a:1","pin":"md5:` + strings.Repeat("ab", 32) + `"}`, false},
		{"not JSON", `broker=a:1`, false},
		{"far too long", `{"broker":"a:1","organisation":"` + strings.Repeat("x", maxFile) + `"}`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), FileName)
			if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Find(path); (err == nil) != tt.ok {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestANamedFileThatIsMissingIsAnError(t *testing.T) {
	if _, err := Find(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
