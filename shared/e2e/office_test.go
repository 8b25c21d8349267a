//go:build linux

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"handrail/broker/chromium"
)

const password = "a long walk by the sea"

// office is a broker with an administrator, Anna Weber, at a browser.
type office struct {
	*brokerRun
	desk *chromium.Window
}

func openOffice(t testing.TB) office {
	t.Helper()
	return staff(startBroker(t))
}

// staff gives a broker that runs its administrator.
func staff(b *brokerRun) office {
	t := b.t
	t.Helper()
	o := office{brokerRun: b}
	o.desk = chromium.Open(t, o.https)
	o.desk.Go("/login/first")
	o.desk.Type("#f-code", o.tell("first-admin"))
	o.desk.Follow("main form button")
	o.desk.Type("#f-name", "Anna Weber")
	o.desk.Type("#f-mail", "anna@example.org")
	o.desk.Type("#f-new", password)
	o.desk.Type("#f-again", password)
	o.desk.Follow("main form button")
	return o
}

// team makes a team, which gets a number, of reps by their numbers.
func (o office) team(number int, name string, reps ...int) {
	o.t.Helper()
	o.desk.Go("/login/teams/new")
	o.desk.Type("#f-name", name)
	for _, rep := range reps {
		o.desk.Click(fmt.Sprintf(`[name=add][value="%d"]`, rep))
	}
	o.desk.Follow("main .buttons button")
	o.desk.Wait(fmt.Sprintf(`form[action="/login/teams/%d"]`, number))
}

// quiet fails if the browser has complained about the pages.
func (o office) quiet() {
	o.t.Helper()
	if said := o.desk.Said(); len(said) > 0 {
		o.t.Errorf("the browser complains: %q", said)
	}
}

// console opens a console that logs in with the administrator's browser.
func (o office) console(p *person) {
	p.t.Helper()
	o.consoleOf(p, o.site())
}

// consoleOf is console with another site file.
func (o office) consoleOf(p *person, site string) {
	p.t.Helper()
	p.open("rep-console", "--site", site, "--data", filepath.Join(p.home, "console"))
	p.click("log-in")
	p.photo("log-in")
	var page string
	p.wait("the address to log in at", func() bool {
		page = p.read().Things["login-url"].Text
		return page != ""
	})
	o.desk.Go(strings.TrimPrefix(page, o.https))
	o.desk.WaitText(p.see("login-code").Text)
	o.desk.Follow(`[value="allow"] + button`)
	p.see("new-key")
}

// apply has the broker take settings as a file.
func (b *brokerRun) apply(text string) {
	b.t.Helper()
	b.tell("apply", "--yes", b.file(text))
}

// file is a file with a text.
func (b *brokerRun) file(text string) string {
	b.t.Helper()
	name := filepath.Join(b.t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
	return name
}

// tellsProblem says in a browser on the portal what is wrong with the printer,
// and gives the code with which the program takes the place in the queue.
func tellsProblem(visitor *chromium.Window, name, problem string) (code string) {
	visitor.Go("/")
	visitor.Choose("#f-about", "issue:printer")
	visitor.Type("#f-name", name)
	visitor.Type("#f-description", problem)
	visitor.Follow("form[action='/issue'] button")
	return strings.Join(strings.Fields(visitor.Text(".digits")), "")
}

// joins opens the customer's program as a handrail: link on a page does.
func (p *person) joins(b *brokerRun, code string) {
	p.t.Helper()
	p.open("customer-client", "--site", b.site(), "--data", filepath.Join(p.home, "client"), "handrail:"+code)
}

// picks has the rep look at a customer who waits. Above may be some who wait no
// more: the list keeps still where the pointer is.
func (p *person) picks(name string) {
	p.t.Helper()
	row := ""
	p.wait(name+" in the list", func() bool {
		for thing, x := range p.read().Things {
			if strings.HasPrefix(thing, "waiter-") && x.Text == name {
				row = thing
				return true
			}
		}
		return false
	})
	p.click(row)
	p.reads("picked", name)
}

// opened are the addresses that the person's programs have opened in a browser.
func (p *person) opened() string { return read(p.browser()) }

func (p *person) browser() string { return filepath.Join(p.home, "opened") }

// pretendBrowser has programs that open an address in the browser write it into
// a file instead.
func (p *person) pretendBrowser() {
	p.t.Helper()
	script := fmt.Sprintf("#!/bin/sh\necho \"$1\" >> '%s'\n", p.browser())
	if err := os.WriteFile(filepath.Join(p.home, "xdg-open"), []byte(script), 0o700); err != nil {
		p.t.Fatal(err)
	}
}
