//go:build linux

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"handrail/broker/chromium"
)

// startBrokers starts two brokers that share a database, and staffs the first.
func startBrokers(t *testing.T) (a office, b *brokerRun) {
	t.Helper()
	shared := "HANDRAIL_DATABASE=" + server.Database(t)
	first, b := newBroker(t, shared), newBroker(t, shared)
	first.start()
	a = staff(first)
	a.team(1, "Printers", 1)
	a.apply(plain)
	if err := os.CopyFS(b.data, os.DirFS(a.data)); err != nil {
		t.Fatal(err)
	}
	b.start()
	return a, b
}

// byName has site files lead to this broker, by another name than its own.
func (b *brokerRun) byName() string {
	b.t.Helper()
	_, port, _ := strings.Cut(b.control, ":")
	return "localhost:" + port
}

// siteOf is the site file that leads to an address.
func (b *brokerRun) siteOf(address string) string {
	b.t.Helper()
	told := b.tell("site")
	_, rest, _ := strings.Cut(told, `"broker":`)
	_, rest, _ = strings.Cut(rest, `"`)
	was, _, _ := strings.Cut(rest, `"`)
	name := filepath.Join(b.t.TempDir(), "site.json")
	if err := os.WriteFile(name, []byte(strings.Replace(told, was, address, 1)), 0o600); err != nil {
		b.t.Fatal(err)
	}
	return name
}

// waitsAt says on a broker's portal what is wrong, and opens the program, which
// knows another broker.
func (p *person) waitsAt(there, known *brokerRun, name string) {
	p.t.Helper()
	code := tellsProblem(chromium.Open(p.t, there.https), name, "The printer hums and prints nothing.")
	p.open("customer-client", "--site", known.siteOf(known.control), "--data", filepath.Join(p.home, "client"), "handrail:"+code)
	p.reads("screen", "waiting")
}

// takes has the rep take somebody who waits.
func (p *person) takes(customer *person, name string) {
	p.t.Helper()
	if _, others := p.read().Things["tab-1"]; others {
		p.click("start")
	}
	p.picks(name)
	p.click("queue-accept")
	customer.reads("screen", "session")
	p.reads("peer", name)
	helped{rep: p, customer: customer}.chat("with " + name)
}

// TestZ05OneConsoleSeesWhoWaitsAtTwoBrokers: customers come by two brokers that
// share a database, and stand in one list. The broker that the console knows is
// killed: sessions go on, who waits comes back at the other, and is taken. Once
// it is there again, both serve.
func TestZ05OneConsoleSeesWhoWaitsAtTwoBrokers(t *testing.T) {
	t.Parallel()
	a, b := startBrokers(t)
	rep := sit(t, "rep", "1400x900")
	a.consoleOf(rep, a.siteOf(a.byName()))
	maria, jonas, lena := sit(t, "maria", "800x760"), sit(t, "jonas", "800x760"), sit(t, "lena", "800x760")
	maria.waitsAt(a.brokerRun, b, "Maria")
	jonas.waitsAt(b, b, "Jonas")
	rep.reads("queue", "Maria, Jonas")
	rep.photo("several-list")
	rep.takes(maria, "Maria")
	rep.click("start")
	rep.click("queue-next")
	jonas.reads("screen", "session")
	rep.reads("tab-2", "Jonas")
	lena.waitsAt(a.brokerRun, b, "Lena")
	rep.click("start")
	rep.reads("queue", "Lena")

	a.kill()
	rep.click("tab-1")
	helped{rep: rep, customer: maria}.chat("the broker is away")
	rep.click("tab-2")
	helped{rep: rep, customer: jonas}.chat("the other is there")
	rep.reads("sign-in", "in")
	rep.photo("several-lost")
	rep.takes(lena, "Lena")
	rep.photo("several-taken-over")

	a.start()
	paul := sit(t, "paul", "800x760")
	paul.waitsAt(a.brokerRun, b, "Paul")
	rep.takes(paul, "Paul")
	rep.reads("sign-in", "in")
	rep.click("tab-1")
	helped{rep: rep, customer: maria}.chat("the broker is back")
	rep.photo("several-back")
}
