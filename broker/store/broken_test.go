package store

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestA05AFileThatIsDamagedIsToldFromOneThatCantBeWritten(t *testing.T) {
	for name, damage := range map[string]func(whole []byte) []byte{
		"another file":   func([]byte) []byte { return bytes.Repeat([]byte("no database\n"), 1000) },
		"cut off":        func(whole []byte) []byte { return whole[:len(whole)/3] },
		"pages of zeros": func(whole []byte) []byte { clear(whole[4096:]); return whole },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s, err := Open(t.Context(), Place{Dir: dir})
			if err == nil {
				err = s.Close()
			}
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(dir, fileName)
			whole, err := os.ReadFile(file)
			if err == nil {
				err = os.WriteFile(file, damage(whole), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Open(t.Context(), Place{Dir: dir}); !Broken(err) {
				t.Errorf("opened with %v", err)
			}
		})
	}
	if _, err := Open(t.Context(), Place{Dir: "/dev/null"}); Broken(err) || Broken(errors.New("disk full")) {
		t.Errorf("%v is damage", err)
	}
}
