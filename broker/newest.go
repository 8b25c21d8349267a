package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"handrail/broker/settings"
)

// newestWait bounds how long a page waits for the settings before it makes do
// with those it had.
const newestWait = 2 * time.Second

// keptSettings is what newest reads from.
type keptSettings interface {
	SettingsVersion(context.Context) (uint64, error)
	Settings(context.Context) (settings.Settings, uint64, error)
}

// newest are the settings as they are at this moment, whoever changed them.
type newest struct {
	kept keptSettings
	log  *slog.Logger

	mu      sync.Mutex // guards the following, and is held for no longer than that
	set     settings.Settings
	version uint64
}

// readNewest begins with what is kept now, which may be nothing but defaults.
func readNewest(ctx context.Context, kept keptSettings, log *slog.Logger) (*newest, error) {
	set, version, err := kept.Settings(ctx)
	if err != nil {
		return nil, err
	}
	return &newest{kept: kept, log: log, set: set, version: version}, nil
}

// read gives them, and asks first whether there are others: one look-up by a
// key. With an error come those of before.
func (n *newest) read(ctx context.Context) (settings.Settings, error) {
	set, had := n.known()
	version, err := n.kept.SettingsVersion(ctx)
	if err != nil || version == had {
		return set, err
	}
	now, version, err := n.kept.Settings(ctx)
	if err != nil {
		return set, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.set, n.version = now, version // where two read at once the next one mends it
	return now, nil
}

func (n *newest) known() (settings.Settings, uint64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.set, n.version
}

// get is read for pages that go on with what they had.
func (n *newest) get() settings.Settings {
	ctx, cancel := context.WithTimeout(context.Background(), newestWait)
	defer cancel()
	set, err := n.read(ctx)
	if err != nil {
		n.log.Warn("settings not read, going on with those before", "error", err)
	}
	return set
}
