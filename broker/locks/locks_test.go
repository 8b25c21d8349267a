package locks

import (
	"bytes"
	"context"
	"encoding/base32"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail/broker/people"
)

func TestK01PasswordsAreKeptAsArgon2id(t *testing.T) {
	p := NewPasswords()
	phc, err := p.Hash(t.Context(), "nine purple kettles ﬁ")
	if err != nil || !strings.HasPrefix(phc, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("%s, %v", phc, err)
	}
	if again, _ := p.Hash(t.Context(), "nine purple kettles ﬁ"); again == phc {
		t.Error("no salt")
	}
	for password, want := range map[string]bool{"nine purple kettles ﬁ": true, "nine purple kettles fi": true, "nine purple kettle": false, "": false} {
		if right, stale, err := p.Check(t.Context(), phc, password); right != want || stale || err != nil {
			t.Errorf("%q: %v, stale %v, %v", password, right, stale, err)
		}
	}
	if right, _, err := p.Check(t.Context(), "", ""); right || err != nil {
		t.Errorf("no hash: %v, %v", right, err)
	}
}

// TestK01AnOldHashIsRightAndStale checks a hash by the reference program argon2
// (echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 -l 24, from its
// test.c).
func TestK01AnOldHashIsRightAndStale(t *testing.T) {
	p := NewPasswords()
	const old = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	if right, stale, err := p.Check(t.Context(), old, "password"); !right || !stale || err != nil {
		t.Errorf("right %v, stale %v, %v", right, stale, err)
	}
	if right, stale, err := p.Check(t.Context(), old, "passwort"); right || stale || err != nil {
		t.Errorf("another password: right %v, stale %v, %v", right, stale, err)
	}
}

func TestK01NoMoreHashesAtOnceThanCores(t *testing.T) {
	p := NewPasswords()
	for range runtime.NumCPU() {
		p.slots <- struct{}{} // all busy
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	gone := errors.New("gone")
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if _, err := p.Hash(ctx, "x"); !errors.Is(err, gone) {
				t.Error(err)
			}
		})
	}
	cancel(gone)
	wg.Wait()
}

func FuzzParse(f *testing.F) {
	f.Add("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")
	f.Add("$argon2id$v=19$m=4294967295,t=2,p=255$c29tZXNhbHQ$nf65")
	f.Fuzz(func(t *testing.T, phc string) {
		c, salt, sum, err := parse(phc)
		if err != nil {
			return
		}
		if spell(c.memory, c.time, c.lanes, salt, sum) != phc || c.memory > mostMemory || c.time > mostTime {
			t.Errorf("%q was taken", phc)
		}
	})
}

// TestK01CodesOfAnAuthenticatorApp uses the vectors of RFC 6238, appendix B
// (their last six digits).
func TestK01CodesOfAnAuthenticatorApp(t *testing.T) {
	secret := []byte("12345678901234567890")
	for at, code := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"} {
		now := time.Unix(at, 0)
		step, right := CheckTOTP(secret, code[:3]+" "+code[3:], 0, now)
		if !right || step != at/30 {
			t.Errorf("at %d: step %d, %v", at, step, right)
		}
		if _, right := CheckTOTP(secret, code, step, now); right {
			t.Errorf("at %d the code works twice", at)
		}
		for drift, want := range map[time.Duration]bool{-30 * time.Second: true, 30 * time.Second: true, -61 * time.Second: false, 61 * time.Second: false} {
			if _, right := CheckTOTP(secret, code, 0, now.Add(drift)); right != want && now.Add(drift).Unix() >= 0 {
				t.Errorf("at %d, clock wrong by %v: %v", at, drift, right)
			}
		}
	}
	for _, code := range []string{"", "28708", "2870822", "abcdef"} {
		if _, right := CheckTOTP(secret, code, 0, time.Unix(59, 0)); right {
			t.Errorf("%q is right", code)
		}
	}
}

func TestK01TheAddressForTheAppHoldsTheSecret(t *testing.T) {
	secret := NewTOTP()
	address, err := TOTPAddress("Grüner Zweig", "anna@example.org", secret)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/Grüner Zweig:anna@example.org" {
		t.Fatalf("%s, %v", address, err)
	}
	got, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(u.Query().Get("secret"))
	if err != nil || !bytes.Equal(got, secret) || len(secret) != 20 || u.Query().Get("issuer") != "Grüner Zweig" {
		t.Errorf("%s holds %x, %v", address, got, err)
	}
}

func TestK01RecoveryCodesAreReadAsTheyAreTyped(t *testing.T) {
	codes, hashes := NewRecoveryCodes()
	seen := map[string]bool{}
	for i, c := range codes {
		seen[c] = true
		typed := strings.ToLower(strings.ReplaceAll(c, "-", " "))
		typed = strings.ReplaceAll(strings.ReplaceAll(typed, "0", "o"), "1", "l")
		if people.CodeHash(typed) != hashes[i] {
			t.Errorf("%s typed as %s", c, typed)
		}
	}
	if len(seen) != RecoveryCodes || len(hashes) != RecoveryCodes {
		t.Errorf("%d different codes", len(seen))
	}
}

func TestK01TokensAreKeptAsHashes(t *testing.T) {
	a, hash := Token()
	b, _ := Token()
	if a == b || len(a) != 43 || TokenHash(a) != hash || strings.Contains(string(hash[:]), a) {
		t.Errorf("%s, %s", a, b)
	}
	if !Same([]byte(a), []byte(a)) || Same([]byte(a), []byte(b)) || Same(nil, []byte{0}) {
		t.Error("compared wrongly")
	}
}

func TestK01SealsHoldForOneRepAndOneKey(t *testing.T) {
	dir := t.TempDir()
	s, err := OpenSealer(dir)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(dir, sealName)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key is %v, %v", info, err)
	}
	again, err := OpenSealer(dir)
	if err != nil {
		t.Fatal(err)
	}
	sealed := s.Seal(7, []byte("secret"))
	if got, err := again.Open(7, sealed); err != nil || string(got) != "secret" {
		t.Errorf("after a restart %q, %v", got, err)
	}
	other, err := OpenSealer(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Clone(sealed)
	changed[len(changed)-1]++
	for name, open := range map[string]func() ([]byte, error){
		"another rep": func() ([]byte, error) { return s.Open(8, sealed) },
		"another key": func() ([]byte, error) { return other.Open(7, sealed) },
		"changed":     func() ([]byte, error) { return s.Open(7, changed) },
		"too short":   func() ([]byte, error) { return s.Open(7, sealed[:3]) },
	} {
		if got, err := open(); !errors.Is(err, ErrSeal) || got != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if bytes.Contains(sealed, []byte("secret")) || s.Subject("a", "bc") == s.Subject("ab", "c") ||
		s.Subject("name", "x") == other.Subject("name", "x") || s.Subject("name", "x") != again.Subject("name", "x") {
		t.Error("sealed or hidden badly")
	}
}

func TestK01TwoBrokersAtOnceAgreeOnOneKey(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	sealers := make([]*Sealer, 8)
	for i := range sealers {
		wg.Go(func() {
			var err error
			if sealers[i], err = OpenSealer(dir); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, s := range sealers {
		if s.Subject("", "x") != sealers[0].Subject("", "x") {
			t.Error("two keys")
		}
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("left behind: %v, %v", files, err)
	}
}
