package main

import (
	"math/rand"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"handrail/shared/wire"
)

// throwGarbage sends all kinds of nonsense to a port.
func throwGarbage(t *testing.T, network, addr string) {
	t.Helper()
	random := rand.New(rand.NewSource(1))
	for n := range 200 {
		c, err := net.Dial(network, addr)
		if err != nil {
			t.Fatal(err)
		}
		b := make([]byte, random.Intn(1400))
		random.Read(b)
		switch {
		case len(b) < 4:
		case n%4 == 1: // a QUIC long header of version 1
			copy(b, []byte{0xc3, 0, 0, 0, 1})
		case n%4 == 2: // a STUN allocation with a wrong length
			copy(b, []byte{0, 3, 0xff, 0xff, 0x21, 0x12, 0xa4, 0x42})
		case n%4 == 3: // TURN channel data for no channel
			copy(b, []byte{0x40, 0, 0xff, 0xff})
		}
		_, _ = c.Write(b) // a port that already had enough is fine
		c.Close()
	}
}

func TestMistakesAreAnsweredInWords(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	dir, broken := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(broken, "broker.db"), make([]byte, 5000), 0o600); err != nil {
		t.Fatal(err)
	}
	b := start(t, dir, "127.0.0.1:0")
	fresh := func() string { return filepath.Join(t.TempDir(), "data") }
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"unknown verb":        {[]string{"serve"}, 2, `does not know the command "serve"`},
		"unknown flag":        {[]string{"run", "--data", dir, "--port", "1"}, 2, "--help"},
		"left over":           {[]string{"run", "--data", dir, "now"}, 2, `"now" is one word too many`},
		"settings at the end": {[]string{"apply", "--data", dir, file, "--yes"}, 2, `"--yes" is one word too many; settings stand before`},
		"authority alone":     {[]string{"run", "--data", dir, "--acme-mail", "ann@example.org"}, 2, "need --acme"},
		"no data":             {[]string{"run"}, 2, "--data DIR"},
		"data in a file":      {[]string{"run", "--data", file + "/x"}, 1, "cannot keep its data in " + file},
		"damaged database":    {[]string{"site", "--data", broken}, 1, "in " + broken + " is damaged"},
		"nothing kept":        {[]string{"enrol", "--data", fresh(), "--name", "A"}, 1, "Start it once"},
		"no name":             {[]string{"enrol", "--data", dir}, 2, "--name NAME"},
		"name with a newline": {[]string{"enrol", "--data", dir, "--name", "A\nB"}, 2, "cannot be shown"},
		"no rep":              {[]string{"revoke-rep", "--data", dir}, 2, "number of the rep"},
		"unknown rep":         {[]string{"revoke-rep", "--data", dir, "99"}, 1, "no rep 99"},
		"bad address":         {[]string{"run", "--data", dir, "--listen", "4443"}, 2, "no address to listen on"},
		"bad relay address":   {[]string{"run", "--data", dir, "--turn", ":99999"}, 2, "no address to listen on"},
		"bad public":          {[]string{"run", "--data", dir, "--public", "https://x/"}, 2, "no host"},
		"bad relay url":       {[]string{"run", "--data", dir, "--relay-url", "stun:x", "--relay-secret-file", file}, 2, "no address of a relay"},
		"bad relay rate":      {[]string{"run", "--data", dir, "--relay-rate", "fast"}, 2, `"fast" is no rate`},
		"relay rate too low":  {[]string{"run", "--data", dir, "--relay-rate", "50K"}, 2, `"50K" is no rate`},
		"bad relay total":     {[]string{"run", "--data", dir, "--relay-total", "0"}, 2, `"0" is no rate`},
		"relay url alone":     {[]string{"run", "--data", dir, "--relay-url", "turn:x"}, 2, "go together"},
		"relay secret alone":  {[]string{"run", "--data", dir, "--relay-secret-file", file}, 2, "go together"},
		"too many relays":     {[]string{"run", "--data", dir, "--relay-url", strings.Repeat("turn:x,", 7) + "turn:y", "--relay-secret-file", file}, 2, "at most 6"},
		"empty relay secret":  {[]string{"run", "--data", fresh(), "--public", "127.0.0.1", "--relay-url", "turn:x", "--relay-secret-file", file}, 1, "cannot be read from " + file},
		"no relay secret":     {[]string{"run", "--data", fresh(), "--public", "127.0.0.1", "--relay-url", "turn:x", "--relay-secret-file", file + "x"}, 1, "cannot be read from"},
		"bad relay ip":        {[]string{"run", "--data", dir, "--relay-ip", "x"}, 2, "no IP address"},
		"key life too long":   {[]string{"run", "--data", dir, "--key-life", "25h"}, 2, "24 hours"},
		"none per address":    {[]string{"run", "--data", dir, "--per-address", "0"}, 2, "1 to 20000"},
		"certificate alone":   {[]string{"run", "--data", dir, "--cert", file}, 2, "go together"},
		"bad certificate": {
			[]string{"run", "--data", fresh(), "--public", "127.0.0.1", "--cert", file, "--key", file},
			1, "certificate cannot be used",
		},
		"port in use": {
			[]string{"run", "--data", fresh(), "--public", "127.0.0.1", "--listen", b.control, "--turn", "127.0.0.1:0"},
			1, "uses " + b.control + " already",
		},
		"relay's port in use": {
			[]string{"run", "--data", fresh(), "--public", "127.0.0.1", "--listen", "127.0.0.1:0", "--turn", b.turn},
			1, "uses " + b.turn + " already",
		},
		"name nobody knows": {
			[]string{"run", "--data", fresh(), "--public", "nobody.invalid", "--listen", "127.0.0.1:0"},
			1, "--relay-ip",
		},
	} {
		t.Run(name, func(t *testing.T) {
			out, notice, code := broker(t, c.args...)
			if code != c.code || !strings.Contains(notice, c.says) || out != "" {
				t.Errorf("code %d, out %q, says\n%s\nwant %d, %q", code, out, notice, c.code, c.says)
			}
		})
	}
	b.dial(wire.RoleCustomer) // all that did not disturb the one that runs
}

func TestHelpIsNoMistake(t *testing.T) {
	for _, args := range [][]string{{}, {"help"}, {"--help"}, {"run", "--help"}, {"site", "-h"}} {
		out, notice, code := broker(t, args...)
		if code != 0 || notice != "" || !strings.Contains(out, "data") {
			t.Errorf("%v: code %d, says %q %q", args, code, out, notice)
		}
	}
}

func TestPinAndNameStayOverARestart(t *testing.T) {
	dir := t.TempDir()
	b := start(t, dir, "127.0.0.1:0")
	if err := b.end(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	// The same folder again: everything is kept, so the pin is too.
	again := start(t, dir, "127.0.0.1:0")
	if again.pin != b.pin {
		t.Errorf("pin %s, before %s", again.pin, b.pin)
	}
	if out, _, code := broker(t, "site", "--data", dir); code != 0 || !strings.Contains(out, `"organisation":"Handrail"`) {
		t.Errorf("site says %q", out)
	}
	_, notice, code := broker(t, "site", "--data", t.TempDir())
	if code != 1 || !strings.Contains(notice, "Start it once") {
		t.Errorf("code %d, says %q", code, notice)
	}
}

func TestZ05NothingInTheBrokerStartsAProcess(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f",
		`{{$p := .}}{{range .Imports}}{{if eq . "os/exec"}}{{$p.ImportPath}} {{end}}{{end}}`, ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	// SQLite's C library has system(3), which nothing calls.
	if who := strings.Fields(string(out)); !slices.Equal(who, []string{"modernc.org/libc"}) {
		t.Errorf("os/exec is imported by %v", who)
	}
}
