//go:build linux

package e2e

import (
	"syscall"
	"testing"
)

// pid is the number of the person's program.
func (p *person) pid() int { return p.cmd.Process.Pid }

// signal sends the person's program a signal.
func (p *person) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// holdKeys has the rep, in control, hold keys down in the terminal on the
// customer's desktop.
func (h helped) holdKeys() {
	h.rep.t.Helper()
	h.clickAt(200, 200)
	h.rep.xdo("keydown", "Shift_L", "keydown", "b")
	h.customer.wait("keys to be held", func() bool { return h.customer.held() != "" })
}

// marked waits until the frame and the bar stand on the customer's screen.
func (h helped) marked() {
	h.customer.t.Helper()
	h.customer.wait("frame and bar", func() bool { return h.customer.marks(h.customer.pid()) >= 2 })
}

// unmarked waits until they are gone.
func (h helped) unmarked(pid int) {
	h.customer.t.Helper()
	h.customer.wait("frame and bar to go", func() bool { return h.customer.marks(pid) == 0 })
}

// TestAKilledCustomerClientLeavesNothingBehind kills the customer's program
// while the rep holds keys down on the shared screen.
func TestAKilledCustomerClientLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	var file string
	h := begin(t, terminal(&file))
	keymap := h.customer.keymap()
	h.grant("control")
	h.marked()
	h.holdKeys()

	pid := h.customer.pid()
	h.customer.kill(syscall.SIGKILL)
	h.customer.nothingLeft(pid)
	h.unmarked(pid)
	if now := h.customer.keymap(); now != keymap {
		t.Error("the customer's keyboard map is not as before")
	}
	h.rep.reads("status", "interrupted")
	h.rep.xdo("keyup", "b", "keyup", "Shift_L")

	// The rep can put an end to it, and help the next one.
	h.rep.click("end")
	h.rep.click("yes")
	h.rep.reads("lines", "You ended the session.")
	h.customer.client(h.broker)
	h.customer.enter(h.rep.makeKey(), "Maria")
	h.rep.accepts("Maria")
	h.customer.reads("screen", "session")
}

// TestAKilledConsoleEndsSharingAtOnce kills the console while it holds keys
// down. The customer sees it, nothing is shared any more, and what the customer
// writes is neither lost nor in the way of closing.
func TestAKilledConsoleEndsSharingAtOnce(t *testing.T) {
	t.Parallel()
	var file string
	h := begin(t, terminal(&file))
	h.grant("control")
	h.marked()
	h.holdKeys()

	rep := h.rep.pid()
	h.rep.kill(syscall.SIGKILL)
	h.customer.see("cut")
	h.customer.reads("banner", "interrupted")
	h.unmarked(h.customer.pid())
	h.customer.wait("every key to be let go", func() bool { return h.customer.held() == "" })
	h.rep.xdo("keyup", "b", "keyup", "Shift_L")
	h.rep.nothingLeft(rep)

	h.customer.says("Are you still there?")
	h.customer.reads("lines", "Are you still there?")
	pid := h.customer.pid()
	h.customer.closeWindow()
	h.customer.click("leave")
	h.customer.ended()
	h.customer.nothingLeft(pid)
}

// TestAProgramThatIsToldToEndSaysSo ends each program in turn as a desktop that
// shuts down does. The other side reads who ended the session.
func TestAProgramThatIsToldToEndSaysSo(t *testing.T) {
	t.Parallel()
	h := begin(t, nil)
	h.grant("view")
	h.marked()
	pid := h.customer.pid()
	h.customer.kill(syscall.SIGTERM)
	h.rep.reads("lines", "Maria ended the session.")
	h.rep.gone("viewer")
	h.customer.nothingLeft(pid)

	h.customer.client(h.broker)
	h.customer.enter(h.rep.makeKey(), "Maria")
	h.rep.accepts("Maria")
	h.customer.reads("screen", "session")
	rep := h.rep.pid()
	h.rep.kill(syscall.SIGTERM)
	h.customer.reads("screen", "ended")
	h.customer.reads("why", "Anna Weber ended the session.")
	h.rep.nothingLeft(rep)

	if !h.broker.end(syscall.SIGTERM) {
		t.Error("the broker failed instead of ending")
	}
}

// TestNoLineIsLostInAnInterruption stops the console for a while, as a machine
// that sleeps does. What the customer writes meanwhile arrives afterwards, and
// sharing goes on by itself: consent was given before.
func TestNoLineIsLostInAnInterruption(t *testing.T) {
	t.Parallel()
	h := begin(t, nil)
	h.grant("control")
	h.marked()
	h.rep.signal(syscall.SIGSTOP)
	h.customer.see("cut")
	h.unmarked(h.customer.pid())
	for _, line := range []string{"first", "second", "third"} {
		h.customer.says(line)
	}
	h.rep.signal(syscall.SIGCONT)
	h.rep.reads("lines", "first\nsecond\nthird\n")
	h.customer.gone("cut")
	h.marked()
	h.rep.wait("the customer's screen, live", h.same)
	h.chat("after the interruption")
}
