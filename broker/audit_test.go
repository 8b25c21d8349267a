package main

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // the driver, for changing what nobody should
)

func TestA04WhatCommandsDoIsInTheLog(t *testing.T) {
	dir := t.TempDir()
	start(t, dir, "127.0.0.1:0")
	passphrase := filepath.Join(dir, "passphrase")
	if err := os.WriteFile(passphrase, []byte("a long passphrase"), 0o600); err != nil {
		t.Fatal(err)
	}
	for n, act := range [][]string{
		{"first-admin", "--data", dir},
		{"enrol", "--data", dir, "--name", "Anna"},
		{"backup", "--data", dir, "--passphrase-file", passphrase, filepath.Join(dir, "backup")},
	} {
		if _, notice, code := broker(t, act...); code != 0 {
			t.Fatalf("%s: code %d, says %s", act[0], code, notice)
		}
		if _, notice, _ := broker(t, "verify-audit", "--data", dir); !strings.Contains(notice, fmt.Sprintf("%d entr", n+1)) {
			t.Errorf("after %s: %s", act[0], notice)
		}
	}
}

func TestA04TheCommandTellsWhetherTheAuditLogHolds(t *testing.T) {
	dir := t.TempDir()
	start(t, dir, "127.0.0.1:0")
	for range 3 { // each is an entry
		if _, notice, code := broker(t, "first-admin", "--data", dir); code != 0 {
			t.Fatalf("code %d, says %s", code, notice)
		}
	}
	verify := func(noted string, want int, says string) string {
		t.Helper()
		out, notice, code := broker(t, "verify-audit", "--data", dir, "--noted", noted)
		if code != want || !strings.Contains(notice, says) {
			t.Errorf("noted %q: code %d, says %s", noted, code, notice)
		}
		return strings.TrimSpace(out)
	}
	head := verify("", 0, "The audit log holds: 3 entries")
	verify(head, 0, "holds")
	verify("3:"+strings.Repeat("ab", 32), 1, "does not hold")
	verify("4"+head[1:], 1, "does not hold")
	for _, nonsense := range []string{"3", "3:", "x:" + head[2:], "0" + head[1:], head + "00"} {
		verify(nonsense, 2, "is no number and hash")
	}

	db, err := sql.Open("sqlite", filepath.Join(dir, "broker.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `update audit set actor = 'rep:7' where seq = 2`); err != nil {
		t.Fatal(err)
	}
	verify("", 1, "does not hold")
}
