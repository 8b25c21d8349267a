package main

import (
	"context"
	"log/slog"

	"fyne.io/fyne/v2"

	"handrail/shared/clip"
	"handrail/shared/wire"
)

// openClipboard finds the clipboard, nil where it can't be shared. Nobody looks
// at it yet.
func (d *desk) openClipboard() {
	b, err := clip.Open("")
	if err != nil {
		slog.Warn("the clipboard can't be shared", "err", err)
		return
	}
	d.clip = b
}

func (d *desk) closeClipboard() {
	if d.clip != nil {
		d.clip.Close()
	}
}

// copy puts text on the clipboard. It may be a session key: what package clip
// puts there is told to no customer, and clipboard managers don't keep it.
func (d *desk) copy(text string) {
	if d.clip != nil {
		forms := []wire.ClipForm{{Format: wire.ClipText, Size: uint64(len(text))}}
		_, err := d.clip.Offer(forms, func(context.Context, wire.ClipFormat) ([]byte, error) { return []byte(text), nil })
		if err == nil {
			return
		}
		slog.Warn("copying", "err", err)
	}
	fyne.Do(func() { d.app.Clipboard().SetContent(text) })
}
