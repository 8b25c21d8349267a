//go:build linux

package e2e

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite"
)

// Both sentences are the product's; they stand here once more because who gets
// a key wrong must read the very same, whatever is wrong with it.
const (
	keyDoesNotWork = "This session key does not work."
	keyIsBurnt     = "was entered wrongly three times"
)

// client opens the customer's program.
func (p *person) client(b *brokerRun) {
	p.t.Helper()
	p.open("customer-client", "--site", b.site(), "--data", filepath.Join(p.home, "client"))
}

// accepts takes a session that waits, whatever the console shows.
func (p *person) accepts(name string) {
	p.t.Helper()
	p.reads("waits", name)
	p.keys("ctrl+Return")
}

// turnedDown tries a key and reads why it does not work. What was typed is
// still there.
func (p *person) turnedDown(key, why string) {
	p.t.Helper()
	p.enter(key, "Maria")
	p.reads("problem", why)
	p.reads("screen", "form")
	for field, want := range map[string]string{"code": strings.Map(digits, key), "name": "Maria"} {
		p.click(field)
		p.keys("ctrl+a", "ctrl+c")
		p.wait(field+" as it was typed", func() bool {
			got := p.clipboard()
			return got == want || strings.Map(digits, got) == want
		})
	}
	p.reads("problem", why)
}

// other is a key that differs from key in its first or in its last digit.
func other(key string, at int) string {
	d := []byte(strings.Map(digits, key))
	d[at] = '0' + (d[at]-'0'+1)%10
	return string(d)
}

// TestP03AKeyThatDoesNotWorkGetsOneMessage tries a number that nobody has and
// keys that were revoked, used and too old: who has one can't tell which it is.
func TestP03AKeyThatDoesNotWorkGetsOneMessage(t *testing.T) {
	t.Parallel()
	b := startBroker(t)
	rep, customer, second := sit(t, "rep", "1400x900"), sit(t, "customer", "800x760"), sit(t, "second", "800x760")
	rep.work(b)
	customer.client(b)

	revoked := rep.makeKey()
	customer.turnedDown(other(revoked, 0), keyDoesNotWork)
	rep.click("revoke")
	rep.click("yes")
	rep.gone("copy-key")
	customer.turnedDown(revoked, keyDoesNotWork)

	used := rep.makeKey()
	customer.enter(used, "Maria")
	rep.click("accept")
	customer.reads("screen", "session")
	second.client(b)
	second.turnedDown(used, keyDoesNotWork)
	rep.keys("ctrl+w")
	rep.click("yes")
	customer.click("again")
	customer.turnedDown(used, keyDoesNotWork)

	// A key lives a minute at least. Instead of waiting for it, the broker is
	// switched off for longer than the key's life: that is what its store says
	// when its time is put back.
	old := rep.makeKey()
	b.kill()
	b.later(old)
	b.start()
	rep.gone("copy-key")
	second.turnedDown(old, keyDoesNotWork)
}

// later makes it later for one key, while the broker is off.
func (b *brokerRun) later(key string) {
	b.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(b.data, "broker.db"))
	if err != nil {
		b.t.Fatal(err)
	}
	defer db.Close()
	done, err := db.ExecContext(b.t.Context(), `update keys set expires = made where number = ? and state = 1`,
		strings.Map(digits, key)[:6])
	if err != nil {
		b.t.Fatal(err)
	}
	if n, err := done.RowsAffected(); n != 1 || err != nil {
		b.t.Fatalf("%d keys made older, %v", n, err)
	}
}

// TestP03ThreeWrongSecretsBurnAKeyOnBothSides gets the secret wrong three
// times. Then the right one is no use any more: not to the program that counted
// along, nor to a fresh one.
func TestP03ThreeWrongSecretsBurnAKeyOnBothSides(t *testing.T) {
	t.Parallel()
	b := startBroker(t)
	rep, customer := sit(t, "rep", "1400x900"), sit(t, "customer", "800x760")
	rep.work(b)
	customer.client(b)
	key := rep.makeKey()
	customer.turnedDown(other(key, 11), keyDoesNotWork)
	customer.turnedDown(other(key, 10), keyDoesNotWork)
	rep.see("copy-key")
	customer.turnedDown(other(key, 9), keyIsBurnt)
	rep.gone("copy-key")
	customer.turnedDown(key, keyIsBurnt)

	pid := customer.cmd.Process.Pid
	customer.closeWindow()
	customer.ended()
	customer.nothingLeft(pid)
	customer.client(b)
	customer.turnedDown(key, keyDoesNotWork)
}
