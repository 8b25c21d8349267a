package courier

import (
	"context"
	"log/slog"
	"path/filepath"

	"handrail/shared/files"
	"handrail/shared/session"
	"handrail/shared/wire"
)

// Move carries out what the session decides about transfers: session.Begin,
// Quit and NotOffered.
func (c *Courier) Move(f session.Effect) {
	switch f := f.(type) {
	case session.Begin:
		c.begin(f.Transfer)
	case session.Quit:
		c.quit(f.ID, f.Keep)
	case session.NotOffered:
		c.cfg.NotOffered(f.Name, f.Why)
	}
}

// Offer looks through what a person chose on this machine's disk, one after
// the other, and offers it. It returns at once.
func (c *Courier) Offer(places []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.laterLocked(func(ctx context.Context) {
		for _, place := range places {
			if why := c.offer(ctx, place); why != 0 && ctx.Err() == nil {
				c.cfg.NotOffered(filepath.Base(place), why)
			}
		}
	})
}

// offer gives why something can't be offered, or 0.
func (c *Courier) offer(ctx context.Context, place string) wire.HaltWhy {
	t, err := c.cfg.Disk.Look(ctx, place)
	if err != nil {
		slog.Warn("looking through what is to be offered", "err", err)
		return files.Why(err, wire.HaltUnreadable)
	}
	if !c.cfg.Do(session.Offer{Place: t.Place, Name: t.Name, Size: t.Size, Items: t.Items, Folder: t.Folder}) {
		return wire.HaltFull
	}
	return 0
}

// noDisk is the disk of a program that has none.
type noDisk struct{}

func (noDisk) Look(context.Context, string) (files.Thing, error) {
	return files.Thing{}, files.ErrUnreadable
}

func (noDisk) Open(context.Context, string) (files.Source, error) { return nil, files.ErrUnreadable }

func (noDisk) Keep(context.Context, files.Thing) (files.Sink, error) { return nil, files.ErrUnwritable }
