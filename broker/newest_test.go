package main

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"handrail/broker/settings"
)

// mute is a store that has settings and then says nothing any more.
type mute struct{ version uint64 }

func (m *mute) SettingsVersion(ctx context.Context) (uint64, error) {
	<-ctx.Done()
	return 0, ctx.Err()
}

func (m *mute) Settings(context.Context) (settings.Settings, uint64, error) {
	return settings.Default("Helpers"), m.version, nil
}

// One request without a time limit must not hold up the others.
func TestA05NoPageWaitsLongForASilentStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, err := readNewest(t.Context(), &mute{version: 3}, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() { _, _ = n.read(ctx) }()
		synctest.Wait()
		if !n.mu.TryLock() { // a bubble's clock does not pass while somebody waits for it
			t.Fatal("what is known is held meanwhile")
		}
		n.mu.Unlock()
		time.AfterFunc(time.Hour, cancel) // the bubble's clock
		began := time.Now()
		if s := n.get(); len(s.Portals) == 0 {
			t.Error("no settings")
		}
		if took := time.Since(began); took > newestWait {
			t.Errorf("it took %v", took)
		}
	})
}
