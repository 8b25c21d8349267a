package store

import (
	"errors"
	"io/fs"
	"slices"
	"testing"
	"time"
)

func TestFilesAreFoundByFolder(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s := opened(t, p)
		for _, name := range []string{"a/b/one", "a/b/two", "a/bc", "a%b/x", "z"} {
			if err := s.KeepFile(t.Context(), name, []byte("of "+name)); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range []struct {
			name string
			want []string
		}{
			{"", []string{"a%b/x", "a/b/one", "a/b/two", "a/bc", "z"}},
			{"a", []string{"a/b/one", "a/b/two", "a/bc"}},
			{"a/b", []string{"a/b/one", "a/b/two"}},
			{"a/b/one", []string{"a/b/one"}},
			{"a%", nil},
			{"a_b", nil},
		} {
			files, err := s.Files(t.Context(), c.name)
			var names []string
			for _, f := range files {
				names = append(names, f.Name)
			}
			slices.Sort(names) // engines collate in their own ways
			if err != nil || !slices.Equal(names, c.want) {
				t.Errorf("%q holds %q, want %q, %v", c.name, names, c.want, err)
			}
		}
		if err := s.DropFiles(t.Context(), "a/b"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.FileContent(t.Context(), "a/b/one"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a dropped folder's file: %v", err)
		}
		if got, err := s.FileContent(t.Context(), "a/bc"); err != nil || string(got) != "of a/bc" {
			t.Errorf("its neighbour: %q, %v", got, err)
		}
	})
}

func TestALeaseIsOnePersonsUntilItRunsOut(t *testing.T) {
	each(t, func(t *testing.T, p Place) {
		s := opened(t, p)
		ask := func(owner string, life time.Duration, want bool) {
			t.Helper()
			if got, err := s.Lease(t.Context(), "renew", []byte(owner), life); err != nil || got != want {
				t.Errorf("%s asks: %v, %v, want %v", owner, got, err, want)
			}
		}
		ask("a", time.Hour, true)
		ask("b", time.Hour, false)
		ask("a", 0, true) // again, and it has run out at once
		ask("b", time.Hour, true)
		ask("a", time.Hour, false)
		if err := s.EndLease(t.Context(), "renew", []byte("a")); err != nil {
			t.Fatal(err)
		}
		ask("a", time.Hour, false) // it was b's
		if err := s.EndLease(t.Context(), "renew", []byte("b")); err != nil {
			t.Fatal(err)
		}
		ask("a", time.Hour, true)
	})
}
