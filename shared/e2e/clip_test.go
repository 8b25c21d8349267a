//go:build linux

package e2e

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// ways are the items of the clipboard's menu, counted from 1.
const (
	clipOff  = 1
	clipBoth = 2
	clipOut  = 4 // from the customer only
)

// shares picks how the clipboard is to be shared.
func (p *person) shares(item int) {
	p.t.Helper()
	p.click("clipboard")
	p.see("tool-menu")
	for range item {
		p.keys("Down")
	}
	p.photo("clip-menu")
	p.keys("Return")
	p.gone("tool-menu")
}

// copies copies something with another program.
func (p *person) copies(target string, data []byte) {
	p.t.Helper()
	file := filepath.Join(p.home, "copied")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		p.t.Fatal(err)
	}
	p.screen.Run("sh", "-c", `xclip -selection clipboard -t "$1" -i "$2" >/dev/null 2>&1`, "sh", target, file)
}

// pastes pastes with another program; nothing where there is nothing.
func (p *person) pastes(target string) []byte {
	data, err := p.screen.Command(p.t.Context(), "xclip", "-selection", "clipboard", "-t", target, "-o").Output()
	if err != nil {
		return nil
	}
	return data
}

// answered waits until each has read what the other wrote: whatever was to be
// said before has been said.
func (h helped) answered(word string) {
	h.rep.t.Helper()
	h.rep.says(word + " from the rep")
	h.customer.reads("lines", word+" from the rep")
	h.customer.says(word + " from the customer")
	h.rep.reads("lines", word+" from the customer")
}

// TestS09WhatOneCopiesTheOtherPastes copies and pastes in both directions, with
// the programs people use, as far as the customer allows it and no further.
func TestS09WhatOneCopiesTheOtherPastes(t *testing.T) {
	t.Parallel()
	var file string
	h := begin(t, notes(&file))
	rep, customer := h.rep, h.customer
	h.grant("control")

	customer.copies("UTF8_STRING", []byte("private"))
	rep.copies("UTF8_STRING", []byte("not yet"))
	h.answered("one")
	if got := rep.clipboard(); got != "not yet" {
		t.Errorf("without permission the rep pastes %q", got)
	}

	rep.shares(clipBoth)
	customer.see("allow")
	customer.photo("clip-1-the-question")
	rep.photo("clip-1-the-question")
	customer.click("allow")
	customer.reads("lines", "can paste what you copy")
	rep.reads("lines", "The clipboard is shared")
	customer.wait("what the rep copied before", func() bool { return customer.clipboard() == "not yet" })
	if got := rep.clipboard(); got != "not yet" {
		t.Errorf("what the customer copied before: %q", got)
	}
	rep.photo("clip-2-shared")
	customer.photo("clip-2-shared")

	// Text, both ways, through an editor that is controlled.
	h.clickAt(300, 300)
	const text = "Good morning from here"
	rep.types(text)
	rep.keys("ctrl+s", "ctrl+a", "ctrl+c")
	rep.wait("what was copied in the customer's editor", func() bool { return rep.clipboard() == text })
	rep.copies("UTF8_STRING", []byte("from the rep's own desktop\nin two lines"))
	rep.keys("ctrl+a")
	customer.wait("what the rep copied", func() bool { return strings.HasPrefix(customer.clipboard(), "from the rep's own") })
	rep.keys("ctrl+v", "ctrl+s")
	customer.wait("it in the file", func() bool { return read(file) == "from the rep's own desktop\nin two lines" })

	// Formatted text and a large picture.
	customer.copies("text/html", []byte("<b>Grüße</b>"))
	rep.wait("the formatted text", func() bool { return string(rep.pastes("text/html")) == "<b>Grüße</b>" })
	var picture bytes.Buffer
	if err := png.Encode(&picture, customer.look()); err != nil {
		t.Fatal(err)
	}
	picture.Write(make([]byte, 3<<20)) // decoders don't look behind the end
	rep.copies("image/png", picture.Bytes())
	customer.wait("the picture", func() bool { return bytes.Equal(customer.pastes("image/png"), picture.Bytes()) })

	// Only one way, and then none at all.
	rep.shares(clipOut)
	rep.reads("lines", "can no longer be pasted")
	customer.wait("the rep's picture to be gone", func() bool { return customer.pastes("image/png") == nil })
	rep.copies("UTF8_STRING", []byte("stays with the rep"))
	h.answered("two")
	if got := customer.clipboard(); got != "" {
		t.Errorf("one way only, and the customer pastes %q", got)
	}
	customer.copies("UTF8_STRING", []byte("the last"))
	rep.wait("what the customer copied", func() bool { return rep.clipboard() == "the last" })
	customer.click("stop")
	rep.wait("it to be gone", func() bool { return rep.clipboard() == "" })
	customer.copies("UTF8_STRING", []byte("private again"))
	h.answered("three")
	if got := rep.clipboard(); got != "" {
		t.Errorf("after STOP SHARING the rep pastes %q", got)
	}
	rep.photo("clip-3-stopped")
}

// A session key is a secret between a rep and one customer: what the console
// copies is told to no other customer.
func TestS09ASessionKeyIsToldToNoOtherCustomer(t *testing.T) {
	t.Parallel()
	h := begin(t, nil)
	h.grant("view")
	h.rep.shares(clipBoth)
	h.customer.click("allow")
	h.rep.copies("UTF8_STRING", []byte("for the customer"))
	h.customer.wait("what the rep copied", func() bool { return h.customer.clipboard() == "for the customer" })
	key := h.rep.makeKey()
	h.rep.wait("the session to be in front again", func() bool {
		_, ok := h.rep.read().Things["clipboard"]
		return ok
	})
	h.answered("one")
	if got := h.customer.clipboard(); got == key || strings.Contains(got, "·") {
		t.Errorf("the customer pastes %q", got)
	}
	h.rep.copies("UTF8_STRING", []byte("for the customer again"))
	h.customer.wait("what the rep copied", func() bool { return h.customer.clipboard() == "for the customer again" })
}
