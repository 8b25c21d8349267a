package relay

import (
	"context"
	"time"
)

// Retention is a store that lets old records go.
type Retention interface {
	// Expire deletes the records of sessions that came before then, at most
	// limit, and says how many.
	Expire(ctx context.Context, before time.Time, limit int) (int, error)
}

const (
	// retaining is how often it is looked for old records. They are kept for
	// whole days.
	retaining = 10 * time.Minute

	// expiring is how many go in one write, which delays everybody else's by
	// some 20 ms, and expirePause is how long the others have in between.
	expiring    = 50
	expirePause = 200 * time.Millisecond
)

// retain lets records go that are older than the organisation wants them (row
// T01), until ctx ends. Several brokers may do so at the same time.
func (r *Relay) retain(ctx context.Context) {
	look := time.NewTicker(retaining)
	defer look.Stop()
	for {
		if err := r.expire(ctx); err != nil && ctx.Err() == nil {
			r.config.Log.Warn("old records of sessions stay", "error", err)
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return
		}
	}
}

func (r *Relay) expire(ctx context.Context) error {
	set, _, err := r.store.Settings(ctx)
	if err != nil || set.Records.Days <= 0 {
		return err
	}
	before := time.Now().AddDate(0, 0, -set.Records.Days)
	pause := time.NewTicker(expirePause)
	defer pause.Stop()
	for {
		n, err := r.store.Expire(ctx, before, expiring)
		if err != nil || n < expiring {
			return err
		}
		select {
		case <-pause.C:
		case <-ctx.Done():
			return nil
		}
	}
}
