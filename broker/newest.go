package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"handrail/broker/settings"
	"handrail/broker/store"
)

// newestWait bounds how long a page waits for the settings before it makes do
// with those it had.
const newestWait = 2 * time.Second

// newest are the settings as they are at this moment, whoever changed them.
type newest struct {
	kept *store.Store
	log  *slog.Logger

	mu      sync.Mutex
	set     settings.Settings
	version uint64
}

// readNewest begins with what is kept now, which may be nothing but defaults.
func readNewest(ctx context.Context, kept *store.Store, log *slog.Logger) (*newest, error) {
	set, version, err := kept.Settings(ctx)
	if err != nil {
		return nil, err
	}
	return &newest{kept: kept, log: log, set: set, version: version}, nil
}

// read gives them, and asks first whether there are others: one look-up by a
// key. With an error come those of before.
func (n *newest) read(ctx context.Context) (settings.Settings, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	version, err := n.kept.SettingsVersion(ctx)
	if err != nil || version == n.version {
		return n.set, err
	}
	set, version, err := n.kept.Settings(ctx)
	if err == nil {
		n.set, n.version = set, version
	}
	return n.set, err
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
